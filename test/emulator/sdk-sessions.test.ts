/** How long a connection of the chat SDK stays signed in. */
import { describe, expect, it } from "vitest";
import { connect } from "./support/client";
import { useEmulator } from "./support/emulator";
import { RawSdk } from "./support/raw-sdk";
import { tokenFor } from "./support/sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);

const CONFIGURATION = "/Client/v2/Configuration";
const closed = (client: RawSdk) => client.waitFor((_, isClosed) => (isClosed ? true : undefined));
/** How often the client was asked to renew its token, after the emulator has checked the token once more. */
async function renewalRequests(client: RawSdk): Promise<number> {
  await client.call("GET", CONFIGURATION);
  return client.waitFor((received) => received.filter(({ header }) => header.client_update_type === "token_about_to_expire").length);
}

describe("a signed-in client", () => {
  it("is asked once to renew its token three minutes before the expiry, and again before the new token expires", async () => {
    const client = await sdk.signIn("pineapple");
    await twilio.control.advance(3600 - 185);
    expect(await renewalRequests(client)).toBe(0);
    await twilio.control.advance(10);
    expect(await renewalRequests(client)).toBe(1);
    expect(await renewalRequests(client)).toBe(1);
    expect((await client.request({ method: "update", token: sdk.token("pineapple") })).header.status?.code).toBe(200);
    expect(await renewalRequests(client)).toBe(1);
    await twilio.control.advance(3600 - 100);
    expect(await renewalRequests(client)).toBe(2);
  });

  it("can renew its token only for its own user and its own service", async () => {
    const client = await sdk.signIn("pineapple");
    const { sid } = await twilio.conversations.services.create({ friendlyName: "Other" });
    for (const token of [sdk.token("mango"), sdk.token("pineapple", { serviceSid: sid })]) {
      const { header } = await client.request({ method: "update", token });
      expect(header.status).toMatchObject({ code: 401, errorCode: 20106 });
    }
    expect(await client.call("GET", CONFIGURATION)).toMatchObject({ status: 200, body: { identity: "pineapple" } });
  });

  it.each([
    ["its user is deleted", () => sdk.service().users("pineapple").remove(), false],
    ["its service is deleted", () => sdk.service().remove(), true],
  ])("is signed out when %s", async (_what, remove, endsAll) => {
    const [client, other] = [await sdk.signIn("pineapple"), await sdk.signIn("mango")];
    await remove();
    await closed(client);
    if (endsAll) await closed(other);
    else expect(await other.call("GET", CONFIGURATION)).toMatchObject({ status: 200 });
  });

  it("is signed out when its account is suspended, unlike those of other accounts", async () => {
    const { sid, authToken } = await twilio.client.api.v2010.accounts.create({ friendlyName: "Other" });
    const theirs = connect(twilio.emulator, { user: sid, password: authToken, accountSid: sid });
    const key = await theirs.api.newKeys.create({ friendlyName: "chat" });
    const { sid: serviceSid } = await theirs.conversations.services.create({ friendlyName: "Support" });
    const client = await RawSdk.open(twilio.emulator);
    const { header } = await client.init(
      tokenFor({ ...twilio.emulator, accountSid: sid }, { identity: "pineapple", serviceSid, apiKey: key.sid, apiSecret: key.secret }),
    );
    expect(header.status?.code).toBe(200);
    const ours = await sdk.signIn("pineapple");
    await twilio.client.api.v2010.accounts(sid).update({ status: "suspended" });
    await closed(client);
    expect(await ours.call("GET", CONFIGURATION)).toMatchObject({ status: 200 });
  });

  it("that the emulator disconnects cannot sign in on the same connection before it notices", async () => {
    const client = await RawSdk.open(twilio.emulator);
    client.pause();
    client.sendBytes("no message of the protocol");
    client.send({ method: "init", token: sdk.token("pineapple") });
    client.resume();
    await closed(client);
    expect(await sdk.service().users.list()).toEqual([]);
  });
});

/** The payloads of all messages that the client has received so far, after one more reply. */
async function payloadsOf(client: RawSdk): Promise<Record<string, unknown>[]> {
  await client.call("GET", CONFIGURATION);
  return client.waitFor((received) => received.map(({ payload }) => payload));
}

describe("a client in a conversation", () => {
  it("gets no more of its messages after its participant is removed, unlike the others", async () => {
    const members = ["pineapple", "mango"];
    const participants = await Promise.all(members.map((identity) => sdk.conversation().participants.create({ identity })));
    const clients = await Promise.all(members.map(sdk.signIn));
    for (const client of clients) {
      const requests = [{ object_sid: `${sdk.conversationSid}.messages`, object_type: "list", last_event_id: 0 }];
      await client.call("POST", "/v4/Subscriptions", { action: "establish", correlation_id: 1, requests });
      await client.event("subscription_established");
    }
    const received = async () =>
      Promise.all(
        clients.map(async (client) => (await payloadsOf(client)).filter(({ event_type: type }) => type === "list_item_added").length),
      );
    await sdk.conversation().messages.create({ body: "for both" });
    expect(await received()).toEqual([1, 1]);
    await sdk.conversation().participants(String(participants[1]?.sid)).remove();
    await sdk.conversation().messages.create({ body: "for pineapple only" });
    expect(await received()).toEqual([2, 1]);
  });

  it.each([
    ["a message that it has seen is updated", 1, "list_item_updated"],
    ["a message that it has not seen is added", 0, "list_item_added"],
  ])("learns after a reconnection that %s", async (_what, lastEvent, type) => {
    await sdk.conversation().participants.create({ identity: "pineapple" });
    const { sid } = await sdk.conversation().messages.create({ body: "first" });
    await sdk.conversation().messages(sid).update({ body: "second" });
    const client = await sdk.signIn("pineapple");
    const requests = [{ object_sid: `${sdk.conversationSid}.messages`, object_type: "list", last_event_id: lastEvent }];
    await client.call("POST", "/v4/Subscriptions", { action: "establish", correlation_id: 1, requests });
    await client.event("subscription_established");
    const changes = (await payloadsOf(client)).filter(({ event_type: kind }) => String(kind).startsWith("list_item"));
    expect(changes).toMatchObject([{ event_type: type, events: [{ id: 2, item_data: { text: "second" } }] }]);
  });

  it("sees who else is typing, and not itself; nobody outside of the conversation does, whatever the identity", async () => {
    for (const identity of ["pineapple", "mango"]) await sdk.conversation().participants.create({ identity });
    const { sid: other } = await twilio.conversations.services.create({ friendlyName: "Other" });
    const namesake = await RawSdk.open(twilio.emulator);
    await namesake.init(sdk.token("mango", { serviceSid: other }));
    const [typist, reader, outsider] = [await sdk.signIn("pineapple"), await sdk.signIn("mango"), await sdk.signIn("kiwi")];
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const http_request = { host: "aim.us1.twilio.com", path: "/Client/v2/Typing", method: "POST", params: {}, headers };
    const { header } = await typist.request({ method: "message", http_request }, `ChannelSid=${sdk.conversationSid}`);
    expect(header.http_status).toMatchObject({ code: 200 });
    await reader.waitFor((received) => received.find(({ payload }) => payload.identity === "pineapple"));
    const seen = async (client: RawSdk) => (await payloadsOf(client)).filter(({ channel_sid: sid }) => sid === sdk.conversationSid);
    expect(await seen(reader)).toMatchObject([{ identity: "pineapple" }]);
    for (const client of [typist, namesake, outsider]) expect(await seen(client)).toEqual([]);
  });
});
