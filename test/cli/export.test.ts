import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { engineEnv, startCli } from "../support/engine";
import { wholeAccount } from "../support/whole-account";
import { run } from "../tools/program";
import { createAddress, createPushCredentials, type FilledAccount, fillAccount } from "./account";
import { addEveryKind } from "./every-kind";

const CLI = "dist/cli/main.js";
/** The classes that no exported program has. Comments of the program and the docs say why. */
const leftOutClasses = ["ApiKey", "ConversationMessage", "UserConversation"];
/** Twilio lists a conversation and participants, however they were created. */
const declaredAsOthers = ["ConversationWithParticipants"];
const root = join(import.meta.dirname, "..", "..");

vi.setConfig({ testTimeout: 240_000 });

/** What `export --json` prints. */
interface Told {
  resources: Record<string, number>;
  secrets: string[];
  leftOut: { what: string; className?: string; count?: number; why: string }[];
  warnings: string[];
  files: string[];
}

describe("twilio-conversations export", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let there: FilledAccount;
  let more: Readonly<Record<string, number>>;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
    there = await fillAccount(twilio);
    await createPushCredentials(twilio.client);
    await createAddress(twilio.client);
    more = await addEveryKind(twilio);
    folder = await mkdtemp(join(tmpdir(), "twilio-export-"));
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
    const { url, accountSid, authToken } = emulator;
    env = { ...own, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url, HOME: folder };
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const exportTo = (out: string, ...args: string[]) => run(CLI, ["export", "--out", out, ...args], env, folder);
  describe("of an account with about three hundred objects", () => {
    let out: string;
    let told: Told;

    it("only reads, and puts every object into the program or into the list of what is left out", async () => {
      await twilio.forgetCalls();
      out = join(folder, "account");
      const { code, stdout, stderr } = await exportTo("account", "--json");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      told = JSON.parse(stdout);
      expect(await twilio.writes()).toEqual([]);
      const usual: Record<string, number> = {
        PhoneNumber: there.numbers,
        ConversationService: there.services,
        Conversation: there.conversations,
        Participant: there.participants,
        ConversationWebhook: there.services,
        ConversationRole: there.services,
        ConversationUser: there.services,
        ConversationConfiguration: 1,
        MessagingService: 1,
        TwimlApp: 1,
        Subaccount: 1,
        MessagingServiceSender: 4,
        AddressConfiguration: there.addresses,
        ConversationWebhookConfiguration: 1,
        ConversationServiceWebhookConfiguration: 1,
        ConversationServiceConfiguration: there.services,
        ConversationServiceNotification: 1,
        PushCredential: 2,
        Address: 1,
      };
      const all = Object.fromEntries(Object.entries(usual).map(([name, n]) => [name, n + (more[name] ?? 0)]));
      expect(told.resources).toEqual(all);
      expect([...Object.keys(told.resources), ...leftOutClasses, ...declaredAsOthers].sort()).toEqual(catalog.map(resourceName).sort());
      const count = Object.values(told.resources).reduce((sum, one) => sum + one, there.closed);
      expect(count).toBeGreaterThanOrEqual(250);
      const leftOut = Object.fromEntries(told.leftOut.map((one) => [one.what, one.count]));
      expect(leftOut).toMatchObject({
        "closed conversations": there.closed,
        "closed subaccounts": 1,
        "default messaging services": 1,
        "default roles": 4 * (there.services + 1),
        // One of the emulator's own, two that were created.
        "API keys": 3,
        "push credentials for GCM": 1,
        "secrets of push credentials": 2,
        "users without data or a role of their own": expect.any(Number),
        "timers of conversations": expect.any(Number),
      });
      const odd = told.leftOut.filter(({ what }) => what === "attributes of conversations");
      expect(odd.map(({ count }) => count)).toEqual([there.services, there.services]);
      expect(told.warnings).toEqual([
        expect.stringMatching(/^AddressConfiguration IG\w{32} names ConversationService IS\w{32}, which account AC\w{32} no longer has\./),
        expect.stringContaining(`${1 + there.services} of them carry the mark`),
      ]);
      const readme = await readFile(join(out, "README.md"), "utf8");
      for (const { what } of told.leftOut) expect(readme).toContain(`| ${what} |`);
      expect(readme).toContain("nobody can change them; `archive` saves their messages |");
      expect(told.leftOut.flatMap(({ className }) => className ?? []).sort()).toEqual(leftOutClasses);
      const [index, docs] = await Promise.all(
        [join(out, "index.ts"), join(root, "docs/existing-account.md")].map((path) => readFile(path, "utf8")),
      );
      for (const className of leftOutClasses)
        expect(index).toMatch(new RegExp(`^// Without [\\w ]+ \\(${className}\\): [^\n]{20,}\\.$`, "m"));
      for (const className of [...leftOutClasses, ...declaredAsOthers])
        expect(docs).toMatch(new RegExp(`^\\| [^|]*\`${className}\`[^|]* \\| [^|]+ \\|$`, "m"));
      expect(await readdir(out)).not.toContain(".twilio-scan.jsonl");
    });

    it("writes references instead of SIDs, and secrets only to a file that only its owner can read", async () => {
      const texts = await Promise.all(
        told.files.filter((name) => name !== "set-secrets.sh").map((name) => readFile(join(out, name), "utf8")),
      );
      const text = texts.join("");
      expect(text).not.toMatch(/hid%24den|hidden-too|hidden-three/);
      expect(text).toContain("in the open");
      expect(text).toMatch(/ addressSid: mainOffice\b/);
      // Twilio does not return them, so the program reads what the stack's configuration may have.
      expect(text).toContain('fcm: { secret: config.getSecret("android-fcm-secret") }');
      expect(text).toContain("pulumi config set --secret apple-apn-certificate; pulumi config set --secret apple-apn-private-key.");
      // Only Twilio's defaults are left out. One more number texts for a group.
      expect(text.match(/projectedAddress: \w+\.phoneNumber/g)).toHaveLength(there.services + 1);
      for (const said of [/ messagingServiceSid: anotherWayOut\b/g, /roleSid: "RL/g, /bindings: \{ email: /g]) {
        expect(text.match(said), String(said)).toHaveLength(there.services);
      }
      // Neither another stack's marks, nor what timers and people change.
      expect(text).not.toMatch(/~1a2b3c4|pulumi shop|state:/);
      expect(told.secrets).toHaveLength(3);
      expect((await stat(join(out, "set-secrets.sh"))).mode & 0o777).toBe(0o600);
      expect(await readFile(join(out, ".gitignore"), "utf8")).toContain("set-secrets.sh");
      expect(text).toMatch(
        /new MessagingServiceSender\("\w[\w-]+", \{\s+adopt: "PN\w{32}",\s+messagingService: anotherWayOut,\s+phoneNumber: \w+,\s+\}\)/,
      );
      expect(text).toMatch(
        /new Subaccount\("acme-sons", \{\s+adopt: "AC\w{32}",\s+friendlyName: "Acme & sons",\s+status: "suspended",?\s+\}\)/,
      );
      expect(text).not.toMatch(/authToken/);
      expect(text).toMatch(/voiceApplicationSid: receptionDesk,/);
      expect(text).toMatch(/new TwimlApp\([^}]+friendlyName: "Reception & desk",\s+voiceUrl: \S+,\s+voiceMethod: "GET",?\s+\}/);
      // The settings of a service have its SID, and the sender of a messaging service has the number's SID.
      const { ConversationService: services = 0, Conversation: conversations = 0 } = told.resources;
      const settings = services + 2 * 2;
      expect(text.match(/"(IS|CH|PN)[0-9a-f]{32}"/g)?.length).toBe(services + conversations + settings + 1);
      expect(text).toMatch(/newMessage: \{ enabled: true, template: "\$\{MESSAGE\}" \}/);
      expect(text).toMatch(/preWebhookUrl: "https:\/\/example.com\/events",\s+filters: \["onMessageAdd"\],?\s+\}/);
      expect(text).toMatch(/type: "sms",\s+address: \w+\.phoneNumber,\s+enabled: false,\s+autoCreation: \{ default: \{\} \}/);
      expect(text).toMatch(
        /address: interpolate`whatsapp:\$\{\w+\.phoneNumber\}`,\s+conversationService: \w+,\s+autoCreation: \{\s*webhook:/,
      );
      expect(text).toMatch(/address: "12345",\s+addressCountry: "US"/);
      expect(text).toMatch(/conversation: \w+,\n/);
      expect(text).toMatch(/proxyAddress: \w+\.phoneNumber/);
      expect(text).toMatch(/proxyAddress: interpolate`whatsapp:\$\{\w+\.phoneNumber\}`/);
    });

    it("compiles; pulumi up writes nothing to Twilio; the next preview is empty; pulumi destroy leaves the account as it was", async () => {
      await symlink(join(root, "node_modules"), join(out, "node_modules"));
      await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", out]).catch(({ stdout }) => {
        throw new Error(stdout);
      });
      const { url, accountSid, authToken } = emulator;
      const login = { TWILIO_BASE_URL: url, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
      const stackEnv = { ...engineEnv(folder), ...login, PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
      const pulumi = async (...args: string[]) => {
        const { code, stdout, stderr } = await startCli(args, { cwd: out, env: stackEnv }).ended;
        if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${stdout}${stderr}`);
        return stdout;
      };
      await pulumi("stack", "init", "dev");
      await promisify(execFile)("sh", ["set-secrets.sh"], { cwd: out, env: { ...env, ...stackEnv } });

      const before = await wholeAccount(twilio);
      await twilio.forgetCalls();
      const all = Object.values(told.resources).reduce((sum, one) => sum + one, 0);
      expect(await pulumi("up", "--yes", "--skip-preview", "--suppress-outputs")).toContain(`+ ${all + 1} created`);
      expect(await twilio.writes()).toEqual([]);
      expect(await wholeAccount(twilio)).toEqual(before);
      const { changeSummary } = JSON.parse(await pulumi("preview", "--json")) as { changeSummary: Record<string, number> };
      expect(changeSummary).toEqual({ same: all + 1 });

      await twilio.forgetCalls();
      expect(await pulumi("destroy", "--yes", "--skip-preview")).toContain(`- ${all + 1} deleted`);
      expect(await twilio.writes()).toEqual([]);
      expect(await wholeAccount(twilio)).toEqual(before);
    });
  });

  it("resumes where it was interrupted, and leaves out what was deleted in the meantime", async () => {
    const out = join(folder, "cut");
    const path = join(out, ".twilio-scan.jsonl");
    await twilio.fault({ method: "GET", path: "*/Participants", nth: 20, status: 400, code: 20001 });
    const { code, stderr } = await exportTo("cut");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error: Cannot read participants") });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await twilio.forgetFaults();
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    const lists = lines.map(
      (line) => JSON.parse(line) as { list?: string; items?: { sid: string; chat_service_sid: string; state: string }[] },
    );
    const conversations = lists.filter(({ list }) => list?.endsWith("/Conversations")).flatMap(({ items }) => items ?? []);
    const open = conversations.filter(({ state }) => state !== "closed");
    const done = lists.filter(({ list }) => list?.endsWith("/Participants"));
    const conversationCount = there.conversations + (more.Conversation ?? 0);
    expect(open).toHaveLength(conversationCount);
    expect(done.length).toBeGreaterThan(0);
    const doomed = open.findLast(({ sid }) => !done.some(({ list }) => list?.includes(sid)));
    const { chat_service_sid: service, sid } = doomed as { chat_service_sid: string; sid: string };
    const extra = await twilio.client.conversations.v1.services(service).conversations.create({});
    await appendFile(path, '{"list":"conversations/v1/Serv');
    await twilio.client.conversations.v1.services(service).conversations(sid).remove();
    await twilio.forgetCalls();
    const resumed = await exportTo("cut");
    expect({ ...resumed, stdout: "" }).toMatchObject({ code: 0, stderr: expect.stringContaining("Resuming the scan that started at 2") });
    expect(resumed.stdout).toMatch(/ 1 {2}conversations: they were deleted during the scan/);
    expect(resumed.stdout).toContain(`${conversationCount - 1} Conversation,`);
    const calls = (await twilio.calls()).map(({ path: at, count }) => [at, count]);
    expect(calls).toContainEqual(["/v1/Services/{ServiceSid}/Conversations/{ConversationSid}/Participants", open.length - done.length]);
    expect(calls.map(([at]) => at)).not.toContain("/v1/Services/{ServiceSid}/Conversations");
    expect(await readdir(out)).not.toContain(".twilio-scan.jsonl");
    await twilio.client.conversations.v1.services(service).conversations(extra.sid).remove();

    const again = await exportTo("cut");
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: cut already contains a Pulumi\.yaml/) });
  });

  it("prints one service's program with the numbers that it uses; a name selects all services that have it", async () => {
    const { code, stdout, stderr } = await run(CLI, ["export", "--service", there.support], env, folder);
    expect(code, stderr).toBe(0);
    expect(stdout.match(/new ConversationService\(/g)).toHaveLength(1);
    expect(stdout).toContain(`adopt: "${there.support}"`);
    expect(stdout).not.toContain("export ");
    expect(stderr).toContain("Not in the program:");
    const both = await run(CLI, ["export", "--service", "Support", "--include", "services"], env, folder);
    expect(both.stdout.match(/new \w+/g)).toEqual(["new ConversationService", "new ConversationService"]);
    const none = await run(CLI, ["export", "--service", "IS0"], env, folder);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('has no conversation service "IS0"; there is IS') });
  });

  it("refers by SID to what it does not include", async () => {
    const { stdout } = await run(CLI, ["export", "--service", there.support, "--include", "participants"], env, folder);
    expect(new Set(stdout.match(/new \w+/g))).toEqual(new Set(["new Participant"]));
    expect(stdout).toMatch(new RegExp(`conversation: "${there.support}/CH[0-9a-f]{32}"`));
    expect(stdout).toMatch(/proxyAddress: "\+1415\d{7}"/);
    const wrong = await run(CLI, ["export", "--include", "people"], env, folder);
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--include must name types among "),
    });
  });
});
