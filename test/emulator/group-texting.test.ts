import { beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { ALICE, BOB, buyNumber, CAROL, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const handset = (address: string) => ({ "messagingBinding.address": address });
const projected = (address: string) => ({ "messagingBinding.projectedAddress": address });
const newConversation = async () => twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
let ours: string;

beforeEach(async () => {
  ours = (await buyNumber(twilio)).phoneNumber;
});

describe("group texting", () => {
  it("supports handsets and projected numbers as participants", async () => {
    const conversation = await newConversation();
    expect(await conversation.participants.create(handset(ALICE))).toMatchObject({
      messagingBinding: { type: "sms", address: ALICE },
      identity: null,
      roleSid: null,
    });
    expect(await conversation.participants.create({ identity: "desk", ...projected(ours) })).toMatchObject({
      identity: "desk",
      messagingBinding: { type: "sms", projected_address: ours },
      roleSid: expect.stringMatching(/^RL/),
    });
    expect((await twilio.conversations.users("desk").fetch()).identity).toBe("desk");
  });

  it("rejects numbers that cannot participate", async () => {
    const conversation = await newConversation();
    expect(await errorOf(conversation.participants.create(projected("+14155550199")))).toMatchObject({ status: 403, code: 50439 });
    expect(await errorOf(conversation.participants.create(projected("not-a-number")))).toMatchObject({ status: 400, code: 50407 });
    expect(await errorOf(conversation.participants.create(handset("+18005550100")))).toMatchObject({ status: 400, code: 50412 });
    const tollFree = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: "+18005550101" });
    expect(await errorOf(conversation.participants.create(projected(tollFree.phoneNumber)))).toMatchObject({ code: 50439 });
    await conversation.participants.create(handset(ALICE));
    expect(await errorOf(conversation.participants.create(handset(ALICE)))).toMatchObject({ status: 409, code: 50437 });
  });

  it("is limited to ten participants", async () => {
    const conversation = await newConversation();
    for (let member = 0; member < 10; member++) await conversation.participants.create(handset(`+1555867${2000 + member}`));
    expect(await errorOf(conversation.participants.create(handset(ALICE)))).toMatchObject({ status: 403, code: 50436 });
    await conversation.participants.create({ identity: "chat only" });
  });

  it("cannot have the same numbers as another open conversation", async () => {
    const first = await newConversation();
    for (const member of [handset(ALICE), handset(BOB), projected(ours)]) await first.participants.create(member);
    const second = await newConversation();
    await second.participants.create(projected(ours));
    await second.participants.create(handset(BOB));
    const { sid } = await first.fetch();
    expect(await errorOf(second.participants.create(handset(ALICE)))).toEqual({
      status: 409,
      code: 50438,
      message: `Group MMS with given participant list already exists as Conversation ${sid}`,
    });
    await second.participants.create(handset(CAROL));
    await first.update({ state: "closed" });
    const third = await newConversation();
    for (const member of [handset(ALICE), handset(BOB), projected(ours)]) await third.participants.create(member);
  });

  it("delivers messages in both directions", async () => {
    const conversation = await newConversation();
    for (const member of [handset(ALICE), handset(BOB), { identity: "desk", ...projected(ours) }])
      await conversation.participants.create(member);
    await conversation.messages.create({ author: "desk", body: "hello, both" });
    expect((await twilio.control.outbox()).map(({ from, to }) => [from, to])).toEqual([
      [ours, ALICE],
      [ours, BOB],
    ]);
    expect(await twilio.control.inbound(ALICE, ours, "hello")).toMatchObject({
      routedTo: "conversation",
      conversationSid: (await conversation.fetch()).sid,
    });
    expect((await twilio.control.outbox(BOB)).map(({ body }) => body)).toEqual(["hello, both", "hello"]);
    expect(await twilio.control.outbox(ALICE)).toHaveLength(1);
  });

  it("allows address changes that are impossible for other participants", async () => {
    const conversation = await newConversation();
    const gateway = conversation.participants((await conversation.participants.create(projected(ours))).sid);
    expect(await errorOf(gateway.update(projected("null")))).toMatchObject({ status: 400, code: 50442 });
    expect(await gateway.update({ identity: "desk" })).toMatchObject({ identity: "desk" });
    expect(await gateway.update(projected("null"))).toMatchObject({ identity: "desk", messagingBinding: null });
    expect(await gateway.update(projected(ours))).toMatchObject({ messagingBinding: { type: "sms", projected_address: ours } });
    const phone = conversation.participants((await conversation.participants.create(handset(ALICE))).sid);
    expect(await phone.update({ "messagingBinding.proxyAddress": ours })).toMatchObject({
      messagingBinding: { type: "sms", address: ALICE, proxy_address: ours },
    });
  });
});
