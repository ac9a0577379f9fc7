/** The commands that work on the emulator: text, logs and trigger. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import twilioHelper from "twilio";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventNames } from "../../src/cli/commands/trigger/example";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";
const MOBILE = "+15558675310";

interface Hook {
  readonly headers: IncomingHttpHeaders;
  readonly form: Record<string, string>;
  readonly path: string;
}

let emulator: Emulator;
let twilio: EmulatorClient;
let receiver: Server;
let hookUrl: string;
let hooks: Hook[];
let env: NodeJS.ProcessEnv;
let service: string;
let conversation: string;
let number: string;

beforeAll(async () => {
  emulator = await startEmulator();
  twilio = emulatorClient(emulator);
  receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    hooks.push({ headers: request.headers, form: Object.fromEntries(new URLSearchParams(body)), path: request.url ?? "" });
    response.writeHead(request.url?.startsWith("/broken") ? 500 : 200).end();
  });
  await new Promise<void>((resolve) => void receiver.listen(0, "127.0.0.1", resolve));
  hookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(async () => {
  receiver.close();
  await emulator.close();
});
beforeEach(async () => {
  await emulator.reset();
  hooks = [];
  const { client } = twilio;
  service = (await client.conversations.v1.services.create({ friendlyName: "Support" })).sid;
  const here = client.conversations.v1.services(service).conversations;
  conversation = (await here.create({ friendlyName: "hello" })).sid;
  const [offer] = await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
  number = (await client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string })).phoneNumber;
  await here(conversation).participants.create({ "messagingBinding.address": MOBILE, "messagingBinding.proxyAddress": number });
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
  const login = { TWILIO_ACCOUNT_SID: emulator.accountSid, TWILIO_AUTH_TOKEN: emulator.authToken };
  env = { ...own, ...login, TWILIO_BASE_URL: emulator.url, PULUMI_CONFIG: "{}" };
});

const cli = (...args: string[]) => run(CLI, args, env);
const inService = () => twilio.client.conversations.v1.services(service).conversations(conversation);

describe("twilio-conversations text", () => {
  it("writes to a number, and says which message it became", async () => {
    const { code, stdout, stderr } = await cli("text", "--from", MOBILE, "--to", number, "Hi");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [message] = await inService().messages.list();
    expect(message).toMatchObject({ author: MOBILE, body: "Hi" });
    expect(stdout).toBe(`${MOBILE} texted ${number}: message ${message?.sid} in conversation ${conversation}\n`);
    const json = await cli("text", "--from", MOBILE, "--to", number, "Again", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ from: MOBILE, to: number, routedTo: "conversation", conversationSid: conversation });
  });

  it("says that nothing takes the text, and what the emulator refuses", async () => {
    const nowhere = await cli("text", "--from", "+15558675311", "--to", number, "Hi");
    expect(nowhere).toMatchObject({ code: 0, stdout: expect.stringContaining("no conversation and no webhook took it") });
    const [{ sid } = { sid: "" }] = await twilio.client.incomingPhoneNumbers.list();
    await twilio.client.incomingPhoneNumbers(sid).update({ smsUrl: `${hookUrl}/sms` });
    expect((await cli("text", "--from", "+15558675311", "--to", number, "Hi")).stdout).toContain("went to the number's webhook");
    const refused = await cli("text", "--from", MOBILE, "--to", "+15550000000", "Hi");
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: "error: the emulator refuses this: no account owns +15550000000.\n" });
    expect(await cli("text", "--from", MOBILE, "--to", number)).toMatchObject({ code: 1, stderr: expect.stringContaining("--media") });
    expect(await inService().messages.list()).toEqual([]);
  });

  it("says that a real account has no such request, and sends none", async () => {
    const { TWILIO_BASE_URL: _, ...real } = env;
    for (const args of [["text", "--from", MOBILE, "--to", number, "Hi"], ["logs"], ["trigger", "onMessageAdded"]]) {
      const { code, stdout, stderr } = await run(CLI, args, real);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^error: .*works on the emulator only: .*This is the real API, account AC/);
    }
  });
});

describe("twilio-conversations logs", () => {
  /** What happened before: a text, a refused request, a failed webhook, a change. */
  async function history() {
    await inService().webhooks.create({
      target: "webhook",
      "configuration.url": `${hookUrl}/broken?key=secret`,
      "configuration.filters": ["onMessageAdded"],
    });
    await cli("text", "--from", MOBILE, "--to", number, "Hi");
    await expect(inService().messages("IM1").fetch()).rejects.toThrow();
    const failed = async () =>
      ((await (await fetch(`${emulator.url}/_emulator/webhooks?status=failed`)).json()) as { deliveries: [] }).deliveries;
    await expect.poll(async () => (await failed()).length, { timeout: 15_000 }).toBeGreaterThan(0);
  }

  it("shows requests, webhooks, messages and changes, and filters them by type and conversation", async () => {
    await history();
    const lines = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli("logs", ...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout.split("\n").filter(Boolean);
    };
    const all = await lines();
    const of = (kind: string) => all.filter((line) => line.split(" ")[1] === kind);
    expect(of("messages").join("\n")).toMatch(new RegExp(`messageAdded IM\\w+ by \\${MOBILE}: "Hi" \\(SMS\\)`));
    expect(of("requests").join("\n")).toContain(`/Conversations/${conversation}/Messages/IM1 404 `);
    expect(of("webhooks").join("\n")).toContain(`onMessageAdded → ${hookUrl}/broken failed (HTTP 500)`);
    expect(of("changes").join("\n")).toContain(`conversationAdded ${conversation} "hello" (API)`);
    expect(all.join("\n")).not.toContain("key=secret");
    const failed = await lines("--include", "errors");
    expect(failed.every((line) => /404|failed/.test(line))).toBe(true);
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect((await lines("--include", "webhooks")).every((line) => line.includes("onMessageAdded"))).toBe(true);
    expect(await lines("--conversation", `CH${"0".repeat(32)}`)).toEqual([]);
    expect((await lines("--conversation", conversation, "--include", "changes")).length).toBeGreaterThan(0);
    const [first = ""] = await lines("--json", "--include", "messages");
    expect(JSON.parse(first)).toMatchObject({ kind: "messages", failed: false, event: expect.any(String), data: expect.any(Object) });
    expect(await cli("logs", "--include", "texts")).toMatchObject({ code: 1, stderr: expect.stringContaining('no type "texts"') });
  });

  it("shows why a text did not arrive, and only what is about a handset", async () => {
    const stranger = "+12125550188";
    await expect(cli("text", "--from", stranger, "--to", "+14155550199", "lost")).resolves.toMatchObject({ code: 1 });
    const { stdout } = await cli("logs", "--handset", stranger);
    expect(stdout).toMatch(
      / messages textRouted \+12125550188 → \+14155550199: .*because no account owns \+14155550199\. Send the text to/,
    );
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect((await cli("logs", "--include", "errors", "--handset", stranger)).stdout).toBe(stdout);
    await inService().participants.create({ identity: "agent" });
    await cli("text", "--from", MOBILE, "--to", number, "Is an agent there?");
    const { stdout: clients } = await cli("logs", "--include", "clients", "--conversation", conversation);
    expect(clients).toMatch(/ clients {2}clientNotified messages \d+ added: to 0 users, no client of agent/);
  });

  it("follows what happens until Ctrl-C, and ends with an error if the emulator does", async () => {
    const following = launch(CLI, ["logs", "--follow", "--include", "messages"], env);
    await cli("text", "--from", MOBILE, "--to", number, "While it runs");
    await following.says(/While it runs/);
    following.interrupt();
    expect(await following.ended).toMatchObject({ code: 0, stderr: "" });

    const other = await startEmulator();
    const env2 = { ...env, TWILIO_BASE_URL: other.url };
    const left = launch(CLI, ["logs", "--follow", "--json"], env2);
    await emulatorClient(other).client.conversations.v1.services.create({ friendlyName: "Support" });
    await left.says(/serviceAdded/);
    await other.close();
    expect(await left.ended).toMatchObject({ code: 1, stderr: `error: the emulator at ${other.url} has stopped.\n` });
  });
});

describe("twilio-conversations trigger", () => {
  it("sends a signed example to a URL, which Twilio's helper accepts", async () => {
    const url = `${hookUrl}/hook?a=1`;
    const { code, stdout } = await cli("trigger", "onMessageAdded", "--url", url, "--service", service, "--conversation", conversation);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `onMessageAdded → ${hookUrl}/hook: HTTP 200\n` });
    const [{ headers, form, path } = {} as Hook] = hooks;
    expect(path).toBe("/hook?a=1");
    expect(form).toMatchObject({ EventType: "onMessageAdded", AccountSid: emulator.accountSid, ConversationSid: conversation });
    const signature = headers["x-twilio-signature"] as string;
    expect(twilioHelper.validateRequest(emulator.authToken, signature, url, form)).toBe(true);
    expect(twilioHelper.validateRequest("another", signature, url, form)).toBe(false);
  });

  it("says what a receiver responds, and exits with 1 unless that is 2xx", async () => {
    const { code, stdout } = await cli("trigger", "onUserAdded", "--url", `${hookUrl}/broken`, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      event: "onUserAdded",
      sent: [{ url: `${hookUrl}/broken`, ok: false, result: "HTTP 500" }],
    });
    const ended = await startEmulator();
    await ended.close();
    const closed = await cli("trigger", "onUserAdded", "--url", ended.url);
    expect(closed).toMatchObject({ code: 1, stdout: expect.stringContaining("no response (ECONNREFUSED) (failed)") });
    expect(await cli("trigger", "onMessageAdded", "--url", "ftp://x")).toMatchObject({ code: 1, stderr: expect.stringContaining("http") });
    const { TWILIO_AUTH_TOKEN: _, ...without } = env;
    const key = { ...without, TWILIO_API_KEY: emulator.apiKey, TWILIO_API_SECRET: emulator.apiSecret };
    const unsigned = await run(CLI, ["trigger", "onUserAdded", "--url", hookUrl], key);
    expect(unsigned).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("auth token") });
  });

  it("has the emulator call the webhooks that are configured", async () => {
    expect(await cli("trigger", "onConversationUpdated", "--conversation", conversation)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no webhook is subscribed"),
    });
    await inService().webhooks.create({
      target: "webhook",
      "configuration.url": `${hookUrl}/hook`,
      "configuration.filters": ["onConversationUpdated"],
    });
    const { code, stdout } = await cli("trigger", "onConversationUpdated", "--conversation", conversation);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `onConversationUpdated → ${hookUrl}/hook: HTTP 200\n` });
    expect(hooks.map(({ form }) => form.ConversationSid)).toEqual([conversation]);
    expect(await cli("trigger", "onConversationUpdated")).toMatchObject({ code: 1, stderr: expect.stringContaining("--conversation CH…") });
  });

  it("sends the parameters that the emulator sends for the same event", async () => {
    await twilio.client.conversations.v1
      .services(service)
      .configuration.webhooks()
      .update({
        postWebhookUrl: `${hookUrl}/hook`,
        filters: eventNames,
      });
    const user = await twilio.client.conversations.v1.services(service).users.create({ identity: "testPineapple" });
    await inService().participants.create({ identity: "testPineapple" });
    await cli("text", "--from", MOBILE, "--to", number, "Hi");
    await inService().messages.create({ body: "Hello" });
    for (const event of eventNames) {
      hooks = [];
      const input = { event, ...(event.startsWith("onUser") ? { userSid: user.sid } : { conversationSid: conversation }) };
      const triggered = await fetch(`${emulator.url}/_emulator/webhooks/trigger`, { method: "POST", body: JSON.stringify(input) });
      expect(triggered.status, event).toBe(200);
      const { form } = hooks.find((hook) => hook.form.EventType === event) as Hook;
      const { exampleOf } = await import("../../src/cli/commands/trigger/example");
      const names = Object.keys(exampleOf(event, { accountSid: emulator.accountSid }));
      for (const name of Object.keys(form)) expect(names, `${event} ${name}`).toContain(name);
    }
  });
});
