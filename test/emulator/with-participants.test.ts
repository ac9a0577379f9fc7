import { describe, expect, it, vi } from "vitest";
import { errorOf } from "./support/client";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const person = (identity: string) => JSON.stringify({ identity });
const phone = (address: string, proxy_address: string) => JSON.stringify({ messaging_binding: { address, proxy_address } });

describe.each(PATH_STYLES)("ConversationWithParticipants, %s path", (style) => {
  it("responds before it adds the participants", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope, root } = await defaultService(twilio, style);
    const created = await scope.conversationWithParticipants.create({
      friendlyName: "crew",
      participant: [person("alice"), phone(ALICE, phoneNumber), JSON.stringify({ identity: "bob", attributes: { a: 1 } })],
    });
    expect(twilio.http.last()).toMatchObject({ status: 202, body: { state: "initializing" } });
    expect(created.links).toEqual({
      participants: `${root}/Conversations/${created.sid}/Participants`,
      messages: `${root}/Conversations/${created.sid}/Messages`,
      webhooks: `${root}/Conversations/${created.sid}/Webhooks`,
    });
    const conversation = scope.conversations(created.sid);
    await expect.poll(async () => (await conversation.fetch()).state).toBe("active");
    const participants = await conversation.participants.list();
    expect(participants.map(({ identity, messagingBinding }) => identity ?? messagingBinding.address)).toEqual(["alice", ALICE, "bob"]);
    expect(participants[2]?.attributes).toBe('{"a":1}');
    expect((await scope.users.list()).map(({ identity }) => identity)).toEqual(["alice", "bob"]);
  });

  it("can have no participants", async () => {
    const { scope } = await defaultService(twilio, style);
    const created = await scope.conversationWithParticipants.create({ uniqueName: "alone" });
    expect(twilio.http.last()).toMatchObject({ status: 201, body: { state: "active" } });
    expect(created.uniqueName).toBe("alone");
  });

  it("creates nothing if a participant is invalid", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope } = await defaultService(twilio, style);
    const taken = await scope.conversations.create({ uniqueName: "taken" });
    await scope
      .conversations(taken.sid)
      .participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
    const create = (participant: string[], options = {}) => errorOf(scope.conversationWithParticipants.create({ ...options, participant }));
    expect(await create([person("alice"), phone(ALICE, phoneNumber)])).toEqual({
      status: 409,
      code: 50425,
      message: `A binding for this participant and proxy address already exists in Conversation ${taken.sid}`,
    });
    expect(await create([person("alice"), person("alice")])).toMatchObject({ status: 409, code: 50433 });
    expect(await create([phone(BOB, phoneNumber), phone(BOB, phoneNumber)])).toMatchObject({ status: 409, code: 50425 });
    expect(await create(Array.from({ length: 11 }, (_, index) => person(`user ${index}`)))).toMatchObject({ status: 400, code: 50426 });
    expect(await create([person("alice"), "{}"])).toMatchObject({ status: 400, code: 50204 });
    expect(await create([person("alice"), phone(BOB, "+14155550199")])).toMatchObject({ status: 403, code: 50413 });
    for (const garbage of ["no", "[]", "1", "null", ""]) {
      expect(await create([garbage]), garbage).toMatchObject({ status: 400, code: 50424, message: "Participant is not valid JSON" });
    }
    for (const garbage of ['{"identity":1}', '{"messaging_binding":1}', '{"messaging_binding":[]}']) {
      expect(await create([garbage]), garbage).toMatchObject({ status: 400, code: 20001 });
    }
    expect(await create([person("alice")], { state: "closed" })).toMatchObject({ code: 50384 });
    expect(await create([person("alice")], { uniqueName: "taken" })).toMatchObject({ status: 409, code: 50353 });
    expect((await scope.conversations.list()).map(({ sid }) => sid)).toEqual([taken.sid]);
    expect(await scope.users.list()).toEqual([]);
  });

  it("closes and releases all address pairs if a participant cannot be added later", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope } = await defaultService(twilio, style);
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const other = scope.conversations((await scope.conversations.create()).sid);
    // The emulator adds the participants after a timer; while it stands still, another conversation takes the pair.
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const created = await scope.conversationWithParticipants.create({ participant: [person("alice"), phone(ALICE, phoneNumber)] });
    const conflicting = await other.participants.create(binding);
    vi.runAllTimers();
    vi.useRealTimers();
    await expect.poll(async () => (await scope.conversations(created.sid).fetch()).state).toBe("closed");
    expect(await scope.conversations(created.sid).participants.list()).toEqual([]);
    await other.participants(conflicting.sid).remove();
    await other.participants.create(binding);
  });
});
