import { createHmac } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Controls } from "../../src/emulator/control/controls";
import { Domain } from "../../src/emulator/domain";
import { Gateway } from "../../src/emulator/sdk/gateway";
import { connect, refusal } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { RawSdk } from "./support/raw-sdk";
import { tokenFor } from "./support/sdk";

const twilio = useEmulator();

let serviceSid: string;
let room: string;

beforeEach(async () => {
  const service = await twilio.conversations.services.create({ friendlyName: "Support" });
  serviceSid = service.sid;
  room = (await here().conversations.create({ friendlyName: "Hello" })).sid;
});

const here = () => twilio.conversations.services(serviceSid);
const token = (identity: string, more: object = {}) => tokenFor(twilio.emulator, { identity, serviceSid, ...more });

async function enter(identity: string): Promise<RawSdk> {
  const client = await RawSdk.open(twilio.emulator);
  await client.init(token(identity));
  return client;
}

/** A token with these claims and headers in place of the right ones, properly signed. */
function forge({
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
  const grants = { identity: "pineapple", chat: { service_sid: serviceSid } };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1", ...header });
  const body = part({ iss: apiKey, sub: accountSid, iat: now, exp: now + 600, grants, ...claims });
  return `${head}.${body}.${createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")}`;
}

describe("tokens", () => {
  const answerTo = async (jwt: string) => {
    const { header } = await (await RawSdk.open(twilio.emulator)).init(jwt);
    return header.status?.errorCode ?? header.status?.code;
  };

  it("are taken when everything about them is right", async () => {
    expect(await answerTo(forge({}))).toBe(200);
    expect(await answerTo(token("pineapple"))).toBe(200);
  });

  it("are refused with Twilio's code for what is wrong", async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await answerTo("")).toBe(20101);
    expect(await answerTo("a.b.c")).toBe(20101);
    expect(await answerTo(`${forge({})}.more`)).toBe(20101);
    expect(await answerTo(forge({ header: { alg: "none" } }))).toBe(20102);
    expect(await answerTo(forge({ header: { cty: "other" } }))).toBe(20102);
    expect(await answerTo(forge({ claims: { iss: `SK${"0".repeat(32)}` } }))).toBe(20103);
    expect(await answerTo(forge({ claims: { sub: `AC${"0".repeat(32)}` } }))).toBe(20103);
    expect(await answerTo(forge({ claims: { exp: now - 1 } }))).toBe(20104);
    expect(await answerTo(forge({ claims: { exp: "soon" } }))).toBe(20104);
    expect(await answerTo(forge({ claims: { nbf: now + 600 } }))).toBe(20105);
    expect(await answerTo(forge({ claims: { grants: { identity: "pineapple" } } }))).toBe(20106);
    expect(await answerTo(forge({ claims: { grants: { identity: "", chat: { service_sid: serviceSid } } } }))).toBe(20106);
    expect(await answerTo(forge({ claims: { grants: { identity: "x", chat: { service_sid: `IS${"0".repeat(32)}` } } } }))).toBe(20106);
    expect(await answerTo(forge({ secret: twilio.emulator.authToken }))).toBe(20107);
    expect(await answerTo(forge({ claims: { exp: now + 90_000 } }))).toBe(20157);
  });

  it("end with their key", async () => {
    const key = await twilio.api.newKeys.create({ friendlyName: "chat" });
    const signed = token("pineapple", { apiKey: key.sid, apiSecret: key.secret });
    const client = await RawSdk.open(twilio.emulator);
    expect((await client.init(signed)).header.status?.code).toBe(200);
    await twilio.api.keys(key.sid).remove();
    await client.until((_, isClosed) => (isClosed ? true : undefined));
    expect(await answerTo(signed)).toBe(20103);
  });

  it("open nothing of another account", async () => {
    const { sid, authToken } = await twilio.client.api.v2010.accounts.create({ friendlyName: "Other" });
    const other = connect(twilio.emulator, { user: sid, password: authToken, accountSid: sid });
    const key = await other.api.newKeys.create({ friendlyName: "chat" });
    const claims = { iss: key.sid, sub: sid };
    expect(await answerTo(forge({ claims, secret: key.secret }))).toBe(20106);
    const { defaultChatServiceSid } = await other.conversations.configuration().fetch();
    const grants = { identity: "spy", chat: { service_sid: defaultChatServiceSid } };
    const spy = await RawSdk.open(twilio.emulator);
    expect((await spy.init(forge({ claims: { ...claims, grants }, secret: key.secret }))).header.status?.code).toBe(200);
    expect(await spy.call("GET", `/Client/v2/Conversations/${room}`)).toMatchObject({ status: 404, code: 20404 });
    expect(await spy.call("GET", `/v3/Maps/${room}.roster`)).toMatchObject({ status: 404, code: 54100 });
  });
});

describe("the socket", () => {
  it("answers nothing before the token was checked", async () => {
    const client = await RawSdk.open(twilio.emulator);
    const { header } = await client.ask({ method: "message", http_request: { method: "GET", path: "/Client/v2/Configuration" } });
    expect(header.status).toMatchObject({ code: 401, errorCode: 20101 });
  });

  it("hangs up on what is no message, and goes on for the others", async () => {
    const [good, bad] = [await enter("pineapple"), await RawSdk.open(twilio.emulator)];
    bad.sendBytes(Buffer.from("TWILSOCK V3.0 9999\r\n{}\r\n"));
    await bad.until((_, isClosed) => (isClosed ? true : undefined));
    expect(await good.call("GET", "/Client/v2/Configuration")).toMatchObject({ status: 200, body: { identity: "pineapple" } });
  });

  it("does nothing more for a token that has ended, also for a client that has not noticed", async () => {
    await here().conversations(room).participants.create({ identity: "pineapple" });
    const client = await enter("pineapple");
    client.pause();
    await twilio.control.advance(3601);
    const path = `/Client/v2/Conversations/${room}/Messages`;
    client.send({ method: "message", http_request: { method: "POST", path } }, JSON.stringify({ body: "too late" }));
    client.resume();
    await client.until((_, isClosed) => (isClosed ? true : undefined));
    expect(await here().conversations(room).messages.list()).toEqual([]);
  });

  it("outlives a client that goes away as it is told that there is nothing for it", () => {
    const server = new EventEmitter();
    const gateway = new Gateway({ domain: new Domain() } as Controls);
    onTestFinished(() => gateway.close());
    gateway.attach(server as Server);
    const socket = new PassThrough();
    server.emit("upgrade", { url: "/elsewhere" }, socket, Buffer.alloc(0));
    expect(socket.read()?.toString()).toMatch(/^HTTP\/1.1 404 /);
    expect(() => socket.emit("error", new Error("ECONNRESET"))).not.toThrow();
  });

  it("knows what it does not know", async () => {
    const client = await enter("pineapple");
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

  it("pages by the token alone, as older SDKs ask", async () => {
    await here().conversations(room).participants.create({ identity: "pineapple" });
    for (let i = 0; i < 25; i++)
      await here()
        .conversations(room)
        .messages.create({ body: `m${i}` });
    const client = await enter("pineapple");
    const path = `/v3/Lists/${room}.messages/Items`;
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

describe("roles", () => {
  const forbidden = { status: 403, code: 50107 };
  const outside = { status: 403, code: 50430 };
  const path = (more = "") => `/Client/v2/Conversations/${room}${more}`;

  /** Makes this the role of the participant in the conversation. */
  async function member(identity: string, permission: string[]): Promise<{ client: RawSdk; sid: string }> {
    const role = await here().roles.create({ friendlyName: identity, type: "conversation", permission });
    const { sid } = await here().conversations(room).participants.create({ identity, roleSid: role.sid });
    // Nothing comes from the service's role but what every role must have one of.
    const plain = await here().roles.create({ friendlyName: `${identity}'s`, type: "service", permission: ["editOwnUserInfo"] });
    await here().users(identity).update({ roleSid: plain.sid });
    return { client: await enter(identity), sid };
  }

  it.each([
    ["sendMessage", "POST", () => path("/Messages"), { body: "hi" }],
    ["editConversationName", "POST", () => path(), { friendly_name: "New" }],
    ["editConversationAttributes", "POST", () => path(), { attributes: "{}" }],
    ["addParticipant", "POST", () => path("/Participants"), { identity: "mango" }],
    ["deleteConversation", "DELETE", () => path(), undefined],
    ["leaveConversation", "DELETE", () => path("/Participants/able"), undefined],
  ] as const)("%s decides", async (permission, method, to, body) => {
    const unable = await member("unable", ["editNotificationLevel"]);
    expect(await unable.client.call(method, to().replace("able", "unable"), body)).toMatchObject(forbidden);
    const able = await member("able", [permission]);
    expect((await able.client.call(method, to(), body)).status).toBeLessThan(300);
  });

  it("tell a person's own messages from those of others", async () => {
    const theirs = await here().conversations(room).messages.create({ author: "somebody", body: "theirs" });
    const own = await member("own", ["sendMessage", "editOwnMessage", "deleteOwnMessage"]);
    const { body } = await own.client.call("POST", path("/Messages"), { body: "mine" });
    expect(await own.client.call("POST", path(`/Messages/${theirs.sid}`), { body: "x" })).toMatchObject(forbidden);
    expect(await own.client.call("DELETE", path(`/Messages/${theirs.sid}`))).toMatchObject(forbidden);
    expect(await own.client.call("POST", path(`/Messages/${body.sid}`), { body: "mine, better" })).toMatchObject({ status: 200 });
    expect(await own.client.call("DELETE", path(`/Messages/${body.sid}`))).toMatchObject({ status: 204 });
    const any = await member("any", ["editAnyMessage", "deleteAnyMessage"]);
    expect(await any.client.call("POST", path(`/Messages/${theirs.sid}`), { body: "x" })).toMatchObject({ status: 200 });
    expect(await any.client.call("DELETE", path(`/Messages/${theirs.sid}`))).toMatchObject({ status: 204 });
  });

  it("do not bind REST", async () => {
    const { sid } = await member("unable", ["editNotificationLevel"]);
    expect((await here().conversations(room).messages.create({ author: "unable", body: "by REST" })).author).toBe("unable");
    await here().conversations(room).participants(sid).remove();
    await here().conversations(room).remove();
    expect(await refusal(here().conversations(room).fetch())).toMatchObject({ status: 404 });
  });

  it("keep out whoever does not take part", async () => {
    await here().conversations(room).messages.create({ body: "secret" });
    const stranger = await enter("stranger");
    expect(await stranger.call("POST", path("/Messages"), { body: "hi" })).toMatchObject(outside);
    expect(await stranger.call("GET", `/v3/Lists/${room}.messages/Items`)).toMatchObject({ status: 403, code: 54007 });
    const other = await enter("other");
    const { body: configuration } = await other.call("GET", "/Client/v2/Configuration");
    const { my_conversations } = configuration.sync_objects as { my_conversations: string };
    expect(await stranger.call("GET", `/v3/Maps/${my_conversations}`)).toMatchObject({ status: 403, code: 54007 });
    expect(await stranger.call("GET", "/Client/v2/Users/other/Conversations")).toMatchObject({ status: 403, code: 54007 });
  });

  it("keep out whoever asks by a name that only resembles an object's", async () => {
    await here().conversations(room).messages.create({ body: "secret" });
    const stranger = await enter("stranger");
    const other = await enter("other");
    const { sync_objects } = (await other.call("GET", "/Client/v2/Configuration")).body as { sync_objects: { my_conversations: string } };
    const names = [`${room}.messages.roster`, `${room}.messages.`, `${sync_objects.my_conversations}.user_info`];
    for (const name of names) expect(await stranger.call("GET", `/v3/Maps/${name}/Items`)).toMatchObject({ status: 404, code: 54100 });
  });

  it("count for what is followed as they are now, not as they were at the sign-in", async () => {
    const client = await enter("mango");
    const { sid } = await here().roles.create({ friendlyName: "none", type: "service", permission: ["editOwnUserInfo"] });
    const subscribe = (correlation_id: number) =>
      client.call("POST", "/v4/Subscriptions", {
        action: "establish",
        correlation_id,
        requests: [{ object_sid: `${room}.roster`, object_type: "map", last_event_id: 0 }],
      });
    await subscribe(1);
    expect(await client.event("subscription_established")).toMatchObject({ correlation_id: 1 });
    await here().users("mango").update({ roleSid: sid });
    await subscribe(2);
    expect(await client.event("subscription_failed")).toMatchObject({
      correlation_id: 2,
      events: [{ error: { status: 403, code: 54007 } }],
    });
  });

  it("cannot be raised by oneself", async () => {
    const admin = (await here().roles.list()).find(({ friendlyName }) => friendlyName === "channel admin");
    const client = await enter("mango");
    await client.call("POST", path("/Participants"), { identity: "mango", role_sid: admin?.sid });
    const [mango] = await here().conversations(room).participants.list();
    expect(mango?.roleSid).not.toBe(admin?.sid);
    await client.call("POST", "/Client/v2/Users/mango", { role_sid: admin?.sid, friendly_name: "M" });
    expect(await here().users("mango").fetch()).toMatchObject({ friendlyName: "M" });
    const [admins] = (await here().roles.list()).filter(({ friendlyName }) => friendlyName === "service admin");
    expect((await here().users("mango").fetch()).roleSid).not.toBe(admins?.sid);
  });

  it("give the maker of a conversation the creator's role on joining", async () => {
    const client = await enter("maker");
    const { body } = await client.call("POST", "/Client/v2/Conversations", { friendly_name: "Mine" });
    await client.call("POST", `/Client/v2/Conversations/${body.sid}/Participants`, { identity: "maker" });
    const [participant] = await here().conversations(String(body.sid)).participants.list();
    const { defaultConversationCreatorRoleSid } = await here().configuration().fetch();
    expect(participant?.roleSid).toBe(defaultConversationCreatorRoleSid);
  });

  it("decide about media apart from text", async () => {
    const { client } = await member("texts", ["sendMessage"]);
    const url = `${twilio.emulator.url}/mcs.us1.twilio.com/v1/Services/${serviceSid}/Media?Filename=a.txt`;
    const upload = async (identity: string) => {
      const headers = { "X-Twilio-Token": token(identity), "Content-Type": "text/plain" };
      return ((await (await fetch(url, { method: "POST", headers, body: "a" })).json()) as { sid: string }).sid;
    };
    expect(await client.call("POST", path("/Messages"), { media_sids: [await upload("texts")] })).toMatchObject(forbidden);
    const sends = await member("sends", ["sendMediaMessage"]);
    expect(await sends.client.call("POST", path("/Messages"), { media_sids: [await upload("sends")] })).toMatchObject({ status: 201 });
  });
});

describe("media", () => {
  const media = (sid = "") => `${twilio.emulator.url}/mcs.us1.twilio.com/v1/Services/${serviceSid}/Media${sid && `/${sid}`}`;
  const as = (identity: string) => ({ headers: { "X-Twilio-Token": token(identity), "Content-Type": "text/plain" } });

  it("are removed by whoever uploaded them, and by nobody else in the chat", async () => {
    const { sid } = (await (await fetch(media(), { method: "POST", body: "a", ...as("mango") })).json()) as { sid: string };
    const refused = await fetch(media(sid), { method: "DELETE", ...as("stranger") });
    expect([refused.status, await refused.json()]).toEqual([403, expect.objectContaining({ code: 54007 })]);
    expect((await fetch(media(sid), as("mango"))).status).toBe(200);
    expect((await fetch(media(sid), { method: "DELETE", ...as("mango") })).status).toBe(204);
    expect((await fetch(media(sid), as("mango"))).status).toBe(404);
  });
});

describe("pages of elsewhere", () => {
  it("get no socket, no media and no API, though they know the credentials; pages of this machine do", async () => {
    const { url, accountSid, authToken } = twilio.emulator;
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const media = `/mcs.us1.twilio.com/v1/Services/${serviceSid}/Media`;
    const ask = async (path: string, headers: Record<string, string>) => {
      const { status, json } = await send(url, { method: "GET", path, headers: { Authorization: basic, ...headers } });
      return { status, code: (json as { code?: number } | undefined)?.code };
    };
    const open = (origin: string) =>
      RawSdk.open(twilio.emulator, { origin }).then(
        () => "open",
        () => "refused",
      );
    const rest = `/conversations.twilio.com/v1/Services/${serviceSid}`;
    for (const origin of ["https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"]) {
      expect(await open(origin)).toBe("refused");
      expect(await ask(rest, { Origin: origin })).toEqual({ status: 403, code: 20403 });
      expect(await ask(`${media}/ME${"0".repeat(32)}`, { Origin: origin })).toEqual({ status: 403, code: 20403 });
    }
    // A name that was made to lead here: to the browser it is the page's own server.
    expect(await ask(rest, { Host: "elsewhere.example:4010", "Sec-Fetch-Mode": "cors" })).toEqual({ status: 403, code: 20403 });
    for (const origin of ["http://localhost:3000", "http://127.0.0.1:4011", "https://app.localhost"]) {
      expect(await open(origin)).toBe("open");
      expect(await ask(rest, { Origin: origin })).toMatchObject({ status: 200 });
    }
    expect(await ask(rest, { Host: "conversations.twilio.com" })).toMatchObject({ status: 200 });
  });

  it("may not send what another has uploaded", async () => {
    const role = await here().roles.create({ friendlyName: "m", type: "conversation", permission: ["sendMediaMessage"] });
    for (const identity of ["owner", "thief"]) await here().conversations(room).participants.create({ identity, roleSid: role.sid });
    const url = `${twilio.emulator.url}/mcs.us1.twilio.com/v1/Services/${serviceSid}/Media`;
    const upload = await fetch(url, { method: "POST", headers: { "X-Twilio-Token": token("owner") }, body: "mine" });
    const { sid } = (await upload.json()) as { sid: string };
    const post = async (identity: string) =>
      (await enter(identity)).call("POST", `/Client/v2/Conversations/${room}/Messages`, { media_sids: [sid] });
    expect(await post("thief")).toMatchObject({ status: 400, code: 50507 });
    expect(await post("owner")).toMatchObject({ status: 201 });
  });
});

describe("reachability", () => {
  it("is told by REST and to others while somebody is connected, where the service has it on", async () => {
    await here().configuration().update({ reachabilityEnabled: true });
    const client = await enter("pineapple");
    expect(await here().users("pineapple").fetch()).toMatchObject({ isOnline: true });
    await here().configuration().update({ reachabilityEnabled: false });
    expect(await here().users("pineapple").fetch()).toMatchObject({ isOnline: null });
    client.sendBytes(Buffer.from('TWILSOCK V3.0 27\r\n{"id":"TM","method":"close"}\r\n'));
    await client.until((_, isClosed) => (isClosed ? true : undefined));
    await here().configuration().update({ reachabilityEnabled: true });
    expect(await here().users("pineapple").fetch()).toMatchObject({ isOnline: false });
  });
});
