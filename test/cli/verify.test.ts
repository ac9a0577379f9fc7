import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Verification } from "../../src/cli/commands/verify/verification";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";
const MOBILE = "+15558675310";

describe("twilio-conversations verify", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let service: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
  });
  beforeEach(async () => {
    await emulator.reset();
    service = (await twilio.client.conversations.v1.services.create({ friendlyName: "Support" })).sid;
    const { PULUMI_CONFIG: _, ...own } = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)),
    );
    env = { ...own, ...logins("apiKey"), TWILIO_BASE_URL: emulator.url, PULUMI_CONFIG: "{}" };
    await twilio.forgetCalls();
  });
  afterEach(() => twilio.forgetFaults());
  afterAll(() => emulator.close());

  const logins = (way: "apiKey" | "authToken") => ({
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    ...(way === "apiKey"
      ? { TWILIO_API_KEY: emulator.apiKey, TWILIO_API_SECRET: emulator.apiSecret }
      : { TWILIO_AUTH_TOKEN: emulator.authToken }),
  });
  const verify = (...args: string[]) => run(CLI, ["verify", "--service", service, ...args], env);
  /** The result and the exit code. */
  async function found(...args: string[]) {
    const { code, stdout, stderr } = await verify("--json", ...args);
    expect(stdout.trimEnd().split("\n"), stderr).toHaveLength(1);
    const verification = JSON.parse(stdout) as Verification;
    return { code, stderr, ok: verification.ok, check: (name: string) => verification.checks.find((check) => check.name === name) };
  }
  const conversations = () => twilio.client.conversations.v1.services(service).conversations;
  /** Creates a conversation with a phone and a chat user; returns the phone's number too. */
  async function inhabited() {
    const [offer] = await twilio.client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
    const number = await twilio.client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string });
    const { sid } = await conversations().create({ friendlyName: "hello" });
    const here = conversations()(sid);
    await here.participants.create({ "messagingBinding.address": MOBILE, "messagingBinding.proxyAddress": number.phoneNumber });
    await here.participants.create({ identity: "testPineapple" });
    return { sid, number };
  }

  it("does not take time that passed in the emulator for a fault of this machine's clock", async () => {
    await twilio.advance(86_400);
    expect((await found()).check("token")).toMatchObject({ ok: true });
    await twilio.skewClock(86_400);
    expect((await found()).check("token")).toMatchObject({ ok: false, detail: expect.stringContaining("behind Twilio's") });
  });

  it("fails at once if nothing listens at an address of this machine", { timeout: 20_000 }, async () => {
    const ended = await startEmulator();
    await ended.close();
    const { code, stdout, stderr } = await run(CLI, ["verify", "--service", service], { ...env, TWILIO_BASE_URL: ended.url });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const { port } = new URL(ended.url);
    expect(stderr).toMatch(new RegExp(`^error: nothing listens at ${ended.url}, .*twilio-conversations emulator --port ${port}`));
  });

  it("passes on a working chat, texts nobody, and leaves no conversation, user or message", async () => {
    const { sid } = await inhabited();
    const { code, stdout, stderr } = await verify("--conversation", sid);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const name of ["message", "token", "conversations", "webhooks"]) expect(stdout).toMatch(new RegExp(`^ok +${name} `, "m"));
    expect(stdout).toContain("The chat works.");
    expect((await conversations().list()).map((conversation) => conversation.sid)).toEqual([sid]);
    expect((await twilio.client.conversations.v1.services(service).users.list()).map(({ identity }) => identity)).toEqual([
      "testPineapple",
    ]);
    expect(await conversations()(sid).messages.list()).toEqual([]);
    expect(await twilio.client.messages.list()).toEqual([]);
  });

  it("prints no secret and no token, and the duration of each check", async () => {
    const { stdout, stderr } = await verify("--json");
    expect(stdout + stderr).not.toContain(emulator.apiSecret);
    expect(stdout + stderr).not.toContain("eyJ");
    const { checks } = JSON.parse(stdout) as Verification;
    for (const check of checks) expect(check).toMatchObject({ ok: true, ms: expect.any(Number), detail: expect.any(String) });
  });

  it.each([
    ["POST", "*/Messages", "Cannot send a message"],
    ["GET", "*/Messages/{Sid}", "Cannot read the message back"],
    ["DELETE", "*/Messages/{Sid}", "Cannot remove the message"],
  ])("fails if Twilio refuses %s %s, reports it, and cleans up", async (method, path, says) => {
    await twilio.fault({ method, path, status: 400, code: 50300 });
    const { code, stderr, ok, check } = await found();
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(check("message")).toMatchObject({ ok: false, detail: expect.stringContaining(says), fix: expect.any(String) });
    expect(stderr).toContain(says);
    expect(await conversations().list()).toEqual([]);
  });

  it("removes the conversation it created if the response was lost", async () => {
    await twilio.fault({ method: "POST", path: "*/Conversations", drop: "after" });
    expect((await found()).code).toBe(1);
    expect((await twilio.writes()).map(({ method }) => method)).toEqual(["POST", "DELETE"]);
    expect(await conversations().list()).toEqual([]);
  });

  it("cleans up when interrupted and after a killed run, and waits for another running verification", async () => {
    await twilio.fault({ method: "POST", path: "*/Messages", delayMs: 1_500, times: 1 });
    const interrupted = launch(CLI, ["verify", "--service", service], env);
    await expect.poll(() => conversations().list(), { timeout: 20_000 }).toHaveLength(1);
    interrupted.interrupt();
    expect((await interrupted.ended).code).toBe(1);
    expect(await conversations().list()).toEqual([]);

    await twilio.forgetFaults();
    await twilio.fault({ method: "POST", path: "*/Messages", delayMs: 60_000, times: 1 });
    const killed = launch(CLI, ["verify", "--service", service], env);
    await expect.poll(() => conversations().list(), { timeout: 20_000 }).toHaveLength(1);
    killed.interrupt("SIGKILL");
    await killed.ended;
    await twilio.forgetFaults();
    const waiting = launch(CLI, ["verify", "--service", service], env);
    await expect
      .poll(async () => (await twilio.calls()).some(({ method, count }) => method === "GET" && count >= 3), { timeout: 20_000 })
      .toBe(true);
    expect(waiting.written().stdout).toBe("");
    await fetch(`${emulator.url}/_emulator/clock`, { method: "POST", body: JSON.stringify({ advanceSeconds: 61 }) });
    expect((await waiting.ended).code).toBe(0);
    expect(await conversations().list()).toEqual([]);
  });

  it("leaves the conversation of another verification alone when it gives up", async () => {
    const other = await conversations().create({ friendlyName: "Verification by another", uniqueName: "twilio-conversations-verify" });
    await twilio.forgetCalls();
    const waiting = launch(CLI, ["verify", "--service", service], env);
    await expect
      .poll(async () => (await twilio.calls()).some(({ method, count }) => method === "GET" && count >= 3), { timeout: 20_000 })
      .toBe(true);
    waiting.interrupt();
    const { code, stdout } = await waiting.ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("another verification of this service is still running") });
    expect((await conversations().list()).map(({ sid }) => sid)).toEqual([other.sid]);
  });

  it("lets several verifications take turns", async () => {
    const all = await Promise.all([verify(), verify(), verify()]);
    expect(all.map(({ code, stdout, stderr }) => (code === 0 ? code : stdout + stderr))).toEqual([0, 0, 0]);
    expect(await conversations().list()).toEqual([]);
  });

  it("checks the key with Twilio: a wrong secret signs, and Twilio refuses it", async () => {
    Object.assign(env, { TWILIO_API_SECRET: "f".repeat(32) });
    const { code, check } = await found();
    expect(code).toBe(1);
    expect(check("token")).toMatchObject({ ok: false, detail: expect.stringContaining("Cannot use the API key") });
  });

  it("does not claim that the chat works if there is only an auth token, which cannot sign", async () => {
    env = { ...env, ...logins("authToken"), TWILIO_API_KEY: undefined, TWILIO_API_SECRET: undefined };
    const { code, ok, stderr, check } = await found();
    expect({ code, ok }).toEqual({ code: 2, ok: false });
    expect(stderr).toMatch(/^No check failed\. Not checked: token\.\nskipped {2}token /);
    expect(check("token")).toMatchObject({ ok: false, skipped: true, detail: expect.stringContaining("no API key") });
    expect(check("message")).not.toHaveProperty("skipped");
    const text = await verify();
    expect(text).toMatchObject({ code: 2, stdout: expect.stringContaining("No check failed. Not checked: token.") });
    expect(text.stdout).not.toContain("The chat works");
    // A deployment may accept that.
    expect(await verify("--allow-skipped")).toMatchObject({ code: 0, stdout: expect.stringContaining("Not checked: token.") });
    await twilio.fault({ method: "POST", path: "*/Messages", status: 400, code: 50300 });
    expect((await verify("--allow-skipped")).code).toBe(1);
  });

  it.each([
    ["ahead of", -3_600, "not valid yet"],
    ["behind", 2 * 3_600, "expired"],
  ])("fails if this machine's clock is so far %s Twilio's that Twilio refuses the token", async (where, skewSeconds, says) => {
    await fetch(`${emulator.url}/_emulator/clock`, { method: "POST", body: JSON.stringify({ skewSeconds }) });
    const { code, ok, check } = await found();
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(check("token")).toMatchObject({ ok: false, detail: expect.stringContaining(says), fix: expect.stringContaining("clock") });
    expect(check("token")?.detail).toMatch(new RegExp(`clock is \\d+ s ${where} Twilio's`));
  });

  it.each([-30, 30])("tolerates a clock that differs from Twilio's by %d s", async (skewSeconds) => {
    await fetch(`${emulator.url}/_emulator/clock`, { method: "POST", body: JSON.stringify({ skewSeconds }) });
    expect(await found()).toMatchObject({ code: 0, ok: true });
  });

  it("fails on a closed or missing conversation", async () => {
    const { sid } = await conversations().create({ friendlyName: "done" });
    await conversations()(sid).update({ state: "closed" });
    expect((await found("--conversation", sid)).check("conversations")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("closed"),
    });
    const missing = `CH${"0".repeat(32)}`;
    expect((await found("--conversation", missing)).check("conversations")).toMatchObject({
      ok: false,
      detail: `there is no ${missing} in ${service}`,
    });
  });

  it("refuses an invalid SID, and asks for the service if there is none", async () => {
    expect((await verify("--conversation", "hello")).stderr).toContain("It must be the SID of a conversation");
    expect((await run(CLI, ["verify"], env)).stderr).toMatch(/^error: which conversation service\? Give --service IS…/);
  });

  describe("webhooks", () => {
    let receiver: Server;
    let url: string;
    let status: number;
    let asked: string[];

    beforeAll(async () => {
      receiver = createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`.trim());
        if (status > 0) response.writeHead(status).end();
      });
      await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
      url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    });
    beforeEach(() => {
      [status, asked] = [405, []];
    });
    afterAll(() => {
      receiver.closeAllConnections();
      receiver.close();
    });

    /** Creates a conversation whose number has these webhooks. */
    async function calling(smsUrl: string, smsFallbackUrl?: string): Promise<string> {
      const { sid, number } = await inhabited();
      await twilio.client.incomingPhoneNumbers(number.sid).update({ smsUrl, smsFallbackUrl });
      return sid;
    }

    it("respond, even if they refuse HEAD, and nothing is triggered", async () => {
      const sid = await calling(`${url}/sms?token=hidden`);
      const { code, check } = await found("--conversation", sid);
      expect(code).toBe(0);
      expect(check("webhooks")?.detail).toContain(`${url}/sms`);
      expect(check("webhooks")?.detail).not.toContain("hidden");
      expect(asked).toEqual(["HEAD /sms?token=hidden"]);
    });

    it("are named if a server fails or does not listen", async () => {
      status = 502;
      const dead = "http://127.0.0.1:9/fallback";
      const sid = await calling(`${url}/sms`, dead);
      const { code, check } = await found("--conversation", sid);
      expect(code).toBe(1);
      expect(check("webhooks")).toMatchObject({ ok: false, fix: expect.any(String) });
      expect(check("webhooks")?.detail).toMatch(/the SMS webhook of \+1\d+ \(http:\S+\/sms\) responds with HTTP 502/);
      expect(check("webhooks")?.detail).toMatch(/the SMS fallback of \+1\d+ \(http:\/\/127\.0\.0\.1:9\/fallback\) does not respond/);
    });

    it("are called with the credentials in their URL, which are not shown", async () => {
      const sid = await calling(url.replace("//", "//anne:hid%2Bden@"));
      const { code, check } = await found("--conversation", sid);
      expect(code).toBe(0);
      expect(asked).toEqual([`HEAD / Basic ${Buffer.from("anne:hid+den").toString("base64")}`]);
      expect(check("webhooks")?.detail).not.toMatch(/hid/);
    });

    it("are called with credentials as written, if those are not valid escapes", async () => {
      const sid = await calling(url.replace("//", "//anne:100%@"));
      expect((await found("--conversation", sid)).code).toBe(0);
      expect(asked).toEqual([`HEAD / Basic ${Buffer.from("anne:100%").toString("base64")}`]);
    });

    it("of the account and the service are checked too; those of other conversations are not", async () => {
      await calling(`${url}/sms`);
      expect((await found()).check("webhooks")).toMatchObject({ ok: true, detail: "none is configured" });
      expect(asked).toEqual([]);
    });
  });
});
