/** The command that tests facts about Twilio's API. `test/conformance` is something else: it tests this package's resources. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { facts } from "../../src/cli/commands/conformance/facts";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";
const MARK = "twilio-conversations-conformance";

interface Evidence {
  counts: Record<string, number>;
  cost: { spent: number; currency?: string };
  facts: { id: string; answer: string; needs: string; expected?: string; received?: string; reason?: string; source: string }[];
  left: { path: string; why: string }[];
  leftByOthers: { path: string; why: string }[];
}

describe("twilio-conversations conformance", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let env: NodeJS.ProcessEnv;
  let folder: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
    folder = mkdtempSync(join(tmpdir(), "evidence-"));
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
    const credentials = { TWILIO_ACCOUNT_SID: emulator.accountSid, TWILIO_AUTH_TOKEN: emulator.authToken, TWILIO_BASE_URL: emulator.url };
    env = { ...own, ...credentials, PULUMI_CONFIG: "{}" };
  });
  beforeEach(() => emulator.reset());
  afterEach(() => twilio.forgetFaults());
  afterAll(async () => {
    await emulator.close();
    rmSync(folder, { recursive: true });
  });

  const conformance = (...args: string[]) => run(CLI, ["conformance", ...args], env);
  /** Runs against the emulator as if it were an account at Twilio: no account is available to the tests. */
  const account = (...args: string[]) => conformance("--target", "account", "--confirm-account", emulator.accountSid, ...args);
  async function found(...args: string[]): Promise<Evidence & { code: number | null }> {
    const { code, stdout, stderr } = await account("--json", ...args);
    expect(stdout.trimEnd().split("\n"), stderr).toHaveLength(1);
    return { code, ...(JSON.parse(stdout) as Evidence) };
  }
  const control = async (path: string) => (await fetch(`${emulator.url}/_emulator/${path}`)).json() as Promise<Record<string, unknown>>;
  const requests = async () => (await control("requests")).requests as { sid: string; method: string; path: string; status: number }[];
  const stateText = async () => JSON.stringify(await control("state"));

  it("confirms all facts at a new emulator, writes private evidence, and exits with 0", async () => {
    const output = join(folder, "evidence.json");
    const { code, stdout, stderr } = await conformance("--target", "emulator", "--output", output);
    expect({ code, refuted: stdout.match(/^REFUTED.*$/gm) }, stderr).toEqual({ code: 0, refuted: null });
    expect(stdout).toMatch(/^wire\.request-id +observed +confirmed +Responses have the header/m);
    expect(stdout).toMatch(new RegExp(`^${facts.length} confirmed, 0 refuted, 0 not run `, "m"));
    expect(statSync(output).mode & 0o777).toBe(0o600);
    const evidence = JSON.parse(readFileSync(output, "utf8")) as Evidence;
    expect(evidence.facts).toHaveLength(facts.length);
    expect(evidence).toMatchObject({
      counts: { confirmed: facts.length },
      cost: { spent: 2.3, currency: "USD" },
      left: [],
      leftByOthers: [],
    });
  });

  it("without consent, only reads and sends what is refused", async () => {
    await twilio.client.conversations.v1.services.create({ friendlyName: "Support" });
    await twilio.client.conversations.v1.configuration().fetch();
    const before = await stateText();
    const earlier = new Set((await requests()).map(({ sid }) => sid));
    const { code, facts: results, leftByOthers } = await found();
    expect(code).toBe(0);
    expect(await stateText()).toBe(before);
    const sent = (await requests()).filter(({ sid }) => !earlier.has(sid));
    expect(sent.length).toBeGreaterThan(90);
    expect(sent.filter(({ method, status }) => method !== "GET" && status < 400)).toEqual([]);
    expect(results.filter(({ answer }) => answer === "refuted")).toEqual([]);
    for (const { id, needs, answer, reason = "" } of results) {
      const expected = { read: "", write: "--allow-writes", purchase: "--allow-purchases" }[needs] as string;
      expect({ id, answer, hasReason: reason.includes(expected) }).toMatchObject({
        answer: needs === "read" ? "confirmed" : "not run",
        hasReason: true,
      });
    }
    expect(leftByOthers).toEqual([]);
  });

  it("with --allow-writes, leaves the account as it was, and buys nothing", async () => {
    const { sid } = await twilio.client.conversations.v1.services.create({ friendlyName: "Support" });
    const before = await twilio.client.conversations.v1.services.list();
    await twilio.forgetCalls();
    const { code, facts: results } = await found("--allow-writes");
    expect({ code, refuted: results.filter(({ answer }) => answer === "refuted") }).toEqual({ code: 0, refuted: [] });
    expect(results.filter(({ needs, answer }) => needs === "write" && answer !== "confirmed")).toEqual([]);
    expect((await twilio.client.conversations.v1.services.list()).map((one) => one.sid)).toEqual(before.map((one) => one.sid));
    expect(before.map((one) => one.sid)).toContain(sid);
    expect(await stateText()).not.toContain(MARK);
    expect(
      (await twilio.writes())
        .filter(({ path }) => /IncomingPhoneNumbers|Messages\.json$/.test(path))
        .map(({ method, path }) => `${method} ${path}`),
    ).toEqual(
      // Texts without a recipient and without a sender, which are refused.
      [expect.stringMatching(/^POST .*Messages\.json$/)],
    );
  });

  it("reports a fact that the server refutes, with what was received, and exits with 1", async () => {
    await twilio.fault({ method: "GET", path: "/v1/Configuration/Webhooks", status: 404, code: 20404 });
    const { code, stdout } = await account("--filter", "configuration.webhook-properties", "--filter", "configuration.links");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^configuration\.webhook-properties +specified +refuted /m);
    expect(stdout).toMatch(
      /^REFUTED configuration\.webhook-properties: .*\n {2}expected {2}properties account_sid, .*\n {2}received .*account_sid.*\n {2}source +https:\/\/www\.twilio\.com/m,
    );
    expect(stdout).toMatch(/^1 confirmed, 1 refuted, 0 not run /m);
  });

  it("buys nothing whose price would exceed the limit, or is not known", async () => {
    const numbers = () => twilio.client.incomingPhoneNumbers.list();
    const below = await found(
      "--allow-purchases",
      "--cost-limit",
      "1",
      "--filter",
      "bought",
      "--filter",
      "address-configurations.released",
    );
    expect(below.facts.map(({ answer }) => answer)).not.toContain("confirmed");
    expect(below.facts[0]?.reason).toContain("would cost 1.15 USD; the limit is 1");
    expect((await twilio.writes()).filter(({ path }) => path.endsWith("IncomingPhoneNumbers.json"))).toEqual([]);
    // One number is within this limit. The fact that needs a second one is not run.
    const one = await found("--allow-purchases", "--cost-limit", "2", "--filter", "bought", "--filter", "address-configurations.released");
    expect(one.facts.filter(({ answer }) => answer !== "confirmed")).toEqual([
      expect.objectContaining({
        id: "address-configurations.released-number",
        reason: expect.stringContaining("would cost 2.30 USD; the limit is 2"),
      }),
    ]);
    expect(one).toMatchObject({ code: 0, cost: { spent: 1.15, currency: "USD" }, left: [] });
    expect(await numbers()).toEqual([]);
    await twilio.fault({ method: "POST", path: "*/IncomingPhoneNumbers.json", status: 400, code: 21404 });
    const refused = await found("--allow-purchases", "--cost-limit", "2", "--filter", "bought.number");
    expect(refused.facts[0]?.reason).toContain("21404");
    expect(refused.cost.spent).toBe(0);
    await twilio.forgetCalls();
    await twilio.fault({ method: "GET", path: "/v1/PhoneNumbers/Countries/US", status: 404, code: 20404 });
    const unpriced = await found("--allow-purchases", "--cost-limit", "9", "--filter", "bought.number");
    expect(unpriced.facts[0]?.reason).toContain("has no price");
    expect(await twilio.writes()).toEqual([]);
  });

  it("deletes what it created when a fact fails, also if the response to a create was lost", async () => {
    const { sid } = await twilio.client.conversations.v1.services.create({ friendlyName: "Support" });
    await twilio.fault({ method: "POST", path: "/v1/Services", nth: 2, drop: "after" });
    await twilio.fault({ method: "POST", path: "*/Conversations", status: 500, nth: 2 });
    const { facts: results, left } = await found("--allow-writes", "--filter", "services.", "--filter", "conversations.");
    expect(results.filter(({ reason }) => reason?.includes("no response to POST /v1/Services"))).toHaveLength(1);
    expect(left).toEqual([]);
    expect((await twilio.client.conversations.v1.services.list()).map((one) => one.friendlyName)).toEqual(
      expect.arrayContaining(["Support"]),
    );
    expect(await stateText()).not.toContain(MARK);
    expect(await stateText()).toContain(sid);
  });

  it("deletes what it created when it is interrupted, and exits with 1", async () => {
    await twilio.fault({ method: "POST", path: "*/Participants", delayMs: 300 });
    const args = ["conformance", "--target", "account", "--confirm-account", emulator.accountSid, "--allow-purchases", "--cost-limit", "3"];
    const program = launch(CLI, [...args, "--filter", "bought"], env);
    await expect.poll(async () => (await requests()).some(({ path }) => path.endsWith("/Participants")), { timeout: 20_000 }).toBe(true);
    expect(await twilio.client.incomingPhoneNumbers.list()).toHaveLength(1);
    program.interrupt();
    const { code, stdout, stderr } = await program.ended;
    expect({ code }, stderr).toEqual({ code: 1 });
    expect(stderr).toContain("what this run created is deleted first");
    expect(stdout).toMatch(/^Interrupted\. \d+ confirmed, 0 refuted, [1-9]\d* not run /m);
    expect(await twilio.client.incomingPhoneNumbers.list()).toEqual([]);
    expect(await stateText()).not.toContain(MARK);
  });

  it("prints the command for what it cannot delete; a later run deletes it when it is old enough", async () => {
    const services = () => twilio.client.conversations.v1.services.list();
    await twilio.skewClock(-3_600);
    await twilio.fault({ method: "DELETE", path: "/v1/Services/{Sid}", status: 400, code: 20001 });
    const first = await account("--allow-writes", "--filter", "conversations.links");
    expect(first.code).toBe(1);
    const [left] = (await services()).filter(({ friendlyName }) => friendlyName.startsWith(MARK));
    expect(first.stdout).toContain(
      `curl -X DELETE -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" "${emulator.url}/conversations.twilio.com/v1/Services/${left?.sid}"`,
    );
    await twilio.forgetFaults();
    // A service of this name that is not marked is somebody else's.
    const theirs = await twilio.client.conversations.v1.services.create({ friendlyName: `our ${MARK}` });
    const reading = await found("--filter", "configuration.links");
    expect(reading.leftByOthers).toEqual([
      { path: `/v1/Services/${left?.sid}`, why: expect.stringContaining("--allow-writes deletes it") },
    ]);
    await twilio.skewClock(0);
    const young = await twilio.client.conversations.v1.services.create({ friendlyName: `${MARK} 12345678` });
    const later = await found("--allow-writes", "--filter", "configuration.links");
    expect(later).toMatchObject({
      code: 0,
      leftByOthers: [{ path: `/v1/Services/${young.sid}`, why: "it may belong to a run in progress" }],
    });
    const names = (await services()).map(({ sid }) => sid);
    expect(names).toEqual(expect.arrayContaining([theirs.sid, young.sid]));
    expect(names).not.toContain(left?.sid);
  });

  it("refuses an account that does not look like one for tests, until its SID is confirmed", async () => {
    const sub = async (friendlyName: string) => {
      const { sid, authToken } = await twilio.client.api.v2010.accounts.create({ friendlyName });
      const credentials = { ...env, TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: authToken };
      return {
        sid,
        run: (...args: string[]) => run(CLI, ["conformance", "--target", "account", "--filter", "wire.request-id", ...args], credentials),
      };
    };
    const production = await sub("Contest production");
    await twilio.forgetCalls();
    const refused = await production.run();
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(
      new RegExp(
        `^error: the account ${production.sid} does not look like a test account: its type is Full.*--confirm-account ${production.sid}`,
      ),
    );
    expect((await requests()).filter(({ path }) => path.includes("conversations"))).toEqual([]);
    expect((await production.run("--confirm-account", emulator.accountSid)).stderr).toContain(
      `must be the SID of the account of these credentials, ${production.sid}`,
    );
    expect((await production.run("--confirm-account", production.sid)).code).toBe(0);
    expect((await (await sub("Chat (test)")).run()).code).toBe(0);
  });

  it("leaves secrets, the account's SID and what people wrote out of the evidence", async () => {
    const { client } = twilio;
    const { sid } = await client.conversations.v1.services.create({ friendlyName: "Canary Support" });
    await client.conversations.v1.configuration
      .webhooks()
      .update({ method: "POST", postWebhookUrl: "https://canary.example/?token=canary" });
    await client.conversations.v1.conversations.create({ friendlyName: "canary talk", attributes: '{"name":"canary"}' });
    await client.messaging.v1.services.create({ friendlyName: "canary service", inboundRequestUrl: "https://canary.example" });
    const [offer] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
    const { phoneNumber } = await client.incomingPhoneNumbers.create({
      phoneNumber: offer?.phoneNumber as string,
      friendlyName: "canary phone",
    });
    await client.messages.create({ from: phoneNumber, to: "+15558675310", body: "canary text" });
    const output = join(folder, "canary.json");
    const { stdout, stderr, code } = await account("--allow-purchases", "--cost-limit", "5", "--output", output);
    expect(code, stdout.slice(-2_000)).toBe(0);
    const evidence = readFileSync(output, "utf8");
    expect(evidence).toContain(sid);
    for (const canary of [emulator.authToken, emulator.apiSecret, emulator.accountSid, "anary", phoneNumber, "8675310"]) {
      expect(evidence.includes(canary), canary).toBe(false);
      if (canary !== emulator.accountSid) expect((stdout + stderr).includes(canary), canary).toBe(false);
    }
    expect(JSON.parse(evidence)).toMatchObject({ counts: { refuted: 0 } });
  });

  it.each([
    [["--target", "account", "--allow-purchases"], "--allow-purchases and --cost-limit must be given together"],
    [["--target", "account", "--cost-limit", "3"], "--allow-purchases and --cost-limit must be given together"],
    [["--target", "account", "--configured"], "--configured is for --target emulator"],
    [["--target", "emulator", "--filter", "nothing-has-this"], 'no id of a fact begins with "nothing-has-this". Areas: wire, paging'],
    [["--target", "emulator", "--cost-limit", "-3"], "It must be an amount above 0"],
  ])("refuses %j", async (args, says) => {
    const { code, stderr } = await conformance(...args);
    expect({ code, says: stderr.includes(says) }, stderr).toEqual({ code: 1, says: true });
  });

  it("tests the configured emulator with --configured, where it changes nothing without consent", async () => {
    const { code, stdout } = await conformance(
      "--target",
      "emulator",
      "--configured",
      "--filter",
      "services.create",
      "--filter",
      "wire.request-id",
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`1 confirmed, 0 refuted, 1 not run (emulator, ${emulator.url})`);
  });
});
