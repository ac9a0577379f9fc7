import { appendFile, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";
const MOBILE = "+15558675310";

describe("twilio-conversations archive", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let service: string;
  /** The server of the phones' pictures: what was requested, and how it responds. */
  let pictures: Server;
  let asked: string[];
  let answers: Record<string, "hang" | number>;
  const pictureUrl = (name: string) => `http://127.0.0.1:${(pictures.address() as AddressInfo).port}/${name}`;

  beforeAll(async () => {
    pictures = createServer((request, response) => {
      const name = String(request.url).slice(1);
      asked.push(name);
      const answer = answers[name] ?? 200;
      if (answer === "hang") response.writeHead(200).write("half of a pict");
      else response.writeHead(answer, { "Content-Type": "image/jpeg" }).end(`picture ${name}`);
    });
    await new Promise<void>((listening) => pictures.listen(0, "127.0.0.1", listening));
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
  });
  beforeEach(async () => {
    await emulator.reset();
    await twilio.forgetFaults();
    [asked, answers] = [[], {}];
    folder = await mkdtemp(join(tmpdir(), "twilio-archive-"));
    service = (await twilio.client.conversations.v1.services.create({ friendlyName: "Support" })).sid;
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
    const { url, accountSid, authToken } = emulator;
    env = { ...own, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_BASE_URL: url, HOME: folder };
    return () => rm(folder, { recursive: true, force: true });
  });
  afterAll(async () => {
    await emulator.close();
    pictures.closeAllConnections();
    pictures.close();
  });

  const conversations = () => twilio.client.conversations.v1.services(service).conversations;
  const archive = (...args: string[]) => run(CLI, ["archive", "--out", "kept", ...args], env, folder);
  async function archived(...args: string[]) {
    const { code, stdout, stderr } = await archive("--json", ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  }
  const kept = (...path: string[]) => join(folder, "kept", ...path);
  const lines = async (sid: string) =>
    (await readFile(kept(sid, "messages.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { sid: string; index: number; body: string | null });
  const callsOf = async (template: string) =>
    (await twilio.calls())
      .filter(({ method, path }) => method === "GET" && path.endsWith(template))
      .reduce((sum, { count }) => sum + count, 0);

  async function say(sid: string, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1)
      await conversations()(sid).messages.create({ author: "testPineapple", body: `message ${index}` });
  }
  /** Uploads a file as the chat does. */
  async function upload(name: string, text: string): Promise<string> {
    const login = Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString("base64");
    const url = `${emulator.url}/mcs.us1.twilio.com/v1/Services/${service}/Media?Filename=${encodeURIComponent(name)}`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Basic ${login}`, "content-type": "text/plain" },
      body: text,
    });
    return ((await answer.json()) as { sid: string }).sid;
  }
  /** Creates a conversation with a phone, whose pictures are on another server. */
  async function withPhone(...names: string[]): Promise<string> {
    const [offer] = await twilio.client
      .availablePhoneNumbers("US")
      .local.list({ smsEnabled: true, mmsEnabled: true, areaCode: 415, limit: 1 });
    const { phoneNumber } = await twilio.client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string });
    const { sid } = await conversations().create({ friendlyName: "pictures" });
    await conversations()(sid).participants.create({ "messagingBinding.address": MOBILE, "messagingBinding.proxyAddress": phoneNumber });
    for (const name of names) {
      await fetch(`${emulator.url}/_emulator/inbound`, {
        method: "POST",
        body: JSON.stringify({ from: MOBILE, to: phoneNumber, body: `see ${name}`, mediaUrl: pictureUrl(name) }),
      });
    }
    return sid;
  }

  it("writes messages, participants and attachments, also of closed conversations, readable by their owner only; a second run fetches nothing", async () => {
    const { sid } = await conversations().create({ friendlyName: "Über \u001b[31malles", uniqueName: "all" });
    const here = conversations()(sid);
    await here.participants.create({ identity: "testPineapple", attributes: '{"a":1}' });
    const media = await upload("../the notes.txt", "the content");
    await here.messages.create({ author: "testPineapple", body: "two\nlines \u2028 and \u001b[2J", mediaSid: media });
    await here.messages.create({ author: "testPineapple", body: "the end" });
    await here.update({ state: "closed" });
    const empty = (await conversations().create({})).sid;
    const pictured = await withPhone("car.jpg");
    await twilio.forgetCalls();
    expect(await archived("--service", service)).toEqual({
      out: "kept",
      conversations: 3,
      unchanged: 0,
      messages: 3,
      media: 2,
      missing: 0,
      gone: 0,
    });
    expect(await twilio.writes()).toEqual([]);
    expect(await lines(sid)).toMatchObject([
      { index: 0, author: "testPineapple", media: [{ sid: media }] },
      { index: 1, body: "the end" },
    ]);
    expect(JSON.parse(await readFile(kept(sid, "participants.json"), "utf8"))).toMatchObject([
      { identity: "testPineapple", attributes: '{"a":1}' },
    ]);
    expect(JSON.parse(await readFile(kept(sid, "conversation.json"), "utf8"))).toMatchObject({ unique_name: "all", state: "closed" });
    expect(await readFile(kept(sid, "media", `${media}-_the_notes.txt`), "utf8")).toBe("the content");
    const text = await readFile(kept(sid, "transcript.txt"), "utf8");
    expect(text).toMatch(
      /^\d{4}-\S+Z testPineapple: two\n {4}lines \n {5}and �\[2J\n {4}\[\.\.\/the notes\.txt, text\/plain, 11 bytes: media\/ME/m,
    );
    expect(text).toMatch(/^With testPineapple$/m);
    expect(await readFile(kept(empty, "transcript.txt"), "utf8")).toMatch(/^With nobody$/m);
    const [picture] = await readdir(kept(pictured, "media"));
    expect(await readFile(kept(pictured, "media", String(picture)), "utf8")).toBe("picture car.jpg");
    expect((await stat(kept(sid, "messages.jsonl"))).mode & 0o777).toBe(0o600);
    expect((await stat(kept())).mode & 0o777).toBe(0o700);

    asked = [];
    await twilio.forgetCalls();
    expect(await archived("--service", service)).toMatchObject({ conversations: 3, unchanged: 3, messages: 3, media: 2 });
    // One request for the last message of each.
    expect((await twilio.calls()).map(({ path, count }) => [path.split("/").at(-1), count])).toEqual([
      ["Conversations", 1],
      ["Messages", 3],
    ]);
    expect(asked).toEqual([]);
  });

  it("resumes at the page where it was interrupted, and later adds new messages", async () => {
    const { sid } = await conversations().create({});
    await say(sid, 120);
    await twilio.fault({ method: "GET", path: "*/Messages", nth: 2, status: 400, code: 20001 });
    const { code, stderr } = await archive("--conversation", sid);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("error: Cannot read CH") });
    expect(await lines(sid)).toHaveLength(100);
    // A killed process may leave more than it recorded.
    await appendFile(kept(sid, "messages.jsonl"), '{"sid": "half a li');
    await twilio.forgetFaults();
    await twilio.forgetCalls();
    expect(await archived("--conversation", sid)).toMatchObject({ conversations: 1, messages: 120 });
    expect(await callsOf("/Messages")).toBe(1);
    expect((await lines(sid)).map(({ body }) => body)).toEqual(Array.from({ length: 120 }, (_, index) => `message ${index}`));

    await say(sid, 3);
    expect(await archived("--conversation", sid, "--service", service)).toMatchObject({ unchanged: 0, messages: 123 });
    expect((await lines(sid)).map(({ index }) => index)).toEqual(Array.from({ length: 123 }, (_, index) => index));
  });

  it("fetches no attachment twice, neither after a failed one nor after kill -9 during a download", async () => {
    const sid = await withPhone("one.jpg", "two.jpg", "three.jpg");
    answers = { "two.jpg": 503 };
    const failed = await archive("--conversation", sid);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/error: Cannot fetch the attachment ME.*\n.*HTTP 503/) });
    expect(new Set(asked)).toEqual(new Set(["one.jpg", "two.jpg"]));

    [answers, asked] = [{ "three.jpg": "hang" }, []];
    const killed = launch(CLI, ["archive", "--out", "kept", "--conversation", sid], env, folder);
    await expect.poll(() => asked, { timeout: 20_000 }).toEqual(["two.jpg", "three.jpg"]);
    killed.interrupt("SIGKILL");
    await killed.ended;

    [answers, asked] = [{}, []];
    expect(await archived("--conversation", sid)).toMatchObject({ media: 3, missing: 0 });
    expect(asked).toEqual(["three.jpg"]);
    const files = await readdir(kept(sid, "media"));
    expect(await Promise.all(files.sort().map((name) => readFile(kept(sid, "media", name), "utf8")))).toHaveLength(3);
    for (const name of files) expect(await readFile(kept(sid, "media", name), "utf8")).toMatch(/^picture \w+\.jpg$/);
  });

  it("reports attachments that Twilio no longer has, and keeps what it has of a deleted conversation", async () => {
    const { sid } = await conversations().create({});
    const media = await upload("gone.txt", "gone");
    await conversations()(sid).messages.create({ body: "see", mediaSid: media });
    const login = `Basic ${Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString("base64")}`;
    await fetch(`${emulator.url}/mcs.us1.twilio.com/v1/Services/${service}/Media/${media}`, {
      method: "DELETE",
      headers: { authorization: login },
    });
    expect(await archived("--conversation", sid)).toMatchObject({ messages: 1, media: 0, missing: 1 });
    expect(await readFile(kept(sid, "transcript.txt"), "utf8")).toContain("[gone.txt, text/plain, 4 bytes: Twilio no longer has it]");

    const texted = await withPhone("expired.jpg");
    answers = { "expired.jpg": 410 };
    expect(await archived("--conversation", texted)).toMatchObject({ media: 0, missing: 1 });
    await conversations()(sid).remove();
    const { code, stderr } = await archive("--conversation", sid);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`error: there is no ${sid} in account AC`) });
    expect(await lines(sid)).toHaveLength(1);
  });

  it("refuses an invalid SID and a folder of another account, and asks for the service if there is none", async () => {
    expect((await archive("--conversation", "hello")).stderr).toContain("It must be the SID of a conversation");
    expect((await archive()).stderr).toMatch(/^error: which conversation service\? Give --service IS…/m);
    expect((await archive("--service", `IS${"0".repeat(32)}`)).stderr).toMatch(/error: account AC\w+ has no conversation service IS0/);
    await archived("--service", service);
    const subaccount = await twilio.client.api.v2010.accounts.create({});
    Object.assign(env, { TWILIO_ACCOUNT_SID: subaccount.sid, TWILIO_AUTH_TOKEN: subaccount.authToken });
    const other = emulatorClient({ ...emulator, accountSid: subaccount.sid, authToken: subaccount.authToken });
    const { sid } = await other.client.conversations.v1.services.create({ friendlyName: "Support" });
    expect((await archive("--service", sid)).stderr).toContain("error: kept contains an archive of another account");
  });
});
