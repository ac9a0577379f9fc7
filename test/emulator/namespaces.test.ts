/** Namespaces: emulators of parallel tests in one process. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { attachEmulator, type Emulator, type Namespace, startEmulator } from "../../src/emulator";
import { authorizationOf, connect } from "./support/client";
import { Control } from "./support/control";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { openTunnel, receive } from "./support/proxy";
import { RawSdk } from "./support/raw-sdk";
import { useReceiver } from "./support/receiver";
import { nextEvent, openConversation, signIn, socketUrl, tokenFor } from "./support/sdk";
import { temporaryFolder, upload } from "./support/snapshots";

const twilio = useEmulator();
const receiver = useReceiver();

/** A namespace of the emulator until the test finishes, with clients that have its credentials and nothing else. */
async function open(name?: string) {
  const namespace = await twilio.emulator.createNamespace(name);
  onTestFinished(() => namespace.close().catch(() => {}));
  const emulator = namespace as unknown as Emulator;
  // Its path, as `Control` adds `/_emulator`.
  const control = new Control(namespace.url);
  const call = (method: string, path: string, input?: unknown) => control.ok(method, `namespaces/${namespace.name}/${path}`, input);
  return { namespace, emulator, control: call, ...connect(emulator) };
}

const names = async ({ conversations }: Pick<typeof twilio, "conversations">) =>
  (await conversations.conversations.list()).map(({ friendlyName }) => friendlyName).sort();

describe("two namespaces and the main emulator", () => {
  it("have accounts and records of their own, which their credentials select", async () => {
    const [red, blue] = [await open(), await open()];
    const all = [red, blue, twilio];
    expect(new Set(all.map(({ emulator }) => emulator.accountSid)).size).toBe(3);
    for (const [index, { conversations }] of all.entries()) await conversations.conversations.create({ friendlyName: `of ${index}` });
    expect(await Promise.all(all.map(names))).toEqual([["of 0"], ["of 1"], ["of 2"]]);
    const key = await red.api.newKeys.create({ friendlyName: "key" });
    const byKey = connect(red.emulator, { user: key.sid, password: key.secret, accountSid: red.emulator.accountSid });
    expect(await names(byKey)).toEqual(["of 0"]);
    const byMainKey = connect(blue.emulator, {
      user: blue.emulator.apiKey,
      password: blue.emulator.apiSecret,
      accountSid: blue.emulator.accountSid,
    });
    expect(await names(byMainKey)).toEqual(["of 1"]);
    const sub = await red.client.api.v2010.accounts.create({ friendlyName: "sub" });
    const theirs = connect(red.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    expect(await names(theirs)).toEqual([]);
    const wrong = connect(red.emulator, { user: red.emulator.accountSid, password: "wrong", accountSid: red.emulator.accountSid });
    await expect(names(wrong)).rejects.toMatchObject({ status: 401 });
    expect(await twilio.control.ok("GET", "state")).toMatchObject({ conversations: [{ friendlyName: "of 2" }] });
    expect(await red.control("GET", "state")).toMatchObject({ conversations: [{ friendlyName: "of 0" }] });
  });

  it("have clocks, faults, calls, logs, resets and snapshots of their own", async () => {
    const [red, blue] = [await open(), await open()];
    await blue.conversations.conversations.create({ friendlyName: "blue" });
    await red.conversations.conversations.create({ friendlyName: "red" });
    await red.namespace.snapshots.save("saved");
    const others = async () => [
      await blue.control("GET", "clock").then(({ now: _now, ...clock }) => clock),
      await blue.control("GET", "faults"),
      await blue.control("GET", "calls"),
      await blue.control("GET", "snapshots"),
      await blue.control("GET", "requests"),
      await twilio.control.ok("GET", "faults"),
      await twilio.control.ok("GET", "snapshots"),
      await twilio.control.ok("GET", "requests"),
    ];
    const before = await others();
    await red.control("POST", "clock", { advanceSeconds: 86_400, speed: 60 });
    await red.control("POST", "faults", { status: 503 });
    await expect(names(red)).rejects.toMatchObject({ status: 503 });
    expect(await others()).toEqual(before);
    expect(await names(blue)).toEqual(["blue"]);
    await red.namespace.reset();
    expect(await names(red)).toEqual([]);
    await red.namespace.snapshots.restore("saved");
    expect(await names(red)).toEqual(["red"]);
    await twilio.emulator.reset();
    expect([await names(red), await names(blue)]).toEqual([["red"], ["blue"]]);
    await expect(blue.namespace.snapshots.restore("saved")).rejects.toThrow("there is no snapshot saved");
  });

  it("have webhooks and phones of their own", async () => {
    const [red, blue] = [await open(), await open()];
    const { sid, phoneNumber } = await buyNumber(red);
    await red.api.incomingPhoneNumbers(sid).update({ smsUrl: `${receiver.url}/red` });
    await red.control("POST", "inbound", { from: ALICE, to: phoneNumber, body: "hello" });
    const [request] = await receiver.waitFor(1);
    expect([request?.isSigned(red.emulator.authToken), request?.isSigned(twilio.emulator.authToken)]).toEqual([true, false]);
    await vi.waitFor(async () => expect(await red.control("GET", "webhooks")).toMatchObject({ deliveries: [{ outcome: "delivered" }] }));
    expect(await blue.control("GET", "webhooks")).toEqual({ deliveries: [] });
    expect(await twilio.control.ok("GET", "webhooks")).toEqual({ deliveries: [] });
    await red.client.messages.create({ from: phoneNumber, to: ALICE, body: "reply" });
    await vi.waitFor(async () =>
      expect(await red.control("GET", `outbox?to=${encodeURIComponent(ALICE)}`)).toMatchObject({ messages: [{ body: "reply" }] }),
    );
    expect(await twilio.control.ok("GET", "outbox")).toEqual({ messages: [] });
  });

  it("have media of their own, also at temporary URLs without credentials", async () => {
    const red = await open();
    const { sid } = await red.conversations.services.create({ friendlyName: "Support" });
    const media = await upload(red, sid, "red");
    expect(await media.read()).toBe("red");
    const headers = { authorization: authorizationOf(red.emulator) };
    const url = `${red.emulator.url}/mcs.us1.twilio.com/v1/Services/${sid}/Media/${media.sid}`;
    const { links } = (await (await fetch(url, { headers })).json()) as { links: { content_direct_temporary: string } };
    expect(await (await fetch(links.content_direct_temporary)).text()).toBe("red");
    expect((await fetch(url, { headers: { authorization: authorizationOf(twilio.emulator) } })).status).toBe(404);
  });
});

describe("a client of a namespace", () => {
  it("needs only its credentials, also through the proxy", async () => {
    const emulator = await startEmulator({ proxy: true });
    onTestFinished(() => emulator.close());
    const space = await emulator.createNamespace();
    const host = "conversations.twilio.com";
    const { conversations } = connect(space as unknown as Emulator);
    await conversations.conversations.create({ friendlyName: "red" });
    for (const [account, count] of [
      [space, 1],
      [emulator, 0],
    ] as const) {
      const secure = await openTunnel(emulator, host);
      const head = `GET /v1/Conversations HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorizationOf(account as Emulator)}`;
      secure.write(`${head}\r\nConnection: close\r\n\r\n`);
      expect((await receive(secure)).match(/"friendly_name"/g) ?? []).toHaveLength(count);
    }
  });

  it("that follows its events is disconnected when it is deleted", async () => {
    const red = await open();
    const events = await fetch(`${red.namespace.controlUrl}/events?after=0`);
    await red.conversations.conversations.create({ friendlyName: "red" });
    await red.namespace.close();
    expect(await events.text()).toContain('"friendlyName":"red"');
  });
});

describe("the chat SDK in a namespace", () => {
  it("needs only its token, and sees only its namespace", async () => {
    const spaces = [await open(), await open()];
    const clients = await Promise.all(
      spaces.map(async ({ emulator, conversations }) => {
        const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
        const conversation = await conversations.services(serviceSid).conversations.create({ friendlyName: "Hello" });
        await conversations.services(serviceSid).conversations(conversation.sid).participants.create({ identity: "pineapple" });
        const client = await signIn("@twilio/conversations", emulator, { identity: "pineapple", serviceSid });
        return { opened: await openConversation(client, conversation.sid), client };
      }),
    );
    const bodies: string[][] = [[], []];
    for (const [index, { opened }] of clients.entries()) opened.on("messageAdded", ({ body }) => bodies[index]?.push(String(body)));
    const added = clients.map(({ opened }) => nextEvent(opened, "messageAdded"));
    await Promise.all(clients.map(({ opened }, index) => opened.sendMessage(`to ${index}`)));
    await Promise.all(added);
    expect(bodies).toEqual([["to 0"], ["to 1"]]);
    const lost = nextEvent<string>(clients[0]?.client as never, "connectionStateChanged", (state) => state !== "connected");
    await spaces[0]?.namespace.close();
    await lost;
    const another = nextEvent(clients[1]?.opened as never, "messageAdded");
    await clients[1]?.opened.sendMessage("still here");
    await another;
  });

  it("is refused by the faults of its own namespace only", async () => {
    const [red, blue] = [await open(), await open()];
    const tokens = await Promise.all(
      [red, blue, twilio].map(async ({ emulator, conversations }) => {
        const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
        return tokenFor(emulator, { identity: "pineapple", serviceSid });
      }),
    );
    await red.control("POST", "faults", { path: "/v3/wsconnect", status: 503, times: 1 });
    await twilio.control.ok("POST", "faults", { path: "/v3/wsconnect", drop: "before", times: 1 });
    const outcome = async (token = "") => {
      const client = await RawSdk.open(twilio.emulator);
      client.send({ method: "init", token });
      return client.waitFor((received, isClosed) => received[0]?.header.status?.code ?? (isClosed ? "closed" : undefined));
    };
    expect(await Promise.all(tokens.map(outcome))).toEqual(["closed", 200, "closed"]);
    expect(await Promise.all(tokens.map(outcome))).toEqual([200, 200, 200]);
    // Without a namespace, the connection itself is refused.
    for (const { namespace } of [red, blue]) await namespace.close();
    await twilio.control.ok("POST", "faults", { path: "/v3/wsconnect", status: 503 });
    const refused = await new Promise<string>((resolve) =>
      new WebSocket(socketUrl(twilio.emulator)).on("error", ({ message }) => resolve(message)),
    );
    expect(refused).toContain("503");
  });
});

describe("the control plane", () => {
  it("creates, lists and deletes namespaces", async () => {
    const created = await twilio.control.ok("POST", "namespaces", { name: "red" });
    const { url } = twilio.emulator;
    const info = { name: "red", accountSid: expect.stringMatching(/^AC/), baseUrl: url, controlUrl: `${url}/_emulator/namespaces/red` };
    expect(created).toEqual({
      ...info,
      authToken: expect.stringMatching(/^[0-9a-f]{32}$/),
      apiKey: expect.stringMatching(/^SK/),
      apiSecret: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await twilio.control.ok("GET", "namespaces")).toEqual({ namespaces: [info] });
    expect(await twilio.control.call("POST", "namespaces", { name: "red" })).toMatchObject({
      status: 409,
      body: { message: "there is a namespace red already; delete it, or choose another name" },
    });
    expect(await twilio.control.ok("GET", "namespaces/red/health")).toMatchObject({
      accountSid: created.accountSid,
      namespace: "red",
      url,
    });
    expect(await twilio.control.ok("DELETE", "namespaces/red")).toEqual({ namespaces: [] });
    for (const [method, path] of [
      ["DELETE", "namespaces/red"],
      ["GET", "namespaces/red/clock"],
    ] as const)
      expect(await twilio.control.call(method, path)).toMatchObject({
        status: 404,
        body: { message: "there is no namespace red; there is none yet" },
      });
    // The same name has the same credentials, so that the SIDs in a test's expectations stay the same.
    expect(await twilio.control.ok("POST", "namespaces", { name: "red" })).toEqual(created);
    await twilio.control.ok("DELETE", "namespaces/red");
  });

  it.each(["..", "a/b", "", 1, null])("refuses the name %j", async (name) => {
    expect(await twilio.control.call("POST", "namespaces", { name })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching("^the name of a namespace must have 1 to 64 letters, digits, ") },
    });
  });

  it("of a namespace is also reached with its credentials", async () => {
    const red = await open();
    const clockOf = async (user: string) => {
      const headers = { authorization: `Basic ${Buffer.from(`${user}:`).toString("base64")}` };
      return (await fetch(`${twilio.emulator.url}/_emulator/clock`, { headers })).json();
    };
    await red.control("POST", "clock", { advanceSeconds: 100 });
    for (const user of [red.emulator.accountSid, red.emulator.apiKey]) expect(await clockOf(user)).toMatchObject({ advancedSeconds: 100 });
    for (const user of ["", twilio.emulator.accountSid]) expect(await clockOf(user)).toMatchObject({ advancedSeconds: 0 });
  });

  it("of an emulator in another process creates them, too; the state folder knows nothing of them", async () => {
    const stateDir = await temporaryFolder();
    const first = await startEmulator({ stateDir });
    onTestFinished(() => first.close());
    const namespace: Namespace = await (await attachEmulator(stateDir)).createNamespace("red");
    const { conversations } = connect(namespace as unknown as Emulator);
    await conversations.conversations.create({ friendlyName: "red" });
    await namespace.snapshots.save("saved");
    expect(await names(connect(first))).toEqual([]);
    expect(await first.snapshots.list()).toEqual([]);
    await namespace.close();
    await namespace.close();
    await expect(names({ conversations })).rejects.toMatchObject({ status: 401 });
  });
});

it("100 namespaces at once are created in less than a second, and each sees only its own of interleaved writes", async () => {
  const started = performance.now();
  const spaces = await Promise.all(Array.from({ length: 100 }, () => twilio.emulator.createNamespace()));
  const took = performance.now() - started;
  onTestFinished(async () => void (await Promise.all(spaces.map((space) => space.close()))));
  expect(took).toBeLessThan(1000);
  const written = await Promise.all(
    spaces.map(async (space, index) => {
      const { conversations } = connect(space as unknown as Emulator);
      for (const turn of [0, 1, 2]) {
        const { sid } = await conversations.conversations.create({ friendlyName: `${index}-${turn}`, uniqueName: `unique-${turn}` });
        await conversations.conversations(sid).messages.create({ body: `${index}-${turn}` });
      }
      return names({ conversations });
    }),
  );
  expect(written).toEqual(spaces.map((_space, index) => [0, 1, 2].map((turn) => `${index}-${turn}`)));
  expect(await names(twilio)).toEqual([]);
}, 60_000);
