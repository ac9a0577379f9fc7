import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { RawSdk } from "./support/raw-sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);

describe("roles", () => {
  const forbidden = { status: 403, code: 50107 };
  const outside = { status: 403, code: 50430 };
  /** Adds a participant whose conversation role has only these permissions. */
  async function member(identity: string, permission: string[]): Promise<{ client: RawSdk; sid: string }> {
    const role = await sdk.service().roles.create({ friendlyName: identity, type: "conversation", permission });
    const { sid } = await sdk.conversation().participants.create({ identity, roleSid: role.sid });
    // A role needs at least one permission, so the service role has an irrelevant one.
    const plain = await sdk.service().roles.create({ friendlyName: `${identity}'s`, type: "service", permission: ["editOwnUserInfo"] });
    await sdk.service().users(identity).update({ roleSid: plain.sid });
    return { client: await sdk.signIn(identity), sid };
  }

  it.each([
    ["sendMessage", "POST", () => sdk.path("/Messages"), { body: "hi" }],
    ["editConversationName", "POST", () => sdk.path(), { friendly_name: "New" }],
    ["editConversationAttributes", "POST", () => sdk.path(), { attributes: "{}" }],
    ["addParticipant", "POST", () => sdk.path("/Participants"), { identity: "mango" }],
    ["deleteConversation", "DELETE", () => sdk.path(), undefined],
    ["leaveConversation", "DELETE", () => sdk.path("/Participants/able"), undefined],
  ] as const)("allow a request only with the permission %s", async (permission, method, to, body) => {
    const unable = await member("unable", ["editNotificationLevel"]);
    expect(await unable.client.call(method, to().replace("able", "unable"), body)).toMatchObject(forbidden);
    const able = await member("able", [permission]);
    expect((await able.client.call(method, to(), body)).status).toBeLessThan(300);
  });

  it("without addParticipant let a user add nobody, not even to a conversation that the user created", async () => {
    const create = (permission: string[]) => sdk.service().roles.create({ friendlyName: "maker", type: "service", permission });
    const role = await create(["createConversation"]);
    await sdk.service().users.create({ identity: "maker", roleSid: role.sid });
    const maker = await sdk.signIn("maker");
    const { status, body } = await maker.call("POST", "/Client/v2/Conversations", { friendly_name: "Own" });
    expect(status).toBe(201);
    const add = () => maker.call("POST", `/Client/v2/Conversations/${body.sid}/Participants`, { identity: "mango" });
    expect(await add()).toMatchObject(forbidden);
    await sdk
      .service()
      .roles(role.sid)
      .update({ permission: ["createConversation", "addParticipant"] });
    expect((await add()).status).toBe(201);
  });

  it("distinguish own messages from messages of others", async () => {
    const theirs = await sdk.conversation().messages.create({ author: "somebody", body: "theirs" });
    const own = await member("own", ["sendMessage", "editOwnMessage", "deleteOwnMessage"]);
    const { body } = await own.client.call("POST", sdk.path("/Messages"), { body: "mine" });
    expect(await own.client.call("POST", sdk.path(`/Messages/${theirs.sid}`), { body: "x" })).toMatchObject(forbidden);
    expect(await own.client.call("DELETE", sdk.path(`/Messages/${theirs.sid}`))).toMatchObject(forbidden);
    expect(await own.client.call("POST", sdk.path(`/Messages/${body.sid}`), { body: "mine, better" })).toMatchObject({ status: 200 });
    expect(await own.client.call("DELETE", sdk.path(`/Messages/${body.sid}`))).toMatchObject({ status: 204 });
    const any = await member("any", ["editAnyMessage", "deleteAnyMessage"]);
    expect(await any.client.call("POST", sdk.path(`/Messages/${theirs.sid}`), { body: "x" })).toMatchObject({ status: 200 });
    expect(await any.client.call("DELETE", sdk.path(`/Messages/${theirs.sid}`))).toMatchObject({ status: 204 });
  });

  it("do not apply to REST", async () => {
    const { sid } = await member("unable", ["editNotificationLevel"]);
    expect((await sdk.conversation().messages.create({ author: "unable", body: "by REST" })).author).toBe("unable");
    await sdk.conversation().participants(sid).remove();
    await sdk.conversation().remove();
    expect(await errorOf(sdk.conversation().fetch())).toMatchObject({ status: 404 });
  });

  it("deny access to users who do not participate", async () => {
    await sdk.conversation().messages.create({ body: "secret" });
    const stranger = await sdk.signIn("stranger");
    expect(await stranger.call("POST", sdk.path("/Messages"), { body: "hi" })).toMatchObject(outside);
    expect(await stranger.call("POST", sdk.path("/Participants"), { identity: "stranger" })).toMatchObject(outside);
    expect(await stranger.call("POST", sdk.path(), { friendly_name: "Mine" })).toMatchObject(outside);
    expect(await stranger.call("GET", `/v3/Lists/${sdk.conversationSid}.messages/Items`)).toMatchObject({ status: 403, code: 54007 });
    const other = await sdk.signIn("other");
    const { body: configuration } = await other.call("GET", "/Client/v2/Configuration");
    const { my_conversations } = configuration.sync_objects as { my_conversations: string };
    expect(await stranger.call("GET", `/v3/Maps/${my_conversations}`)).toMatchObject({ status: 403, code: 54007 });
    expect(await stranger.call("GET", "/Client/v2/Users/other/Conversations")).toMatchObject({ status: 403, code: 54007 });
  });

  it("deny access through names that only resemble an object's name", async () => {
    await sdk.conversation().messages.create({ body: "secret" });
    const stranger = await sdk.signIn("stranger");
    const other = await sdk.signIn("other");
    const { sync_objects } = (await other.call("GET", "/Client/v2/Configuration")).body as { sync_objects: { my_conversations: string } };
    const names = [
      `${sdk.conversationSid}.messages.roster`,
      `${sdk.conversationSid}.messages.`,
      `${sync_objects.my_conversations}.user_info`,
    ];
    for (const name of names) expect(await stranger.call("GET", `/v3/Maps/${name}/Items`)).toMatchObject({ status: 404, code: 54100 });
  });

  it("apply to subscriptions as they are now, not as they were at sign-in", async () => {
    const client = await sdk.signIn("mango");
    const { sid } = await sdk.service().roles.create({ friendlyName: "none", type: "service", permission: ["editOwnUserInfo"] });
    const subscribe = (correlation_id: number) =>
      client.call("POST", "/v4/Subscriptions", {
        action: "establish",
        correlation_id,
        requests: [{ object_sid: `${sdk.conversationSid}.roster`, object_type: "map", last_event_id: 0 }],
      });
    await subscribe(1);
    expect(await client.event("subscription_established")).toMatchObject({ correlation_id: 1 });
    await sdk.service().users("mango").update({ roleSid: sid });
    await subscribe(2);
    expect(await client.event("subscription_failed")).toMatchObject({
      correlation_id: 2,
      events: [{ error: { status: 403, code: 54007 } }],
    });
  });

  it("cannot be changed by their own user", async () => {
    const admin = (await sdk.service().roles.list()).find(({ friendlyName }) => friendlyName === "channel admin");
    const client = await sdk.signIn("mango");
    // Who may rename the conversations of others may see and join them.
    const permission = ["joinConversation", "editConversationName", "editOwnUserInfo"];
    const guest = await sdk.service().roles.create({ friendlyName: "guest", type: "service", permission });
    await sdk.service().users("mango").update({ roleSid: guest.sid });
    expect(await client.call("POST", sdk.path("/Participants"), { identity: "mango", role_sid: admin?.sid })).toMatchObject({
      status: 201,
    });
    const [mango] = await sdk.conversation().participants.list();
    const { defaultConversationRoleSid } = await sdk.service().configuration().fetch();
    expect(mango?.roleSid).toBe(defaultConversationRoleSid);
    await client.call("POST", "/Client/v2/Users/mango", { role_sid: admin?.sid, friendly_name: "M" });
    expect(await sdk.service().users("mango").fetch()).toMatchObject({ friendlyName: "M", roleSid: guest.sid });
  });

  it("include the creator role for the user who created the conversation", async () => {
    const client = await sdk.signIn("creator");
    const { body } = await client.call("POST", "/Client/v2/Conversations", { friendly_name: "Mine" });
    await client.call("POST", `/Client/v2/Conversations/${body.sid}/Participants`, { identity: "creator" });
    const [participant] = await sdk.service().conversations(String(body.sid)).participants.list();
    const { defaultConversationCreatorRoleSid } = await sdk.service().configuration().fetch();
    expect(participant?.roleSid).toBe(defaultConversationCreatorRoleSid);
  });

  it("have separate permissions for media and text", async () => {
    const { client } = await member("texts", ["sendMessage"]);
    const url = sdk.mediaUrl("?Filename=a.txt");
    const upload = async (identity: string) => {
      const headers = { "X-Twilio-Token": sdk.token(identity), "Content-Type": "text/plain" };
      return ((await (await fetch(url, { method: "POST", headers, body: "a" })).json()) as { sid: string }).sid;
    };
    expect(await client.call("POST", sdk.path("/Messages"), { media_sids: [await upload("texts")] })).toMatchObject(forbidden);
    const sends = await member("sends", ["sendMediaMessage"]);
    expect(await sends.client.call("POST", sdk.path("/Messages"), { media_sids: [await upload("sends")] })).toMatchObject({ status: 201 });
  });
});

describe("media", () => {
  const mediaUrl = (sid = "") => sdk.mediaUrl(sid && `/${sid}`);
  const as = (identity: string) => ({ headers: { "X-Twilio-Token": sdk.token(identity), "Content-Type": "text/plain" } });

  it("can be deleted only by the user who uploaded them", async () => {
    const { sid } = (await (await fetch(mediaUrl(), { method: "POST", body: "a", ...as("mango") })).json()) as { sid: string };
    const denied = await fetch(mediaUrl(sid), { method: "DELETE", ...as("stranger") });
    expect([denied.status, await denied.json()]).toEqual([403, expect.objectContaining({ code: 54007 })]);
    expect((await fetch(mediaUrl(sid), as("mango"))).status).toBe(200);
    expect((await fetch(mediaUrl(sid), { method: "DELETE", ...as("mango") })).status).toBe(204);
    expect((await fetch(mediaUrl(sid), as("mango"))).status).toBe(404);
  });

  it("can be sent only by the user who uploaded them", async () => {
    const role = await sdk.service().roles.create({ friendlyName: "m", type: "conversation", permission: ["sendMediaMessage"] });
    for (const identity of ["owner", "thief"]) await sdk.conversation().participants.create({ identity, roleSid: role.sid });
    const url = sdk.mediaUrl();
    const upload = await fetch(url, { method: "POST", headers: { "X-Twilio-Token": sdk.token("owner") }, body: "mine" });
    const { sid } = (await upload.json()) as { sid: string };
    const post = async (identity: string) => (await sdk.signIn(identity)).call("POST", sdk.path("/Messages"), { media_sids: [sid] });
    expect(await post("thief")).toMatchObject({ status: 400, code: 50507 });
    expect(await post("owner")).toMatchObject({ status: 201 });
  });
});

describe("web pages", () => {
  it("of other sites cannot use socket, media or API, even with valid credentials; pages of this machine can", async () => {
    const { url, accountSid, authToken } = twilio.emulator;
    const basic = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const media = `/mcs.us1.twilio.com/v1/Services/${sdk.serviceSid}/Media`;
    const request = async (path: string, headers: Record<string, string>) => {
      const { status, json } = await send(url, { method: "GET", path, headers: { Authorization: basic, ...headers } });
      return { status, code: (json as { code?: number } | undefined)?.code };
    };
    const openSocket = (origin: string) =>
      RawSdk.open(twilio.emulator, { origin }).then(
        () => "open",
        () => "rejected",
      );
    const rest = `/conversations.twilio.com/v1/Services/${sdk.serviceSid}`;
    for (const origin of ["https://elsewhere.example", "null", "http://127.0.0.1.elsewhere.example"]) {
      expect(await openSocket(origin)).toBe("rejected");
      expect(await request(rest, { Origin: origin })).toEqual({ status: 403, code: 20403 });
      expect(await request(`${media}/ME${"0".repeat(32)}`, { Origin: origin })).toEqual({ status: 403, code: 20403 });
    }
    // DNS rebinding: to the browser, the emulator appears to be the page's own server.
    expect(await request(rest, { Host: "elsewhere.example:4010", "Sec-Fetch-Mode": "cors" })).toEqual({ status: 403, code: 20403 });
    for (const origin of ["http://localhost:3000", "http://127.0.0.1:4011", "https://app.localhost"]) {
      expect(await openSocket(origin)).toBe("open");
      expect(await request(rest, { Origin: origin })).toMatchObject({ status: 200 });
    }
    expect(await request(rest, { Host: "conversations.twilio.com" })).toMatchObject({ status: 200 });
  });
});
