import { createHmac } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { SocketEndpoint } from "../../src/emulator/sdk/socket-endpoint";
import { connect } from "./support/client";
import { useEmulator } from "./support/emulator";
import { RawSdk } from "./support/raw-sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);

/** Signs a token whose header and claims may be overridden. */
function signToken({
  header = {},
  claims = {},
  secret = twilio.emulator.apiSecret,
}: {
  header?: object;
  claims?: object;
  secret?: string;
}): string {
  const now = Math.floor(Date.now() / 1000);
  const { apiKey, accountSid } = twilio.emulator;
  const grants = { identity: "pineapple", chat: { service_sid: sdk.serviceSid } };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1", ...header });
  const body = part({ iss: apiKey, sub: accountSid, iat: now, exp: now + 600, grants, ...claims });
  return `${head}.${body}.${createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")}`;
}

describe("access tokens", () => {
  const initCode = async (jwt: string) => {
    const { header } = await (await RawSdk.open(twilio.emulator)).init(jwt);
    return header.status?.errorCode ?? header.status?.code;
  };

  it("are accepted if they are valid", async () => {
    expect(await initCode(signToken({}))).toBe(200);
    expect(await initCode(sdk.token("pineapple"))).toBe(200);
  });

  it("are rejected with Twilio's error code for each defect", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await initCode("")).toBe(20101);
    expect(await initCode("a.b.c")).toBe(20101);
    expect(await initCode(`${signToken({})}.more`)).toBe(20101);
    expect(await initCode(signToken({ header: { alg: "none" } }))).toBe(20102);
    expect(await initCode(signToken({ header: { cty: "other" } }))).toBe(20102);
    expect(await initCode(signToken({ claims: { iss: `SK${"0".repeat(32)}` } }))).toBe(20103);
    expect(await initCode(signToken({ claims: { sub: `AC${"0".repeat(32)}` } }))).toBe(20103);
    expect(await initCode(signToken({ claims: { exp: now - 1 } }))).toBe(20104);
    expect(await initCode(signToken({ claims: { exp: "soon" } }))).toBe(20104);
    expect(await initCode(signToken({ claims: { nbf: now + 600 } }))).toBe(20105);
    expect(await initCode(signToken({ claims: { grants: { identity: "pineapple" } } }))).toBe(20106);
    expect(await initCode(signToken({ claims: { grants: { identity: "", chat: { service_sid: sdk.serviceSid } } } }))).toBe(20106);
    expect(await initCode(signToken({ claims: { grants: { identity: "x", chat: { service_sid: `IS${"0".repeat(32)}` } } } }))).toBe(20106);
    expect(await initCode(signToken({ secret: twilio.emulator.authToken }))).toBe(20107);
    expect(await initCode(signToken({ claims: { exp: now + 90_000 } }))).toBe(20157);
  });

  it("are rejected if a restricted key signed them", async () => {
    const { accountSid } = twilio.emulator;
    const policy = { allow: ["/twilio/messaging/messages/read"] };
    const key = await twilio.client.iam.v1.newApiKey.create({ accountSid, keyType: "restricted", policy });
    expect(await initCode(sdk.token("pineapple", { apiKey: key.sid, apiSecret: key.secret }))).toBe(20101);
  });

  it("are revoked when their API key is deleted", async () => {
    const key = await twilio.api.newKeys.create({ friendlyName: "chat" });
    const signed = sdk.token("pineapple", { apiKey: key.sid, apiSecret: key.secret });
    const client = await RawSdk.open(twilio.emulator);
    expect((await client.init(signed)).header.status?.code).toBe(200);
    await twilio.api.keys(key.sid).remove();
    await client.waitFor((_, isClosed) => (isClosed ? true : undefined));
    expect(await initCode(signed)).toBe(20103);
  });

  it("give no access to another account", async () => {
    const { sid, authToken } = await twilio.client.api.v2010.accounts.create({ friendlyName: "Other" });
    const other = connect(twilio.emulator, { user: sid, password: authToken, accountSid: sid });
    const key = await other.api.newKeys.create({ friendlyName: "chat" });
    const claims = { iss: key.sid, sub: sid };
    expect(await initCode(signToken({ claims, secret: key.secret }))).toBe(20106);
    const { defaultChatServiceSid } = await other.conversations.configuration().fetch();
    const grants = { identity: "spy", chat: { service_sid: defaultChatServiceSid } };
    const spy = await RawSdk.open(twilio.emulator);
    expect((await spy.init(signToken({ claims: { ...claims, grants }, secret: key.secret }))).header.status?.code).toBe(200);
    expect(await spy.call("GET", sdk.path())).toMatchObject({ status: 404, code: 20404 });
    expect(await spy.call("GET", `/v3/Maps/${sdk.conversationSid}.roster`)).toMatchObject({ status: 404, code: 54100 });
  });
});

describe("the socket", () => {
  it("rejects requests before the client is signed in", async () => {
    const client = await RawSdk.open(twilio.emulator);
    const { header } = await client.request({ method: "message", http_request: { method: "GET", path: "/Client/v2/Configuration" } });
    expect(header.status).toMatchObject({ code: 401, errorCode: 20101 });
  });

  it("closes a connection that sends malformed messages, and no other connection", async () => {
    const [good, bad] = [await sdk.signIn("pineapple"), await RawSdk.open(twilio.emulator)];
    bad.sendBytes(Buffer.from("TWILSOCK V3.0 9999\r\n{}\r\n"));
    await bad.waitFor((_, isClosed) => (isClosed ? true : undefined));
    expect(await good.call("GET", "/Client/v2/Configuration")).toMatchObject({ status: 200, body: { identity: "pineapple" } });
  });

  it("ignores requests with an expired token, even before the client has noticed the expiry", async () => {
    await sdk.conversation().participants.create({ identity: "pineapple" });
    const client = await sdk.signIn("pineapple");
    client.pause();
    await twilio.control.advance(3601);
    const path = sdk.path("/Messages");
    client.send({ method: "message", http_request: { method: "POST", path } }, JSON.stringify({ body: "too late" }));
    client.resume();
    await client.waitFor((_, isClosed) => (isClosed ? true : undefined));
    expect(await sdk.conversation().messages.list()).toEqual([]);
  });

  it("survives a client that disconnects while its upgrade is rejected", () => {
    const server = new EventEmitter();
    const endpoint = new SocketEndpoint({ isEmpty: true, gatewayOf: () => undefined as never });
    onTestFinished(() => endpoint.close());
    endpoint.attach(server as Server);
    const socket = new PassThrough();
    server.emit("upgrade", { url: "/elsewhere" }, socket, Buffer.alloc(0));
    expect(socket.read()?.toString()).toMatch(/^HTTP\/1.1 404 /);
    expect(() => socket.emit("error", new Error("ECONNRESET"))).not.toThrow();
  });

  it("responds with an error to unknown paths, methods and objects", async () => {
    const client = await sdk.signIn("pineapple");
    expect(await client.call("GET", "/Client/v2/Nothing")).toMatchObject({ status: 404, code: 20404 });
    expect(await client.call("DELETE", "/Client/v2/Configuration")).toMatchObject({ status: 405, code: 20004 });
    expect(await client.call("GET", "/v3/Maps/nothing")).toMatchObject({ status: 404, code: 54100 });
    await client.call("POST", "/v4/Subscriptions", {
      action: "establish",
      correlation_id: 7,
      requests: [{ object_sid: `MP${"0".repeat(32)}`, object_type: "map", last_event_id: 0 }],
    });
    expect(await client.event("subscription_failed")).toMatchObject({
      correlation_id: 7,
      events: [{ error: { status: 404, code: 54100 } }],
    });
  });

  it("accepts a page token without other parameters, as older SDKs send it", async () => {
    await sdk.conversation().participants.create({ identity: "pineapple" });
    for (let i = 0; i < 25; i++) await sdk.conversation().messages.create({ body: `m${i}` });
    const client = await sdk.signIn("pineapple");
    const path = `/v3/Lists/${sdk.conversationSid}.messages/Items`;
    const page = async (params: Record<string, unknown>) => {
      const { body } = await client.call("GET", path, undefined, params);
      const { previous_token, next_token } = body.meta as { previous_token: string | null; next_token: string | null };
      return { indexes: (body.items as { index: number }[]).map(({ index }) => index), previous_token, next_token };
    };
    const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);
    const first = await page({ PageSize: "10", Order: "desc" });
    expect(first).toMatchObject({ indexes: down(24, 15), previous_token: null });
    const second = await page({ PageToken: first.next_token });
    expect(second.indexes).toEqual(down(14, 5));
    const third = await page({ PageToken: second.next_token });
    expect(third).toMatchObject({ indexes: down(4, 0), next_token: null });
    expect((await page({ PageToken: third.previous_token })).indexes).toEqual(down(14, 5));
    expect((await page({ From: "12", PageSize: "3", Order: "asc" })).indexes).toEqual([12, 13, 14]);
    expect((await page({ Index: "7" })).indexes).toEqual([7]);
    expect((await page({ Index: "70" })).indexes).toEqual([]);
  });
});

describe("reachability", () => {
  it("is visible in REST while a user is connected, if the service enables it", async () => {
    await sdk.service().configuration().update({ reachabilityEnabled: true });
    const client = await sdk.signIn("pineapple");
    expect(await sdk.service().users("pineapple").fetch()).toMatchObject({ isOnline: true });
    await sdk.service().configuration().update({ reachabilityEnabled: false });
    expect(await sdk.service().users("pineapple").fetch()).toMatchObject({ isOnline: null });
    client.sendBytes(Buffer.from('TWILSOCK V3.0 27\r\n{"id":"TM","method":"close"}\r\n'));
    await client.waitFor((_, isClosed) => (isClosed ? true : undefined));
    await sdk.service().configuration().update({ reachabilityEnabled: true });
    expect(await sdk.service().users("pineapple").fetch()).toMatchObject({ isOnline: false });
  });
});
