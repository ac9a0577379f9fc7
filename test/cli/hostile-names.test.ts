/** Names that chat users, Terraform states and Twilio's responses contain, in what the commands print and write. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { emulatorClient } from "../engine/twilio";
import { run } from "../tools/program";

const CLI = "dist/cli/main.js";
const hostile = "x\u001b[2J\u009b31m\u202e\n::error::pwned\r##[error]y";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e]|^\s*::|##\[/m;

let folder: string;
let emulator: Emulator;
let env: NodeJS.ProcessEnv;
let service: string;
let conversation: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "twilio-hostile-"));
  emulator = await startEmulator();
  const { services } = emulatorClient(emulator).client.conversations.v1;
  service = (await services.create({ friendlyName: hostile })).sid;
  conversation = (
    await services(service).conversations.create({ friendlyName: hostile, attributes: JSON.stringify({ [hostile]: hostile }) })
  ).sid;
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
  const { url, accountSid, authToken } = emulator;
  env = { ...own, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url, HOME: folder };
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a hostile name", () => {
  it("is inert in an exported program, printed and written, and keeps its meaning", async () => {
    const printed = await run(CLI, ["export"], env, folder);
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain("pwned");
    expect(printed.stdout + printed.stderr).not.toMatch(obeyed);
    const { code, stdout, stderr } = await run(CLI, ["export", "--out", "program"], env, folder);
    expect({ code, text: stdout + stderr }).toEqual({ code: 0, text: expect.not.stringMatching(obeyed) });
    const files = (await readdir(join(folder, "program"))).filter((name) => !name.startsWith("."));
    const text = (await Promise.all(files.map((name) => readFile(join(folder, "program", name), "utf8")))).join("\n");
    expect(text).not.toMatch(obeyed);
    const literal = /friendlyName: ("x.*")/.exec(text)?.[1];
    expect(JSON.parse(literal ?? "null")).toBe(hostile);
  });

  it("is inert in the type of a Terraform state's resource", async () => {
    const state = join(folder, "hostile.tfstate");
    const instances = [{ attributes: { sid: `CH${"0".repeat(32)}`, account_sid: emulator.accountSid } }];
    const resources = [{ mode: "managed", type: `twilio_${hostile}<b>|`, name: hostile, instances }];
    await writeFile(state, JSON.stringify({ version: 4, resources }));
    for (const args of [[], ["--out", "terraform"], ["--out", "again", "--json"]]) {
      const { code, stdout, stderr } = await run(CLI, ["export", "--from-tfstate", state, ...args], env, folder);
      expect(code, stderr).toBe(0);
      expect(stdout + stderr).not.toMatch(obeyed);
    }
    const readme = await readFile(join(folder, "terraform", "README.md"), "utf8");
    expect(readme).toContain("pwned");
    expect(readme).not.toMatch(obeyed);
    expect(readme).not.toContain("<b>");
  });

  it("is inert in an error of Twilio that a command prints", async () => {
    const twilio = createServer((_request, response) => {
      const body = { code: 50353, message: `Conversation ${hostile} exists`, more_info: hostile, status: 409 };
      response.writeHead(409, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    const url = await new Promise<string>((resolve) => {
      twilio.once("listening", () => resolve(`http://127.0.0.1:${(twilio.address() as AddressInfo).port}`));
    });
    const { code, stdout, stderr } = await run(
      CLI,
      ["archive", "--service", service, "--out", "a"],
      { ...env, TWILIO_BASE_URL: url },
      folder,
    );
    twilio.close();
    expect(code).toBe(1);
    expect(stderr).toContain("pwned");
    expect(stdout + stderr).not.toMatch(obeyed);
  });
});

describe("a hostile SID", () => {
  it.each([
    ["of a conversation", { sid: "../../escaped" }],
    ["of a service", { chat_service_sid: "../Evil" }],
  ])("%s is no file name and no path", async (_what, changes) => {
    const asked: string[] = [];
    const twilio = createServer((request, response) => {
      asked.push(request.url ?? "");
      const one = { sid: conversation, account_sid: emulator.accountSid, chat_service_sid: service, ...changes };
      response.setHeader("Content-Type", "application/json").end(JSON.stringify({ conversations: [one], meta: { key: "conversations" } }));
    }).listen(0, "127.0.0.1");
    const url = await new Promise<string>((resolve) => {
      twilio.once("listening", () => resolve(`http://127.0.0.1:${(twilio.address() as AddressInfo).port}`));
    });
    const out = join(folder, "deep", "er", "archive");
    const { code, stderr } = await run(CLI, ["archive", "--service", service, "--out", out], { ...env, TWILIO_BASE_URL: url }, folder);
    twilio.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("must be a SID") });
    expect(asked).toHaveLength(1);
    expect(await readdir(folder)).not.toContain("deep");
  });

  it("of an attachment is no file name", async () => {
    const { services } = emulatorClient(emulator).client.conversations.v1;
    await services(service).conversations(conversation).messages.create({ body: "hello" });
    const { url } = emulator;
    const twilio = createServer(async (request, response) => {
      const headers = { authorization: request.headers.authorization ?? "" };
      const answer = await fetch(`${url}${request.url}`, { headers });
      const body = (await answer.json()) as { messages?: object[] };
      const media = [{ sid: "../../escaped", content_type: "text/plain", filename: null, size: 1 }];
      if (body.messages) body.messages = body.messages.map((message) => ({ ...message, media }));
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    const own = await new Promise<string>((resolve) => {
      twilio.once("listening", () => resolve(`http://127.0.0.1:${(twilio.address() as AddressInfo).port}`));
    });
    const args = ["archive", "--service", service, "--out", "attached"];
    const { code, stderr } = await run(CLI, args, { ...env, TWILIO_BASE_URL: own }, folder);
    twilio.close();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("must be a SID") });
    expect((await readdir(folder)).filter((name) => name.includes("escaped"))).toEqual([]);
  });
});
