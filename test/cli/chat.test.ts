import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { emulatorClient } from "../engine/twilio";
import { openProject, type Project } from "./project";

const post = (url: string, body: unknown) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(url).origin },
    body: JSON.stringify(body),
  });

describe("twilio-conversations chat", () => {
  let emulator: Emulator;
  let project: Project;
  let serviceSid: string;
  beforeAll(async () => {
    emulator = await startEmulator();
    const { services } = emulatorClient(emulator).client.conversations.v1;
    serviceSid = (await services.create({ friendlyName: "Support" })).sid;
    const { sid } = await services(serviceSid).conversations.create({ friendlyName: "Hello" });
    await services(serviceSid).conversations(sid).participants.create({ identity: "testPineapple" });
    const { url, accountSid, apiKey } = emulator;
    project = await openProject(
      { "twilio:baseUrl": url, "twilio:accountSid": accountSid, "twilio:apiKey": apiKey, "twilio:apiSecret": emulator.apiSecret },
      { serviceSid },
    );
  });
  afterAll(async () => {
    await project?.close();
    await emulator?.close();
  });

  it("serves the page for a stack's service until it is interrupted", async () => {
    const chat = project.launch(["chat", "--stack", "dev", "--port", "0", "--identity", "testPineapple"]);
    await chat.says(/Ctrl-C/);
    const [, url] = chat.written().stdout.match(/^The chat is at (http:\/\/127\.0\.0\.1:\d+\/)\?identity=testPineapple\n/) ?? [];
    expect(await (await fetch(url as string)).text()).toContain("<title>Chat</title>");
    expect(await (await fetch(`${url}about`)).json()).toMatchObject({
      isEmulator: true,
      service: { sid: serviceSid, friendlyName: "Support" },
      identities: ["testPineapple"],
    });
    const answer = (await (await post(`${url}token`, { identity: "testPineapple" })).json()) as { token: string; twilsock: string };
    expect(answer.twilsock).toBe(`${emulator.url.replace("http", "ws")}/v3/wsconnect`);
    expect(JSON.parse(Buffer.from(answer.token.split(".")[1] as string, "base64url").toString()).grants.chat.service_sid).toBe(serviceSid);
    chat.interrupt();
    const { code, stdout, stderr } = await chat.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const secret of [emulator.apiSecret, emulator.authToken]) expect(stdout).not.toContain(secret);
  });

  it("serves the embedded emulator if no other process does, and follows it when another process takes over", async () => {
    const embedded = await openProject({ "twilio:backend": "emulator" }, {});
    try {
      const before = await startEmulator({ stateDir: join(embedded.folder, ".twilio") });
      const { sid } = await emulatorClient(before).client.conversations.v1.services.create({ friendlyName: "Support" });
      const chat = embedded.launch(["chat", "--stack", "dev", "--port", "0", "--service", sid]);
      await chat.says(/Ctrl-C/);
      const [, url] = chat.written().stdout.match(/^The chat is at (\S+)\n/) ?? [];
      const place = async () =>
        ((await (await post(`${url}token`, { identity: "testPineapple" })).json()) as { twilsock: string }).twilsock;
      expect(await place()).toContain(new URL(before.url).host);
      await before.close();
      // The process that served the emulator has ended: the chat serves it now, with the same state at another URL.
      const later = await place();
      expect(later).not.toContain(new URL(before.url).host);
      expect(await (await fetch(`${url}about`)).json()).toMatchObject({ isEmulator: true, service: { friendlyName: "Support" } });
      const page = await fetch(url as string);
      expect(page.headers.get("content-security-policy")).toContain(new URL(later).origin);
      chat.interrupt();
      expect((await chat.ended).code).toBe(0);
    } finally {
      await embedded.close();
    }
  });

  it("reports a port that is in use", async () => {
    const { port } = new URL(emulator.url);
    const ended = await project.command(["chat", "--stack", "dev", "--port", port]);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toBe(`error: port ${port} is in use; choose another port with --port, or any free port with --port 0\n`);
  });

  it("reports at the start that an auth token cannot sign", async () => {
    const env = { TWILIO_BASE_URL: emulator.url, TWILIO_ACCOUNT_SID: emulator.accountSid, TWILIO_AUTH_TOKEN: emulator.authToken };
    const ended = await project.command(["chat", "--service", serviceSid], env);
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toContain("an access token must be signed with an API key");
  });
});
