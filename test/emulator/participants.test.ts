import { describe, expect, it } from "vitest";
import { connect, errorOf } from "./support/client";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };
const sms = (address: string, proxyAddress: string) => ({
  "messagingBinding.address": address,
  "messagingBinding.proxyAddress": proxyAddress,
});
const newConversation = async () => twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);

describe.each(PATH_STYLES)("participants, %s path", (style) => {
  it("join by SMS or as chat users, and are updated, listed and removed", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope, root, sid } = await defaultService(twilio, style);
    const { defaultConversationRoleSid } = await twilio.conversations.services(sid).configuration().fetch();
    const created = await scope.conversations.create();
    const { participants } = scope.conversations(created.sid);
    const phone = await participants.create(sms(ALICE, phoneNumber));
    expect(phone).toMatchObject({
      sid: expect.stringMatching(/^MB[0-9a-f]{32}$/),
      conversationSid: created.sid,
      identity: null,
      attributes: "{}",
      messagingBinding: { type: "sms", address: ALICE, proxy_address: phoneNumber },
      roleSid: defaultConversationRoleSid,
      lastReadMessageIndex: null,
      lastReadTimestamp: null,
      url: `${root}/Conversations/${created.sid}/Participants/${phone.sid}`,
    });
    // Joining sends nothing to the handset.
    expect(await twilio.control.outbox()).toEqual([]);
    const chat = await participants.create({ identity: "alice", attributes: '{"role":"driver"}' });
    expect(chat).toMatchObject({ identity: "alice", messagingBinding: null, attributes: '{"role":"driver"}' });
    expect((await participants("alice").fetch()).sid).toBe(chat.sid);
    expect((await participants.list()).map((participant) => participant.sid)).toEqual([phone.sid, chat.sid]);

    const [, channelAdmin] = await scope.roles.list();
    const updated = await participants("alice").update({ attributes: "{}", roleSid: channelAdmin?.sid });
    expect(updated).toMatchObject({ attributes: "{}", roleSid: channelAdmin?.sid });
    expect(await participants(phone.sid).remove()).toBe(true);
    expect(await errorOf(participants(phone.sid).fetch())).toMatchObject(UNKNOWN);
    expect(await errorOf(participants(phone.sid).remove())).toMatchObject(UNKNOWN);
  });

  it("store the last read message", async () => {
    const { scope } = await defaultService(twilio, style);
    const conversation = scope.conversations((await scope.conversations.create()).sid);
    const participant = conversation.participants((await conversation.participants.create({ identity: "alice" })).sid);
    await conversation.messages.create({ body: "a" });
    expect(await participant.update({ lastReadMessageIndex: 0 })).toMatchObject({
      lastReadMessageIndex: 0,
      lastReadTimestamp: expect.stringMatching(/Z$/),
    });
    expect(await participant.update({ lastReadTimestamp: "2020-01-01T00:00:00Z" })).toMatchObject({
      lastReadTimestamp: "2020-01-01T00:00:00Z",
    });
    expect(await errorOf(participant.update({ lastReadMessageIndex: 1 }))).toMatchObject({ status: 400, code: 50421 });
    expect(await errorOf(participant.update({ lastReadMessageIndex: -1 }))).toMatchObject({ status: 400, code: 50421 });
    expect(await errorOf(participant.update({ lastReadTimestamp: "never" }))).toMatchObject({ status: 400 });
    expect(await errorOf(participant.update({}))).toMatchObject({ status: 400, code: 20161 });
  });
});

describe("participant parameters", () => {
  it("are rejected if they do not identify a participant", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const conversation = await newConversation();
    const create = (options: object) => errorOf(conversation.participants.create(options));
    const address = { "messagingBinding.address": ALICE };
    const proxy = { "messagingBinding.proxyAddress": phoneNumber };
    const projected = { "messagingBinding.projectedAddress": phoneNumber };
    expect(await create({})).toMatchObject({ status: 400, code: 50204, message: "Identity not provided" });
    expect(await create({ identity: "" })).toMatchObject({ status: 400, code: 50204 });
    expect(await create({ identity: "alice", ...address, ...proxy })).toMatchObject({ status: 400, code: 50211 });
    expect(await create({ identity: "alice", ...address })).toMatchObject({ status: 400, code: 50211 });
    expect(await create({ identity: "alice", ...proxy })).toMatchObject({ status: 400, code: 50211 });
    expect(await create({ ...address, ...projected })).toMatchObject({
      status: 400,
      code: 50407,
      message: "Invalid messaging binding address",
    });
    expect(await create({ ...proxy, ...projected })).toMatchObject({ status: 400, code: 50420 });
    expect(await create(sms("not-a-number", phoneNumber))).toMatchObject({ status: 400, code: 50407 });
    expect(await create(sms("fax:+15558675310", phoneNumber))).toMatchObject({ status: 400, code: 50407 });
    expect(await create(sms(ALICE, "not-a-number"))).toMatchObject({ status: 400, code: 50408 });
    expect(await create(sms(phoneNumber, phoneNumber))).toMatchObject({ status: 400, code: 50409 });
    expect(await create(sms("", phoneNumber))).toMatchObject({ status: 400, code: 50411 });
    expect(await create(proxy)).toMatchObject({ status: 400, code: 50411 });
    expect(await create(sms(ALICE, ""))).toMatchObject({ status: 400, code: 50412 });
    expect(await create({ "messagingBinding.address": "+4915112345678" })).toMatchObject({ status: 400, code: 50412 });
    expect(await create(sms(ALICE, "+14155550199"))).toMatchObject({ status: 403, code: 50413 });
    expect(await create(sms(`whatsapp:${ALICE}`, phoneNumber))).toMatchObject({ status: 400, code: 50414 });
    expect(await create(sms(ALICE, `whatsapp:${phoneNumber}`))).toMatchObject({ status: 400, code: 50414 });
    expect(await create(sms(`whatsapp:${ALICE}`, "whatsapp:+14155550199"))).toMatchObject({ status: 400, code: 50415 });
    expect(await create({ identity: `US${"a".repeat(32)}` })).toMatchObject({ status: 400, code: 50206 });
    expect(await create({ identity: "x".repeat(257) })).toMatchObject({ status: 400, code: 50207 });
    expect(await create({ identity: "a", attributes: "{" })).toMatchObject({ status: 400, code: 50304 });
    expect(await create({ identity: "a", attributes: `"${"x".repeat(4096)}"` })).toMatchObject({ status: 400, code: 50303 });
    expect(await create({ identity: "a", roleSid: `RL${"0".repeat(32)}` })).toMatchObject({ status: 404, code: 50109 });
    expect(await conversation.participants.list()).toEqual([]);
  });

  it("are rejected if the proxy number belongs to another account or has no SMS", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    const number = await buyNumber(theirs);
    const conversation = await newConversation();
    expect(await errorOf(conversation.participants.create(sms(ALICE, number.phoneNumber)))).toMatchObject({ code: 50413 });
    const [withoutSms] = await twilio.api.availablePhoneNumbers("US").local.list({ smsEnabled: false, limit: 1 });
    await twilio.api.incomingPhoneNumbers.create({ phoneNumber: withoutSms?.phoneNumber });
    expect(await errorOf(conversation.participants.create(sms(ALICE, withoutSms?.phoneNumber ?? "")))).toMatchObject({ code: 50413 });
  });

  it("support WhatsApp, from the sandbox or an owned number, and other channels", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const conversation = await newConversation();
    for (const [address, proxy, type] of [
      [`whatsapp:${ALICE}`, "whatsapp:+14155238886", "whatsapp"],
      [`whatsapp:${ALICE}`, `whatsapp:${phoneNumber}`, "whatsapp"],
      ["messenger:1234", "messenger:5678", "messenger"],
      [`rcs:${ALICE}`, "rcs:agent", "rcs"],
    ] as const) {
      const participant = await conversation.participants.create(sms(address, proxy));
      expect(participant.messagingBinding).toEqual({ type, address, proxy_address: proxy });
    }
    // The same numbers over SMS are a different pair.
    await conversation.participants.create(sms(ALICE, phoneNumber));
  });
});

describe("a pair of address and proxy", () => {
  it("can be in one open conversation of the account, across services; the error names that conversation", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const other = await buyNumber(twilio, 212);
    const first = await newConversation();
    const second = await newConversation();
    const service = await twilio.conversations.services.create({ friendlyName: "x" });
    const elsewhere = twilio.conversations.services(service.sid);
    const third = elsewhere.conversations((await elsewhere.conversations.create()).sid);
    const participant = await first.participants.create(sms(ALICE, phoneNumber));
    const { sid } = await first.fetch();
    const taken = {
      status: 409,
      code: 50416,
      message: `A binding for this participant and proxy address already exists in Conversation ${sid}`,
    };
    for (const conversation of [first, second])
      expect(await errorOf(conversation.participants.create(sms(ALICE, phoneNumber)))).toEqual(taken);
    expect(await errorOf(third.participants.create(sms(ALICE, phoneNumber)))).toEqual(taken);

    // Each address of the pair can be used in other pairs.
    await second.participants.create(sms(BOB, phoneNumber));
    await third.participants.create(sms(ALICE, other.phoneNumber));
    await first.participants(participant.sid).remove();
    await second.participants.create(sms(ALICE, phoneNumber));
  });

  it("does not conflict with another account", async () => {
    const conversation = await newConversation();
    await conversation.participants.create(sms(`whatsapp:${ALICE}`, "whatsapp:+14155238886"));
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    const there = theirs.conversations.conversations((await theirs.conversations.conversations.create()).sid);
    await there.participants.create(sms(`whatsapp:${ALICE}`, "whatsapp:+14155238886"));
  });

  it("cannot change on an existing participant", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const other = await buyNumber(twilio, 212);
    const conversation = await newConversation();
    const phone = conversation.participants((await conversation.participants.create(sms(ALICE, phoneNumber))).sid);
    const chat = conversation.participants((await conversation.participants.create({ identity: "alice" })).sid);
    const proxy = (value: string) => ({ "messagingBinding.proxyAddress": value });
    for (const value of [other.phoneNumber, phoneNumber]) {
      expect(await errorOf(phone.update(proxy(value)))).toEqual({
        status: 400,
        code: 50441,
        message: "Failed to add a proxy address to a participant",
      });
    }
    expect(await errorOf(phone.update(proxy("null")))).toMatchObject({ status: 400, code: 50440 });
    expect(await errorOf(phone.update({ "messagingBinding.projectedAddress": phoneNumber }))).toMatchObject({ status: 400, code: 50443 });
    expect(await errorOf(phone.update({ identity: "alice" }))).toMatchObject({ status: 400, code: 50444 });
    expect(await errorOf(chat.update(proxy(phoneNumber)))).toMatchObject({ status: 400, code: 50441 });
    expect(await errorOf(chat.update({ identity: "bob" }))).toMatchObject({ status: 400, code: 50444 });
    expect(await errorOf(chat.update({ "messagingBinding.projectedAddress": "null" }))).toMatchObject({ status: 400, code: 50442 });
    expect(await chat.update({ identity: "alice", attributes: "{}" })).toMatchObject({ identity: "alice" });
  });
});

describe("an identity", () => {
  it("can be in a conversation only once", async () => {
    const conversation = await newConversation();
    const participant = await conversation.participants.create({ identity: "alice" });
    expect(await errorOf(conversation.participants.create({ identity: "alice" }))).toEqual({
      status: 409,
      code: 50433,
      message: "Participant already exists",
    });
    await (await newConversation()).participants.create({ identity: "alice" });
    await conversation.participants(participant.sid).remove();
    await conversation.participants.create({ identity: "alice" });
  });
});

describe("the limit", () => {
  it("is 50 non-chat participants per conversation", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const conversation = await newConversation();
    for (let handset = 0; handset < 50; handset++) await conversation.participants.create(sms(`+1555867${1000 + handset}`, phoneNumber));
    expect(await errorOf(conversation.participants.create(sms(ALICE, phoneNumber)))).toMatchObject({ status: 403, code: 50418 });
    await conversation.participants.create({ identity: "alice" });
  });

  it("is 1000 participants per conversation", async () => {
    const conversation = await newConversation();
    const join = (from: number, to: number) =>
      Promise.all(Array.from({ length: to - from }, (_, index) => conversation.participants.create({ identity: `user ${from + index}` })));
    for (let count = 0; count < 1000; count += 50) await join(count, count + 50);
    expect(await errorOf(conversation.participants.create({ identity: "one more" }))).toMatchObject({ status: 403, code: 50417 });
    await conversation.participants("user 0").remove();
    await conversation.participants.create({ identity: "one more" });
  });

  it("is 1000 open conversations per identity", async () => {
    const join = async () => {
      const conversation = await newConversation();
      await conversation.participants.create({ identity: "alice" });
      return conversation;
    };
    const first = await join();
    for (let count = 1; count < 1000; count += 37) await Promise.all(Array.from({ length: Math.min(37, 1000 - count) }, join));
    const oneMore = await newConversation();
    expect(await errorOf(oneMore.participants.create({ identity: "alice" }))).toMatchObject({ status: 403, code: 50214 });
    await first.update({ state: "closed" });
    await oneMore.participants.create({ identity: "alice" });
  });
});
