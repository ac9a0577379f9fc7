import type { Conversation, Message, Participant } from "@twilio/conversations";
import { beforeEach, describe, expect, it } from "vitest";
import { ALICE, useEmulator } from "./support/emulator";
import { collectMessages, nextEvent, openConversation, SDKS, signIn } from "./support/sdk";
import { createSupportConversation, type SupportConversation } from "./support/support-conversation";

const twilio = useEmulator();

describe.each(SDKS)("%s", (sdk) => {
  let support: SupportConversation;

  beforeEach(async () => {
    support = await createSupportConversation(twilio);
  });

  const signInAs = (identity = "pineapple") => signIn(sdk, twilio.emulator, { identity, serviceSid: support.serviceSid });
  const bodies = async (conversation: Conversation) => (await conversation.getMessages()).items.map(({ body }) => body);

  it("signs in as the token's identity", async () => {
    await support.service.users("pineapple").update({ friendlyName: "Pia" });
    const client = await signInAs();
    expect(client.connectionState).toBe("connected");
    expect(client.user.identity).toBe("pineapple");
    expect(client.user.friendlyName).toBe("Pia");
  });

  it("lists the user's conversations, and only those", async () => {
    const other = await support.service.conversations.create({ friendlyName: "Other" });
    const client = await signInAs();
    const { items } = await client.getSubscribedConversations();
    expect(items.map(({ sid }) => sid)).toEqual([support.sid]);
    const hello = await openConversation(client, support.sid);
    expect(hello).toMatchObject({ status: "joined", friendlyName: "Hello", uniqueName: "hello", createdBy: "system" });
    expect((await client.getConversationByUniqueName("hello")).sid).toBe(support.sid);
    expect(other.sid).not.toBe(support.sid);
  });

  it("lists chat and SMS participants", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    const members = await hello.getParticipants();
    const seen = members.map(({ sid, identity, type }) => ({ sid, identity: identity ?? null, type }));
    expect(seen).toHaveLength(2);
    expect(seen).toContainEqual({ sid: support.chat.sid, identity: "pineapple", type: "chat" });
    expect(seen).toContainEqual({ sid: support.handset.sid, identity: null, type: "sms" });
  });

  it("pages through messages in both directions", async () => {
    for (let i = 0; i < 75; i++) await support.conversation.messages.create({ author: "pineapple", body: `m${i}` });
    const hello = await (await signInAs()).getConversationBySid(support.sid);
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

  it("sends a message to the conversation and to its handset", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    const added = nextEvent<Message>(hello, "messageAdded");
    const index = await hello.sendMessage("hi from the chat", { mood: "good" });
    const message = await added;
    expect(message).toMatchObject({ index, body: "hi from the chat", author: "pineapple", attributes: { mood: "good" } });
    expect(message.participantSid).toBe(support.chat.sid);
    expect(await support.conversation.messages(message.sid).fetch()).toMatchObject({
      author: "pineapple",
      body: "hi from the chat",
      index,
    });
    expect((await twilio.control.outbox(ALICE)).map(({ body, from }) => ({ body, from }))).toEqual([
      { body: "hi from the chat", from: support.phoneNumber },
    ]);
  });

  it("receives a text from a handset", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    const added = nextEvent<Message>(hello, "messageAdded");
    await twilio.control.inbound(ALICE, support.phoneNumber, "hi from the phone");
    const message = await added;
    expect(message).toMatchObject({ author: ALICE, body: "hi from the phone", participantSid: support.handset.sid });
    expect((await message.getParticipant()).type).toBe("sms");
  });

  it("receives events when participants join and leave", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    const joined = nextEvent<Participant>(hello, "participantJoined");
    const { sid } = await support.conversation.participants.create({ identity: "mango" });
    const participant = await joined;
    expect(participant.sid).toBe(sid);
    expect((await participant.getUser()).identity).toBe("mango");
    const left = nextEvent<Participant>(hello, "participantLeft");
    await support.conversation.participants(sid).remove();
    expect((await left).identity).toBe("mango");
  });

  it("receives events when the user is added or removed and when a conversation is deleted", async () => {
    const client = await signInAs();
    const joined = nextEvent<Conversation>(client, "conversationJoined", ({ friendlyName }) => friendlyName === "Later");
    const later = await support.service.conversations.create({ friendlyName: "Later" });
    const member = await support.service.conversations(later.sid).participants.create({ identity: "pineapple" });
    expect((await joined).sid).toBe(later.sid);
    const left = nextEvent<Conversation>(client, "conversationLeft");
    await support.service.conversations(later.sid).participants(member.sid).remove();
    expect((await left).sid).toBe(later.sid);
    const removed = nextEvent<Conversation>(client, "conversationRemoved");
    await support.service.conversations(support.sid).remove();
    expect((await removed).sid).toBe(support.sid);
  });

  it("peeks at a conversation, joins it, sends a message, and leaves", async () => {
    const client = await signInAs("mango");
    // Others than administrators see only the conversations that they created or participate in.
    const admin = (await support.service.roles.list()).find(({ friendlyName }) => friendlyName === "service admin");
    await support.service.users("mango").update({ roleSid: admin?.sid });
    const seen = await client.peekConversationBySid(support.sid);
    expect(seen).toMatchObject({ friendlyName: "Hello", status: "notParticipating" });
    const joined = nextEvent<Conversation>(client, "conversationJoined");
    const hello = await seen.join();
    await joined;
    await hello.sendMessage("here I am");
    expect(await bodies(hello)).toEqual(["here I am"]);
    const left = nextEvent<Conversation>(client, "conversationLeft");
    await hello.leave();
    expect((await left).sid).toBe(support.sid);
    expect((await support.conversation.participants.list()).map(({ identity }) => identity)).not.toContain("mango");
  });

  it("creates, updates and deletes a conversation, and adds participants", async () => {
    const client = await signInAs();
    const created = await client.createConversation({ friendlyName: "Made", uniqueName: "created", attributes: { a: 1 } });
    expect(await support.service.conversations("created").fetch()).toMatchObject({
      sid: created.sid,
      friendlyName: "Made",
      attributes: '{"a":1}',
    });
    expect((await support.service.conversations(created.sid).participants.list()).length).toBe(0);
    await created.join();
    // Fetch the lists now. If the conversation is deleted while the SDK fetches them, it raises an error that cannot be caught.
    await created.getMessages(1);
    await created.getParticipants();
    await created.add("mango", { seat: 2 });
    await created.addNonChatParticipant(support.phoneNumber, "+15558675399");
    const members = await support.service.conversations(created.sid).participants.list();
    expect(members.map(({ identity }) => identity)).toEqual(["pineapple", "mango", null]);
    expect(members[2]?.messagingBinding).toMatchObject({ address: "+15558675399", proxy_address: support.phoneNumber });
    const updated = nextEvent<{ conversation: Conversation; updateReasons: string[] }>(client, "conversationUpdated", ({ updateReasons }) =>
      updateReasons.includes("friendlyName"),
    );
    await created.updateFriendlyName("Renamed");
    expect((await updated).conversation.friendlyName).toBe("Renamed");
    await created.updateAttributes({ b: 2 });
    expect(await support.service.conversations(created.sid).fetch()).toMatchObject({ friendlyName: "Renamed", attributes: '{"b":2}' });
    const removed = nextEvent<Conversation>(client, "conversationRemoved");
    await created.delete();
    expect((await removed).sid).toBe(created.sid);
  });

  it("counts unread messages and sets the last read message", async () => {
    for (const body of ["one", "two", "three"]) await support.conversation.messages.create({ author: ALICE, body });
    const hello = await openConversation(await signInAs(), support.sid);
    expect(await hello.updateLastReadMessageIndex(0)).toBe(2);
    expect(await hello.getUnreadMessagesCount()).toBe(2);
    expect(await support.conversation.participants(support.chat.sid).fetch()).toMatchObject({ lastReadMessageIndex: 0 });
    expect(await hello.setAllMessagesRead()).toBe(0);
    expect(await hello.getMessagesCount()).toBe(3);
    expect(await hello.getParticipantsCount()).toBe(2);
    await hello.setAllMessagesUnread();
    expect(await support.conversation.participants(support.chat.sid).fetch()).toMatchObject({ lastReadMessageIndex: null });
  });

  it("receives delivery receipts, including failures", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    const received = collectMessages(hello);
    await hello.sendMessage("are you there?");
    await received.waitFor(1);
    const updated = nextEvent<{ message: Message }>(
      hello,
      "messageUpdated",
      ({ message }) => message.body === "delivered?" && message.aggregatedDeliveryReceipt?.delivered === "all",
    );
    await hello.sendMessage("delivered?");
    const { message } = await updated;
    expect(message.aggregatedDeliveryReceipt).toMatchObject({ total: 1, sent: "all", delivered: "all", failed: "none" });
    const added = nextEvent<Message>(hello, "messageAdded");
    await hello.sendMessage("x".repeat(1601));
    const failed = await added;
    expect(failed.aggregatedDeliveryReceipt).toMatchObject({ total: 1, sent: "none", failed: "all" });
    const [receipt] = (await failed.getDetailedDeliveryReceipts()) ?? [];
    expect(receipt).toMatchObject({ status: "failed", errorCode: 21617, participantSid: support.handset.sid });
  });

  it("edits and deletes its messages", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    await hello.sendMessage("frist");
    const [message] = (await hello.getMessages()).items as [Message];
    const updated = nextEvent<{ message: Message }>(hello, "messageUpdated", ({ message: { body } }) => body === "first");
    await message.updateBody("first");
    expect((await updated).message.body).toBe("first");
    expect((await support.conversation.messages(message.sid).fetch()).body).toBe("first");
    const removed = nextEvent<Message>(hello, "messageRemoved");
    await message.remove();
    expect((await removed).sid).toBe(message.sid);
    expect(await support.conversation.messages.list()).toEqual([]);
  });

  it("receives events when another participant starts and stops typing", async () => {
    await support.conversation.participants.create({ identity: "mango" });
    const [hello, theirs] = [
      await openConversation(await signInAs(), support.sid),
      await openConversation(await signInAs("mango"), support.sid),
    ];
    const started = nextEvent<Participant>(theirs, "typingStarted");
    const ended = nextEvent<Participant>(theirs, "typingEnded");
    await hello.typing();
    expect((await started).identity).toBe("pineapple");
    expect((await ended).identity).toBe("pineapple");
  });

  it("sends media and gets a temporary URL for it", async () => {
    const hello = await openConversation(await signInAs(), support.sid);
    const added = nextEvent<Message>(hello, "messageAdded");
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
    expect((await support.conversation.messages.list())[0]?.media).toEqual([
      { sid: media?.sid, content_type: "text/plain", filename: "note.txt", size: 8 },
    ]);
    const [atHandset] = await twilio.control.outbox(ALICE);
    expect(await (await fetch(atHandset?.mediaUrls[0] ?? "")).text()).toBe("buy milk");
  });
});
