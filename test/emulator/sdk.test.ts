import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Conversation, Message, Participant } from "@twilio/conversations";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { clientWith, initialized, next, open, SDKS, type Sdk, signIn, tokenFor } from "./support/sdk";

const twilio = useEmulator();

/** A service with a conversation in which pineapple and the handset of Alice take part. */
async function quickstart() {
  const { conversations } = local;
  const service = await conversations.services.create({ friendlyName: "Support" });
  const here = conversations.services(service.sid);
  const { phoneNumber } = await buyNumber(twilio);
  const hello = await here.conversations.create({ friendlyName: "Hello", uniqueName: "hello" });
  const room = here.conversations(hello.sid);
  const chat = await room.participants.create({ identity: "pineapple" });
  const handset = await room.participants.create({
    "messagingBinding.address": ALICE,
    "messagingBinding.proxyAddress": phoneNumber,
  });
  return { serviceSid: service.sid, here, room, sid: hello.sid, phoneNumber, chat, handset };
}

describe.each(SDKS)("%s", (sdk) => {
  let q: Awaited<ReturnType<typeof quickstart>>;

  beforeEach(async () => {
    q = await quickstart();
  });

  const enter = (identity = "pineapple") => signIn(sdk, twilio.emulator, { identity, serviceSid: q.serviceSid });
  const bodies = async (conversation: Conversation) => (await conversation.getMessages()).items.map(({ body }) => body);

  it("signs in as the token's identity", async () => {
    await q.here.users("pineapple").update({ friendlyName: "Pia" });
    const client = await enter();
    expect(client.connectionState).toBe("connected");
    expect(client.user.identity).toBe("pineapple");
    expect(client.user.friendlyName).toBe("Pia");
  });

  it("lists the user's conversations, and only those", async () => {
    const other = await q.here.conversations.create({ friendlyName: "Other" });
    const client = await enter();
    const { items } = await client.getSubscribedConversations();
    expect(items.map(({ sid }) => sid)).toEqual([q.sid]);
    const hello = await open(client, q.sid);
    expect(hello).toMatchObject({ status: "joined", friendlyName: "Hello", uniqueName: "hello", createdBy: "system" });
    expect((await client.getConversationByUniqueName("hello")).sid).toBe(q.sid);
    expect(other.sid).not.toBe(q.sid);
  });

  it("sees who takes part, by chat and by SMS", async () => {
    const hello = await open(await enter(), q.sid);
    const members = await hello.getParticipants();
    const seen = members.map(({ sid, identity, type }) => ({ sid, identity: identity ?? null, type }));
    expect(seen).toHaveLength(2);
    expect(seen).toContainEqual({ sid: q.chat.sid, identity: "pineapple", type: "chat" });
    expect(seen).toContainEqual({ sid: q.handset.sid, identity: null, type: "sms" });
  });

  it("pages through the history in both directions", async () => {
    for (let i = 0; i < 75; i++) await q.room.messages.create({ author: "pineapple", body: `m${i}` });
    const hello = await (await enter()).getConversationBySid(q.sid);
    const texts = (page: { items: Message[] }) => page.items.map(({ body }) => body);
    const m = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `m${from + i}`);
    let page = await hello.getMessages(30);
    expect(texts(page)).toEqual(m(45, 75));
    expect(page.hasNextPage).toBe(false);
    page = await page.prevPage();
    expect(texts(page)).toEqual(m(15, 45));
    page = await page.prevPage();
    expect(texts(page)).toEqual(m(0, 15));
    expect(page.hasPrevPage).toBe(false);
    page = await page.nextPage();
    expect(texts(page)).toEqual(m(15, 45));
    const forward = await hello.getMessages(20, 40, "forward");
    expect(texts(forward)).toEqual(m(40, 60));
    expect(texts(await forward.nextPage())).toEqual(m(60, 75));
  });

  it("sends a message that arrives in the conversation and at the handset", async () => {
    const hello = await open(await enter(), q.sid);
    const added = next<Message>(hello, "messageAdded");
    const index = await hello.sendMessage("hi from the chat", { mood: "good" });
    const message = await added;
    expect(message).toMatchObject({ index, body: "hi from the chat", author: "pineapple", attributes: { mood: "good" } });
    expect(message.participantSid).toBe(q.chat.sid);
    expect(await q.room.messages(message.sid).fetch()).toMatchObject({ author: "pineapple", body: "hi from the chat", index });
    expect((await twilio.control.outbox(ALICE)).map(({ body, from }) => ({ body, from }))).toEqual([
      { body: "hi from the chat", from: q.phoneNumber },
    ]);
  });

  it("hears what a handset texts", async () => {
    const hello = await open(await enter(), q.sid);
    const added = next<Message>(hello, "messageAdded");
    await twilio.control.inbound(ALICE, q.phoneNumber, "hi from the phone");
    const message = await added;
    expect(message).toMatchObject({ author: ALICE, body: "hi from the phone", participantSid: q.handset.sid });
    expect((await message.getParticipant()).type).toBe("sms");
  });

  it("sees people come and go", async () => {
    const hello = await open(await enter(), q.sid);
    const joined = next<Participant>(hello, "participantJoined");
    const { sid } = await q.room.participants.create({ identity: "mango" });
    const participant = await joined;
    expect(participant.sid).toBe(sid);
    expect((await participant.getUser()).identity).toBe("mango");
    const left = next<Participant>(hello, "participantLeft");
    await q.room.participants(sid).remove();
    expect((await left).identity).toBe("mango");
  });

  it("is told of a conversation that the user is added to, removed from, and of one that is deleted", async () => {
    const client = await enter();
    const joined = next<Conversation>(client, "conversationJoined", ({ friendlyName }) => friendlyName === "Later");
    const later = await q.here.conversations.create({ friendlyName: "Later" });
    const member = await q.here.conversations(later.sid).participants.create({ identity: "pineapple" });
    expect((await joined).sid).toBe(later.sid);
    const left = next<Conversation>(client, "conversationLeft");
    await q.here.conversations(later.sid).participants(member.sid).remove();
    expect((await left).sid).toBe(later.sid);
    const removed = next<Conversation>(client, "conversationRemoved");
    await q.here.conversations(q.sid).remove();
    expect((await removed).sid).toBe(q.sid);
  });

  it("peeks at a conversation, joins it, posts, and leaves", async () => {
    const client = await enter("mango");
    const seen = await client.peekConversationBySid(q.sid);
    expect(seen).toMatchObject({ friendlyName: "Hello", status: "notParticipating" });
    const joined = next<Conversation>(client, "conversationJoined");
    const hello = await seen.join();
    await joined;
    await hello.sendMessage("here I am");
    expect(await bodies(hello)).toEqual(["here I am"]);
    const left = next<Conversation>(client, "conversationLeft");
    await hello.leave();
    expect((await left).sid).toBe(q.sid);
    expect((await q.room.participants.list()).map(({ identity }) => identity)).not.toContain("mango");
  });

  it("creates a conversation and brings people into it", async () => {
    const client = await enter();
    const made = await client.createConversation({ friendlyName: "Made", uniqueName: "made", attributes: { a: 1 } });
    expect(await q.here.conversations("made").fetch()).toMatchObject({ sid: made.sid, friendlyName: "Made", attributes: '{"a":1}' });
    expect((await q.here.conversations(made.sid).participants.list()).length).toBe(0);
    await made.join();
    // Opened now: a list that is still being fetched when its conversation goes is an error that the SDK lets nobody catch.
    await made.getMessages(1);
    await made.getParticipants();
    await made.add("mango", { seat: 2 });
    await made.addNonChatParticipant(q.phoneNumber, "+15558675399");
    const members = await q.here.conversations(made.sid).participants.list();
    expect(members.map(({ identity }) => identity)).toEqual(["pineapple", "mango", null]);
    expect(members[2]?.messagingBinding).toMatchObject({ address: "+15558675399", proxy_address: q.phoneNumber });
    const updated = next<{ conversation: Conversation; updateReasons: string[] }>(client, "conversationUpdated", ({ updateReasons }) =>
      updateReasons.includes("friendlyName"),
    );
    await made.updateFriendlyName("Renamed");
    expect((await updated).conversation.friendlyName).toBe("Renamed");
    await made.updateAttributes({ b: 2 });
    expect(await q.here.conversations(made.sid).fetch()).toMatchObject({ friendlyName: "Renamed", attributes: '{"b":2}' });
    const removed = next<Conversation>(client, "conversationRemoved");
    await made.delete();
    expect((await removed).sid).toBe(made.sid);
  });

  it("counts what is unread, and says how far the user has read", async () => {
    for (const body of ["one", "two", "three"]) await q.room.messages.create({ author: ALICE, body });
    const hello = await open(await enter(), q.sid);
    expect(await hello.updateLastReadMessageIndex(0)).toBe(2);
    expect(await hello.getUnreadMessagesCount()).toBe(2);
    expect(await q.room.participants(q.chat.sid).fetch()).toMatchObject({ lastReadMessageIndex: 0 });
    expect(await hello.setAllMessagesRead()).toBe(0);
    expect(await hello.getMessagesCount()).toBe(3);
    expect(await hello.getParticipantsCount()).toBe(2);
    await hello.setAllMessagesUnread();
    expect(await q.room.participants(q.chat.sid).fetch()).toMatchObject({ lastReadMessageIndex: null });
  });

  it("follows the delivery of a message, and tells its failure", async () => {
    const hello = await open(await enter(), q.sid);
    const heard = collect(hello);
    await hello.sendMessage("are you there?");
    await heard.until(1);
    const updated = next<{ message: Message }>(
      hello,
      "messageUpdated",
      ({ message }) => message.body === "delivered?" && message.aggregatedDeliveryReceipt?.delivered === "all",
    );
    await hello.sendMessage("delivered?");
    const { message } = await updated;
    expect(message.aggregatedDeliveryReceipt).toMatchObject({ total: 1, sent: "all", delivered: "all", failed: "none" });
    const added = next<Message>(hello, "messageAdded");
    await hello.sendMessage("x".repeat(1601));
    const failed = await added;
    expect(failed.aggregatedDeliveryReceipt).toMatchObject({ total: 1, sent: "none", failed: "all" });
    const [receipt] = (await failed.getDetailedDeliveryReceipts()) ?? [];
    expect(receipt).toMatchObject({ status: "failed", errorCode: 21617, participantSid: q.handset.sid });
  });

  it("edits and removes its messages", async () => {
    const hello = await open(await enter(), q.sid);
    await hello.sendMessage("frist");
    const [message] = (await hello.getMessages()).items as [Message];
    const updated = next<{ message: Message }>(hello, "messageUpdated", ({ message: { body } }) => body === "first");
    await message.updateBody("first");
    expect((await updated).message.body).toBe("first");
    expect((await q.room.messages(message.sid).fetch()).body).toBe("first");
    const removed = next<Message>(hello, "messageRemoved");
    await message.remove();
    expect((await removed).sid).toBe(message.sid);
    expect(await q.room.messages.list()).toEqual([]);
  });

  it("sees when somebody else is typing", async () => {
    await q.room.participants.create({ identity: "mango" });
    const [hello, theirs] = [await open(await enter(), q.sid), await open(await enter("mango"), q.sid)];
    const started = next<Participant>(theirs, "typingStarted");
    const ended = next<Participant>(theirs, "typingEnded");
    await hello.typing();
    expect((await started).identity).toBe("pineapple");
    expect((await ended).identity).toBe("pineapple");
  });

  it("sends media and hands out an address for it", async () => {
    const hello = await open(await enter(), q.sid);
    const added = next<Message>(hello, "messageAdded");
    await hello.sendMessage({
      contentType: "text/plain",
      filename: "note.txt",
      media: Buffer.from("buy milk") as unknown as Blob & Buffer,
    });
    const [media] = (await added).attachedMedia ?? [];
    expect(media).toMatchObject({ filename: "note.txt", contentType: "text/plain", size: 8 });
    const url = await media?.getContentTemporaryUrl();
    const response = await fetch(url ?? "");
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.text()).toBe("buy milk");
    expect((await fetch((url ?? "").replace(/Key=.*/, "Key=1"))).status).toBe(401);
    expect((await q.room.messages.list())[0]?.media).toEqual([
      { sid: media?.sid, content_type: "text/plain", filename: "note.txt", size: 8 },
    ]);
    const [atHandset] = await twilio.control.outbox(ALICE);
    expect(await (await fetch(atHandset?.mediaUrls[0] ?? "")).text()).toBe("buy milk");
  });

  it("takes a new token for the old one, but not another person's", async () => {
    const client = await enter();
    await client.updateToken(tokenFor(twilio.emulator, { identity: "pineapple", serviceSid: q.serviceSid, ttl: 7200 }));
    expect(client.connectionState).toBe("connected");
    await expect(client.updateToken(tokenFor(twilio.emulator, { identity: "mango", serviceSid: q.serviceSid }))).rejects.toThrow();
  });

  it("is refused with a token that somebody else signed", async () => {
    const token = tokenFor(twilio.emulator, { identity: "pineapple", serviceSid: q.serviceSid, apiSecret: "f".repeat(32) });
    const client = await clientWith(sdk, twilio.emulator, token);
    const error = await next<{ terminal: boolean; httpStatusCode: number; errorCode: number }>(client, "connectionError");
    expect(error).toMatchObject({ terminal: true, httpStatusCode: 401, errorCode: 20107 });
  });

  it("is told that the token ends, and then that it has ended", async () => {
    const token = tokenFor(twilio.emulator, { identity: "pineapple", serviceSid: q.serviceSid, ttl: 200 });
    const client = await clientWith(sdk, twilio.emulator, token);
    await initialized(client);
    const told = next<void>(client, "tokenAboutToExpire");
    const ended = next<void>(client, "tokenExpired");
    await twilio.control.advance(100);
    await told;
    await twilio.control.advance(150);
    await ended;
  });

  it("goes when it is shut down", async () => {
    await q.here.configuration().update({ reachabilityEnabled: true });
    const client = await enter();
    expect(await q.here.users("pineapple").fetch()).toMatchObject({ isOnline: true });
    await client.shutdown();
    await vi.waitFor(async () => expect(await q.here.users("pineapple").fetch()).toMatchObject({ isOnline: false }));
  });

  it("misses nothing while its connection is down", async () => {
    const { proxy, client } = await throughProxy(sdk, q.serviceSid);
    const hello = await open(client, q.sid);
    const heard = collect(hello);
    await q.room.messages.create({ author: ALICE, body: "before" });
    await heard.until(1);
    proxy.cut();
    await next(client, "connectionStateChanged", (state) => state !== "connected");
    for (const body of ["meanwhile", "gone"]) await q.room.messages.create({ author: ALICE, body });
    const [gone] = await q.room.messages.list({ order: "desc", limit: 1 });
    await q.room.messages(gone?.sid ?? "").remove();
    await q.room.participants.create({ identity: "mango" });
    proxy.mend();
    await heard.until(2);
    await q.room.messages.create({ author: ALICE, body: "after" });
    await heard.until(3);
    expect(heard.bodies).toEqual(["before", "meanwhile", "after"]);
    expect((await hello.getParticipants()).map(({ identity }) => identity ?? null)).toContain("mango");
  });

  it("goes on after the emulator was restarted with its state", async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "sdk-"));
    onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
    const first = await startEmulator({ stateDir });
    const { conversations } = connect(first);
    const { defaultChatServiceSid } = await conversations.configuration().fetch();
    const { sid } = await conversations.conversations.create({ friendlyName: "Kept" });
    await conversations.conversations(sid).participants.create({ identity: "pineapple" });
    const client = await signIn(sdk, first, { identity: "pineapple", serviceSid: defaultChatServiceSid });
    const kept = await open(client, sid);
    const heard = collect(kept);
    await conversations.conversations(sid).messages.create({ body: "before" });
    await heard.until(1);
    await first.close();
    const port = Number(new URL(first.url).port);
    const second = await startEmulator({ stateDir, port });
    onTestFinished(() => second.close());
    const again = connect(second).conversations.conversations(sid);
    // A connection to the first may still be taken for good.
    await vi.waitFor(() => again.fetch());
    await again.messages.create({ body: "while it was away" });
    await heard.until(2);
    await kept.sendMessage("still here");
    await heard.until(3);
    expect(heard.bodies).toEqual(["before", "while it was away", "still here"]);
  });
});

/** What a conversation's client is told, in the order in which it is told. */
function collect(conversation: Conversation) {
  const bodies: (string | null)[] = [];
  conversation.on("messageAdded", ({ body }) => bodies.push(body));
  return { bodies, until: (count: number) => vi.waitFor(() => expect(bodies.length).toBeGreaterThanOrEqual(count), 20_000) };
}

/** A client whose connection can be cut. */
async function throughProxy(sdk: Sdk, serviceSid: string) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((inward) => {
    if (isCut) {
      inward.destroy();
      return;
    }
    const outward = createConnection(Number(new URL(twilio.emulator.url).port), "127.0.0.1");
    for (const [from, to] of [[inward, outward] as const, [outward, inward] as const]) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = await clientWith(sdk, { url }, tokenFor(twilio.emulator, { identity: "pineapple", serviceSid }));
  await initialized(client);
  const proxy = {
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
  };
  return { proxy, client };
}
