import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../tools/program";

const CLI = "dist/cli/main.js";
const root = join(import.meta.dirname, "..", "..");
const fixture = (name: string) => join(root, "test", "fixtures", `${name}.tfstate`);
const sid = (prefix: string, count: number) => `${prefix}${count.toString(16).padStart(32, "0")}`;

describe("twilio-conversations export --from-tfstate", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-tfstate-"));
    // It needs no credentials: it reads the file only.
    env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The files of a project, joined. */
  async function exported(state: string, out: string) {
    const { code, stdout, stderr } = await run(CLI, ["export", "--from-tfstate", state, "--out", out, "--json"], env, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const told = JSON.parse(stdout) as {
      accountSid?: string;
      files: string[];
      resources: object;
      leftOut: { what: string; count: number }[];
    };
    const texts = await Promise.all(
      told.files.filter((name) => name.endsWith(".ts")).map((name) => readFile(join(folder, out, name), "utf8")),
    );
    return { ...told, text: texts.join("") };
  }

  it("reads a state of RJPearson94/twilio, with Terraform's names and the timers that Twilio does not report", async () => {
    const { text, accountSid, resources, leftOut } = await exported(fixture("rjpearson94"), "rj");
    expect(accountSid).toBe(sid("AC", 1));
    expect(resources).toEqual({ PhoneNumber: 1, ConversationService: 1, Conversation: 3 });
    expect(text).toContain(`new PhoneNumber("front-desk", {
  adopt: "+14155550101",
  friendlyName: "Front desk",
  smsUrl: "https://example.com/sms",
  smsMethod: "GET",
  voiceUrl: "https://example.com/voice",
  voiceCallerIdLookup: true,
  statusCallback: "https://example.com/status",
});`);
    expect(text).toContain(`new Conversation("hello-0", {
  adopt: "${sid("CH", 1)}",
  service: support,
  friendlyName: "My First Conversation",
  uniqueName: "hello",
  attributes: { topic: "billing" },
  messagingServiceSid: "${sid("MG", 1)}",
  timers: { inactive: "PT1H", closed: "P7D" },
});`);
    // Its service is not in the state.
    expect(text).toMatch(
      new RegExp(`new Conversation\\("chat-eu-elsewhere-a-b", \\{\\s+adopt: "${sid("CH", 4)}",\\s+service: "${sid("IS", 2)}"`),
    );
    expect(leftOut.map(({ what, count }) => [what, count])).toEqual([
      ["closed conversations (twilio_conversations_conversation)", 1],
      // The state has no type of the role.
      ["roles", 1],
    ]);
  });

  it("reads a state of twilio/twilio, including participants, and lists the rest", async () => {
    const { text, resources, leftOut } = await exported(fixture("twilio"), "tw");
    expect(resources).toEqual({ PhoneNumber: 1, ConversationService: 1, Conversation: 2, Participant: 3, MessagingService: 1 });
    expect(text).toContain(`new MessagingService("out", { adopt: "${sid("MG", 2)}", friendlyName: "Out" });`);
    expect(text).toContain(`new PhoneNumber("hotline", {
  adopt: "+14155550102",
  smsUrl: config.requireSecret("hotline-sms-url"),
});`);
    expect(text).toContain(`new Participant("phone", {
  adopt: "${sid("MB", 1)}",
  conversation: hello,
  sms: { address: "+15558675310", proxyAddress: hotline.phoneNumber },
  roleSid: "${sid("RL", 1)}",
});`);
    expect(text).toContain('identity: "testPineapple"');
    expect(text).toContain(`conversation: plain,
  whatsapp: {
    address: "whatsapp:+15558675310",
    proxyAddress: interpolate\`whatsapp:\${hotline.phoneNumber}\`,
  },`);
    // In the account's default service, which needs no name.
    expect(text).toMatch(new RegExp(`new Conversation\\("plain", \\{\\s+adopt: "${sid("CH", 2)}",\\s+uniqueName: "plain"`));
    expect(Object.fromEntries(leftOut.map(({ what, count }) => [what, count]))).toEqual({
      twilio_api_accounts_keys: 1,
      "twilio_conversations_conversations_participants_v1 of other conversations": 1,
    });
  });

  it("writes programs that compile", async () => {
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const { compilerOptions } = JSON.parse(await readFile(join(folder, "tw", "tsconfig.json"), "utf8"));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["rj/index.ts", "tw/index.ts"] }));
    await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder]).catch((error) => {
      throw new Error(error.stdout);
    });
  });

  it("reports what it cannot read", async () => {
    const refused = async (text: string) => {
      await writeFile(join(folder, "odd.tfstate"), text);
      const { code, stderr } = await run(CLI, ["export", "--from-tfstate", "odd.tfstate"], env, folder);
      expect(code).toBe(1);
      return stderr;
    };
    expect(await refused("no JSON")).toMatch(/^error: odd\.tfstate cannot be read as a Terraform state: /);
    expect(await refused('{"version": 3, "modules": []}')).toMatch(/^error: odd\.tfstate is not a Terraform state of version 4/);
    const state = JSON.parse(await readFile(fixture("rjpearson94"), "utf8"));
    state.resources[0].instances[0].attributes.account_sid = sid("AC", 2);
    expect(await refused(JSON.stringify(state))).toMatch(/^error: odd\.tfstate is about several accounts/);
    // The SID is written into a comment and into YAML.
    for (const { instances } of state.resources)
      for (const { attributes } of instances) if ("account_sid" in attributes) attributes.account_sid = "AC1\nthrow new Error()";
    expect(await refused(JSON.stringify(state))).toMatch(
      /^error: odd\.tfstate names the account "AC1\\nthrow new Error\(\)", which is not a SID/,
    );
  });
});
