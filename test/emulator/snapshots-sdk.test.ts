/** Snapshots that are restored under connected clients of Twilio's chat SDK. */
import type { Client, Conversation } from "@twilio/conversations";
import { describe, expect, it, vi } from "vitest";
import { useEmulator } from "./support/emulator";
import { RawSdk } from "./support/raw-sdk";
import { clientWith, nextEvent, openConversation, SDKS, signIn, tokenFor, waitUntilInitialized } from "./support/sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);
const bodiesOf = async (conversation: Conversation) => (await conversation.getMessages(30)).items.map(({ body }) => body);
const identitiesOf = async (conversation: Conversation) => (await conversation.getParticipants()).map(({ identity }) => identity).sort();
const namesOf = async (client: Client) => (await client.getSubscribedConversations()).items.map(({ friendlyName }) => friendlyName).sort();

/** What the client shows, read without waiting for a response. */
async function shown(client: Client, conversation: Conversation) {
  return {
    conversations: await namesOf(client),
    name: conversation.friendlyName,
    bodies: await bodiesOf(conversation),
    identities: await identitiesOf(conversation),
    lastMessage: conversation.lastMessage?.index,
    unread: conversation.lastReadMessageIndex,
  };
}

describe.each(SDKS)("clients of %s", (version) => {
  it("show the restored state, and then what changes in it", async () => {
    const { emulator } = twilio;
    const send = (body: string) => sdk.conversation().messages.create({ body, author: "system" });
    for (const identity of ["pineapple", "mango"]) await sdk.conversation().participants.create({ identity });
    for (const body of ["one", "two"]) await send(body);
    const client = await signIn(version, emulator, { identity: "pineapple", serviceSid: sdk.serviceSid });
    const conversation = await openConversation(client, sdk.conversationSid);
    await vi.waitFor(async () => expect(await bodiesOf(conversation)).toEqual(["one", "two"]));
    const before = await shown(client, conversation);
    await emulator.snapshots.save("saved");

    const other = await sdk.service().conversations.create({ friendlyName: "other" });
    await sdk.service().conversations(other.sid).participants.create({ identity: "pineapple" });
    for (const body of ["three", "four"]) await send(body);
    const [first] = await sdk.conversation().messages.list();
    await sdk.conversation().messages(String(first?.sid)).update({ body: "changed" });
    const mango = (await sdk.conversation().participants.list()).find(({ identity }) => identity === "mango");
    await sdk.conversation().participants(String(mango?.sid)).remove();
    await sdk.conversation().participants.create({ identity: "papaya" });
    await sdk.conversation().update({ friendlyName: "renamed" });
    await vi.waitFor(async () =>
      expect(await shown(client, conversation)).toMatchObject({
        conversations: ["other", "renamed"],
        bodies: ["changed", "two", "three", "four"],
        identities: ["papaya", "pineapple"],
        lastMessage: 3,
      }),
    );

    const states: string[] = [];
    client.on("connectionStateChanged", (state) => states.push(state));
    const left = nextEvent<Conversation>(client, "conversationLeft");
    await emulator.snapshots.restore("saved");
    expect((await left).sid).toBe(other.sid);
    await vi.waitFor(async () => expect(await shown(client, conversation)).toEqual(before));
    // The numbers and SIDs of the former state are used again.
    const added = nextEvent(conversation, "messageAdded");
    const again = await send("another three");
    expect(await added).toMatchObject({ index: 2, sid: again.sid, body: "another three" });
    const sent = nextEvent(conversation, "messageAdded", ({ body }: { body: string }) => body === "from the client");
    await conversation.sendMessage("from the client");
    await sent;
    expect(await bodiesOf(conversation)).toEqual(["one", "two", "another three", "from the client"]);
    const joined = nextEvent(client, "conversationJoined");
    const next = await sdk.service().conversations.create({ friendlyName: "next" });
    await sdk.service().conversations(next.sid).participants.create({ identity: "pineapple" });
    await joined;
    expect(await namesOf(client)).toEqual(["Hello", "next"]);
    expect(states).toEqual([]);
    // A new client shows the same.
    const fresh = await signIn(version, emulator, { identity: "pineapple", serviceSid: sdk.serviceSid });
    expect(await bodiesOf(await openConversation(fresh, sdk.conversationSid))).toEqual(await bodiesOf(conversation));
  });

  it("get a conversation back that was deleted, and leave one whose user the snapshot does not have", async () => {
    const { emulator } = twilio;
    await sdk.conversation().participants.create({ identity: "pineapple" });
    await sdk.conversation().messages.create({ body: "hello" });
    const client = await signIn(version, emulator, { identity: "pineapple", serviceSid: sdk.serviceSid });
    await openConversation(client, sdk.conversationSid);
    await emulator.snapshots.save("saved");
    const removed = nextEvent(client, "conversationRemoved");
    await sdk.conversation().remove();
    await removed;
    const young = await signIn(version, emulator, { identity: "papaya", serviceSid: sdk.serviceSid });
    const { sid } = await sdk.service().conversations.create({ friendlyName: "for papaya" });
    await sdk.service().conversations(sid).participants.create({ identity: "papaya" });
    await vi.waitFor(async () => expect(await namesOf(young)).toEqual(["for papaya"]));
    await openConversation(young, sid);

    const joined = nextEvent<Conversation>(client, "conversationJoined");
    const left = nextEvent<Conversation>(young, "conversationLeft");
    await emulator.snapshots.restore("saved");
    expect([(await joined).sid, (await left).sid]).toEqual([sdk.conversationSid, sid]);
    expect(await bodiesOf(await openConversation(client, sdk.conversationSid))).toEqual(["hello"]);
    expect(await namesOf(young)).toEqual([]);
    const own = nextEvent<Conversation>(young, "conversationJoined");
    await sdk.conversation().participants.create({ identity: "papaya" });
    expect(await bodiesOf(await own)).toEqual(["hello"]);
    expect((await sdk.service().users.list()).map(({ identity }) => identity).sort()).toEqual(["papaya", "pineapple"]);
  });

  it("show the restored state after a reconnection, where the connection was lost meanwhile", async () => {
    const { emulator, control } = twilio;
    await sdk.conversation().participants.create({ identity: "pineapple" });
    const send = (body: string) => sdk.conversation().messages.create({ body });
    await send("one");
    await emulator.snapshots.save("saved");
    const client = await signIn(version, emulator, { identity: "pineapple", serviceSid: sdk.serviceSid });
    const conversation = await openConversation(client, sdk.conversationSid);
    await send("two");
    await vi.waitFor(async () => expect(await bodiesOf(conversation)).toEqual(["one", "two"]));
    // Two faults: the next request ends the connection, and the client cannot come back before the restoration.
    await control.ok("POST", "faults", [
      { method: "POST", path: "*/Typing", drop: "before" },
      { path: "/v3/wsconnect", status: 503 },
    ]);
    const lost = nextEvent<string>(client, "connectionStateChanged", (state) => state === "connecting");
    conversation.typing().catch(() => {});
    await lost;
    for (const message of await sdk.conversation().messages.list()) await sdk.conversation().messages(message.sid).remove();
    const back = nextEvent<string>(client, "connectionStateChanged", (state) => state === "connected");
    // Removes the faults, too.
    await emulator.snapshots.restore("saved");
    await send("another two");
    await back;
    await vi.waitFor(async () => expect(await bodiesOf(conversation)).toEqual(["one", "another two"]), 10_000);
  });

  it("keep their sign-in when the clock moves by more than the life of their token", async () => {
    const { emulator, control } = twilio;
    await sdk.conversation().participants.create({ identity: "pineapple" });
    await control.advance(86_400);
    await emulator.snapshots.save("tomorrow");
    await control.ok("DELETE", "clock");
    const client = await clientWith(version, emulator, tokenFor(emulator, { identity: "pineapple", serviceSid: sdk.serviceSid }));
    await waitUntilInitialized(client);
    const conversation = await openConversation(client, sdk.conversationSid);
    const expired = vi.fn();
    client.on("tokenExpired", expired);
    await emulator.snapshots.restore("tomorrow");
    const added = nextEvent(conversation, "messageAdded");
    await conversation.sendMessage("still here");
    await added;
    expect(expired).not.toHaveBeenCalled();
    await control.advance(3601);
    await vi.waitFor(() => expect(expired).toHaveBeenCalled(), 5000);
  });
});

describe("a connection", () => {
  it("gets nothing more of a conversation that its user is not in, in the restored state", async () => {
    await twilio.emulator.snapshots.save("without");
    await sdk.conversation().participants.create({ identity: "pineapple" });
    const client = await sdk.signIn("pineapple");
    const requests = [{ object_sid: `${sdk.conversationSid}.messages`, object_type: "list", last_event_id: 0 }];
    await client.call("POST", "/v4/Subscriptions", { action: "establish", correlation_id: 1, requests });
    await client.event("subscription_established");
    await twilio.emulator.snapshots.restore("without");
    await sdk.conversation().messages.create({ body: "secret" });
    expect(await client.call("GET", `/v3/Lists/${sdk.conversationSid}.messages`)).toMatchObject({ status: 403 });
    const payloads = await client.waitFor((received) => received.map(({ payload }) => JSON.stringify(payload)));
    expect(payloads.join()).not.toContain("secret");
  });

  it.each(["service", "key"])("is closed if the restored state does not have its %s", async (missing) => {
    await twilio.emulator.reset();
    const key = missing === "service" ? {} : await twilio.emulator.snapshots.save("none").then(() => twilio.api.newKeys.create({}));
    if (missing === "service") await twilio.emulator.snapshots.save("none");
    const { sid: serviceSid } = await twilio.conversations.services.create({ friendlyName: "Support" });
    const client = await RawSdk.open(twilio.emulator);
    const { sid: apiKey, secret: apiSecret } = key as { sid?: string; secret?: string };
    await client.init(tokenFor(twilio.emulator, { identity: "pineapple", serviceSid, ...(apiKey && { apiKey, apiSecret }) }));
    await twilio.emulator.snapshots.restore("none");
    const closed = await client.waitFor((received, isClosed) => (isClosed ? received.at(-1)?.header : undefined));
    expect(closed).toMatchObject({ method: "close", status: { code: 401 } });
  });
});
