/** `emulator --record`, `emulator --data` and `replay`. */
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect } from "../emulator/support/client";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";
const CANARIES = ["CANARY-certificate", "CANARY-private", "CANARY-login", "CANARY-json", "CANARY-wrong-password"];

interface Har {
  log: {
    version: string;
    entries: {
      request: { method: string; url: string; postData?: { text: string } };
      response: { status: number; content: { text: string } };
    }[];
  };
}
const read = async (path: string) => JSON.parse(await readFile(path, "utf8")) as Har;

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-replay-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Requests that refer to objects of earlier ones, with secrets of every kind, and refused ones. Returns the secrets. */
async function record(path: string): Promise<string[]> {
  // Another seed than the replay's: all SIDs and available numbers differ.
  const emulator = await startEmulator({ seed: "recorded", record: path });
  try {
    const { api, conversations, client } = connect(emulator);
    const [found] = await api.availablePhoneNumbers("US").local.list({ areaCode: 415, smsEnabled: true, mmsEnabled: true, limit: 1 });
    const number = await api.incomingPhoneNumbers.create({
      phoneNumber: found?.phoneNumber,
      smsUrl: "https://user:CANARY-login@example.com/",
    });
    const service = await conversations.services.create({ friendlyName: "Desk" });
    const desk = conversations.services(service.sid);
    const { sid } = await desk.conversations.create({ uniqueName: "vip", attributes: JSON.stringify({ service: service.sid }) });
    const vip = desk.conversations(sid);
    await vip.participants.create({ "messagingBinding.address": "+15558675310", "messagingBinding.proxyAddress": number.phoneNumber });
    for (const body of ["one", "two", "three"]) await vip.messages.create({ body });
    await vip.messages.list({ pageSize: 2 });
    await desk.conversations.create({ uniqueName: "vip" }).catch(() => undefined);
    await conversations.credentials.create({ type: "apn", certificate: "CANARY-certificate", privateKey: "CANARY-private" });
    const key = await client.newKeys.create({ friendlyName: "key" });
    const account = await client.api.v2010.accounts.create({ friendlyName: "Sub" });
    const url = `${emulator.url}/conversations.twilio.com/v1/Services`;
    const login = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` });
    await fetch(url, { headers: login(key.sid, key.secret) });
    await fetch(url, {
      headers: login(account.sid, account.authToken),
      method: "POST",
      body: new URLSearchParams({ FriendlyName: "In the subaccount" }),
    });
    await fetch(url, { headers: login(account.sid, "CANARY-wrong-password") });
    await fetch(url, {
      method: "POST",
      headers: { ...login(emulator.accountSid, emulator.authToken), "content-type": "application/json" },
      body: '{"x":"CANARY-json"}',
    });
    await vip.remove();
    return [emulator.authToken, emulator.apiSecret, key.secret, account.authToken, ...CANARIES];
  } finally {
    await emulator.close();
  }
}

describe("a recording", () => {
  let folder: string;
  let path: string;
  let secrets: string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-replay-"));
    path = join(folder, "run.har");
    secrets = await record(path);
    return () => rm(folder, { recursive: true });
  });

  it("has every request and no secret, for its owner only", async () => {
    const text = await readFile(path, "utf8");
    const { log } = JSON.parse(text) as Har;
    expect(log.version).toBe("1.2");
    expect(log.entries.map(({ response }) => response.status)).toEqual([
      ...[200, 201, 201, 201, 201, 201, 201, 201, 200],
      ...[200, 409, 201, 201, 201, 200, 201, 401, 400, 204],
    ]);
    expect(log.entries[1]?.request).toMatchObject({
      method: "POST",
      url: expect.stringMatching(/^https:\/\/api\.twilio\.com\/2010-04-01\/Accounts\/AC/),
    });
    for (const secret of secrets) {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) expect(text).not.toContain(form);
    }
    expect(text.toLowerCase()).not.toContain("authorization");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("replays without a difference, although SIDs, numbers and credentials differ", async () => {
    expect(await run(CLI, ["replay", path])).toEqual({
      code: 0,
      signal: null,
      stdout: "19 requests replayed, 0 with differences.\n",
      stderr: "",
    });
  });

  it("shows what differs, and exits with 1", async () => {
    const har = await read(path);
    const [service, second, conflict] = [har.log.entries[2], har.log.entries[6], har.log.entries[10]];
    const change = (entry: (typeof har.log.entries)[number] | undefined, from: string | RegExp, to: string) => {
      if (entry) entry.response.content.text = entry.response.content.text.replace(from, to);
    };
    change(service, '"friendly_name":"Desk"', '"friendly_name":"Shop"');
    // Another object's SID, at a place where it should be that of the conversation.
    change(second, /"conversation_sid":"CH[0-9a-f]{32}"/, `"conversation_sid":"CH${"0".repeat(32)}"`);
    if (conflict) conflict.response.status = 201;
    const changed = join(folder, "changed.har");
    await writeFile(changed, JSON.stringify(har));
    const { code, stdout } = await run(CLI, ["replay", changed]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      'Request 3: POST https://conversations.twilio.com/v1/Services\n  body.friendly_name: "Shop" in the recording, "Desk" in the replay\n',
    );
    expect(stdout).toMatch(
      /Request 7: POST .*\/Messages\n {2}body\.conversation_sid: "CH0{32}" in the recording, "CH[0-9a-f]{32}" in the replay\n/,
    );
    expect(stdout).toContain("  status: 201 in the recording, 409 in the replay\n");
    expect(stdout).toMatch(/19 requests replayed, 3 with differences\.\n$/);
    const json = await run(CLI, ["replay", changed, "--json"]);
    expect({ code: json.code, ...JSON.parse(json.stdout) }).toMatchObject({
      code: 1,
      replayed: 19,
      skipped: { otherHosts: 0, withoutResponse: 0 },
      differences: expect.arrayContaining([
        {
          number: 3,
          method: "POST",
          url: "https://conversations.twilio.com/v1/Services",
          differences: [{ path: "body.friendly_name", recorded: "Shop", replayed: "Desk" }],
        },
      ]),
    });
  });
});

describe("a recording of another tool", () => {
  it("replays its requests to Twilio's REST API, and counts the others", async () => {
    const path = join(await temporaryFolder(), "browser.har");
    const sid = `IS${"a".repeat(32)}`;
    const account = `AC${"b".repeat(32)}`;
    const authorization = `Basic ${Buffer.from(`${account}:secret`).toString("base64")}`;
    const entry = (method: string, url: string, status: number, body: unknown, params?: object[]) => ({
      startedDateTime: "2025-01-31T12:00:00.000Z",
      request: {
        method,
        url,
        headers: [
          { name: "Authorization", value: authorization },
          { name: "Content-Type", value: "application/x-www-form-urlencoded" },
          { name: ":authority", value: "x" },
        ],
        ...(params && { postData: { mimeType: "application/x-www-form-urlencoded", params } }),
      },
      response: {
        status,
        content: { mimeType: "application/json", encoding: "base64", text: Buffer.from(JSON.stringify(body)).toString("base64") },
      },
    });
    const entries = [
      entry("GET", "https://example.com/app.js", 200, "x"),
      entry("POST", "https://conversations.dublin.ie1.twilio.com/v1/Services", 201, { sid, account_sid: account, friendly_name: "Desk" }, [
        { name: "FriendlyName", value: "Desk" },
      ]),
      entry("GET", `https://conversations.twilio.com/v1/Services/${sid}`, 200, { sid, friendly_name: "Other" }),
      entry("GET", "https://tsock.us1.twilio.com/v3/wsconnect", 101, {}),
      entry("GET", "https://conversations.twilio.com/v1/Services", 503, {}),
      // Without the content of the response.
      { ...entry("GET", "https://conversations.twilio.com/v1/Services/%zz", 404, {}), response: { status: 404, content: {} } },
      { ...entry("DELETE", `https://conversations.twilio.com/v1/Services/${sid}`, 204, {}), response: { status: 204, content: {} } },
    ];
    await writeFile(path, `\uFEFF${JSON.stringify({ log: { entries } })}`);
    const { stdout, code } = await run(CLI, ["replay", path]);
    expect(code).toBe(1);
    expect(stdout).toContain('  body.friendly_name: "Other" in the recording, "Desk" in the replay\n');
    expect(stdout).toMatch(
      /4 requests replayed, 2 with differences; 2 skipped that are not for Twilio's REST API; 1 skipped whose response is missing/,
    );
  });

  it.each([
    ["no JSON", "must be JSON of the format HAR 1.2"],
    ["{}", "with a list log.entries"],
    ['{"log":{"entries":[null]}}', "log.entries[0].request.method must be a string"],
    ['{"log":{"entries":[{"request":{"method":"GET","url":"/x"}}]}}', "log.entries[0].request.url must be an absolute URL"],
    ['{"log":{"entries":[{"request":{"method":"GET","url":"https://x.y"}}]}}', "log.entries[0].response.status must be a number"],
  ])("that is %s is refused", async (text, message) => {
    const path = join(await temporaryFolder(), "bad.har");
    await writeFile(path, text);
    expect(await run(CLI, ["replay", path])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) });
  });

  it("that does not exist is refused, and a file that cannot be written too", async () => {
    expect((await run(CLI, ["replay", "/no/such.har"])).stderr).toMatch(/^error: cannot read \/no\/such\.har: .*\. Name a recording\.\n$/);
    expect(await run(CLI, ["emulator", "--port", "0", "--record", "/no/such/run.har"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot record into /no/such/run.har"),
    });
  });
});

describe("twilio-conversations emulator --data", () => {
  it("prints the SIDs by name, and applies the changes of the file", async () => {
    const path = join(await temporaryFolder(), "twilio.yaml");
    await writeFile(path, "services: {desk: {}}\n");
    const emulator = launch(CLI, ["emulator", "--port", "0", "--data", path, "--watch"]);
    await emulator.says(/services\.desk {2}IS[0-9a-f]{32}\n/);
    const url = /TWILIO_BASE_URL=(\S+)/.exec(emulator.written().stdout)?.[1];
    await writeFile(path, "services: {desk: {friendlyNam: x}}\n");
    await emulator.says(
      /was not applied, and nothing has changed:\n {2}line 1: services\.desk\.friendlyNam: .*did you mean friendlyName\?/,
    );
    await writeFile(path, "services: {desk: {}, shop: {}}\n");
    await emulator.says(/note: applied .*twilio\.yaml: created services\.shop\n/);
    const { sids } = (await (await fetch(`${url}/_emulator/data`)).json()) as { sids: { services: object } };
    expect(Object.keys(sids.services)).toEqual(["desk", "shop"]);
    emulator.interrupt();
    expect((await emulator.ended).code).toBe(0);
  });

  it("is part of the JSON, works with `emulator run`, and refuses wrong files", async () => {
    const folder = await temporaryFolder();
    const [path, har] = [join(folder, "twilio.json"), join(folder, "run.har")];
    await writeFile(path, '{"services": {"desk": {}}}');
    const emulator = launch(CLI, ["emulator", "--port", "0", "--data", path, "--json"]);
    await emulator.says(/\n/);
    expect(JSON.parse(emulator.written().stdout).sids).toEqual({ services: { desk: expect.stringMatching(/^IS/) } });
    emulator.interrupt();
    await emulator.ended;
    const read =
      'curl -sS "$TWILIO_BASE_URL/_emulator/data"; curl -sS -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" https://conversations.twilio.com/v1/Services';
    const ended = await run(CLI, ["emulator", "run", "--data", path, "--record", har, "--", "sh", "-c", read]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^{"sids":{"services":{"desk":"IS/) });
    expect((await run(CLI, ["replay", har, "--data", path])).stdout).toBe("1 request replayed, 0 with differences.\n");
    expect((await run(CLI, ["replay", har])).code).toBe(1);
    await writeFile(path, '{"service": {}}');
    expect(await run(CLI, ["emulator", "--port", "0", "--data", path])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: `error: ${path} was not applied, and nothing has changed:\n  line 1: service: is not a section: did you mean services?\n`,
    });
    expect((await run(CLI, ["emulator", "--watch"])).stderr).toContain("--watch needs the file that it watches: add --data FILE");
  });
});
