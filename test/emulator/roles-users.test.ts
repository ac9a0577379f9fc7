import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { useEmulator } from "./support/emulator";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };

describe.each(PATH_STYLES)("roles, %s path", (style) => {
  it("include four default roles", async () => {
    const { scope } = await defaultService(twilio, style);
    const roles = await scope.roles.list();
    expect(roles.map(({ friendlyName, type }) => `${friendlyName}: ${type}`)).toEqual([
      "channel user: conversation",
      "channel admin: conversation",
      "service user: service",
      "service admin: service",
    ]);
    expect(roles[2]?.permissions).toEqual(["createConversation", "joinConversation", "editOwnUserInfo"]);
  });

  it("are created, updated with new permissions, and deleted", async () => {
    const { scope, root, sid } = await defaultService(twilio, style);
    const role = await scope.roles.create({
      friendlyName: "guest",
      type: "conversation",
      permission: ["sendMessage", "leaveConversation"],
    });
    expect(role).toMatchObject({
      sid: expect.stringMatching(/^RL/),
      chatServiceSid: sid,
      friendlyName: "guest",
      permissions: ["sendMessage", "leaveConversation"],
      url: `${root}/Roles/${role.sid}`,
    });
    expect(await scope.roles(role.sid).update({ permission: ["addNonChatParticipant"] })).toMatchObject({
      permissions: ["addNonChatParticipant"],
    });
    expect(await scope.roles(role.sid).fetch()).toMatchObject({ permissions: ["addNonChatParticipant"] });
    await scope.roles(role.sid).remove();
    expect(await errorOf(scope.roles(role.sid).fetch())).toMatchObject(UNKNOWN);

    const create = (options: object) =>
      errorOf(scope.roles.create({ friendlyName: "x", type: "service", permission: ["joinConversation"], ...options }));
    expect(await create({ friendlyName: "" })).toMatchObject({ status: 400, code: 50000 });
    expect(await create({ friendlyName: "x".repeat(257) })).toMatchObject({ status: 400, code: 50003 });
    expect(await create({ type: "deployment" })).toMatchObject({ status: 400, code: 50105 });
    expect(await create({ permission: ["fly"] })).toMatchObject({ status: 400, code: 50104 });
  });
});

describe.each(PATH_STYLES)("users, %s path", (style) => {
  it("are created, found by SID and identity, updated and deleted", async () => {
    const { scope, root, sid } = await defaultService(twilio, style);
    const user = await scope.users.create({ identity: "alice", friendlyName: "Alice", attributes: '{"vip":true}' });
    const { defaultChatServiceRoleSid } = await twilio.conversations.services(sid).configuration().fetch();
    expect(user).toMatchObject({
      sid: expect.stringMatching(/^US/),
      identity: "alice",
      friendlyName: "Alice",
      attributes: '{"vip":true}',
      roleSid: defaultChatServiceRoleSid,
      isOnline: null,
      isNotifiable: null,
      url: `${root}/Users/${user.sid}`,
    });
    expect((await scope.users("alice").fetch()).sid).toBe(user.sid);
    expect(await errorOf(scope.users("Alice").fetch())).toMatchObject(UNKNOWN);
    expect(await scope.users("alice").update({ friendlyName: "A", attributes: "{}" })).toMatchObject({
      friendlyName: "A",
      attributes: "{}",
    });
    expect(await scope.users.list()).toHaveLength(1);
    await scope.users(user.sid).remove();
    expect(await errorOf(scope.users(user.sid).fetch())).toMatchObject(UNKNOWN);
    await scope.users.create({ identity: "alice" });
  });

  it("are rejected with Twilio's error for each invalid parameter", async () => {
    const { scope } = await defaultService(twilio, style);
    const create = (options: { identity: string; [name: string]: string }) => errorOf(scope.users.create(options));
    await scope.users.create({ identity: "alice" });
    expect(await create({ identity: "alice" })).toMatchObject({ status: 409, code: 50201 });
    expect(await create({ identity: "" })).toMatchObject({ status: 400, code: 50204 });
    expect(await create({ identity: `US${"a".repeat(32)}` })).toMatchObject({ status: 400, code: 50206 });
    expect(await create({ identity: "x".repeat(257) })).toMatchObject({ status: 400, code: 50207 });
    expect(await create({ identity: "b", attributes: "{" })).toMatchObject({ status: 400, code: 50304 });
    expect(await create({ identity: "b", attributes: `"${"x".repeat(4096)}"` })).toMatchObject({ status: 400, code: 50303 });
    expect(await create({ identity: "b", friendlyName: "x".repeat(257) })).toMatchObject({ status: 400, code: 50003 });
    expect(await create({ identity: "b", roleSid: `RL${"0".repeat(32)}` })).toMatchObject({ status: 404, code: 50100 });
    const [channelUser] = await scope.roles.list();
    expect(await create({ identity: "b", roleSid: channelUser?.sid ?? "" })).toMatchObject({ status: 400, code: 50105 });
    expect(await errorOf(scope.users("alice").update({}))).toMatchObject({ status: 400, code: 20161 });
  });

  it("are created with their first participant, remain after its removal, and delete their participants", async () => {
    const { scope } = await defaultService(twilio, style);
    const conversation = await scope.conversations.create();
    const participants = () => scope.conversations(conversation.sid).participants;
    const participant = await participants().create({ identity: "alice" });
    const user = await scope.users("alice").fetch();
    await participants()(participant.sid).remove();
    expect((await scope.users("alice").fetch()).sid).toBe(user.sid);

    await participants().create({ identity: "alice" });
    expect((await scope.users("alice").fetch()).sid).toBe(user.sid);
    await scope.users("alice").remove();
    expect(await participants().list()).toEqual([]);
  });
});

describe.each(PATH_STYLES)("a user's conversations, %s path", (style) => {
  it("include read state and notification level", async () => {
    const { scope, root } = await defaultService(twilio, style);
    const { sid } = await scope.conversations.create({ uniqueName: "lobby", friendlyName: "Lobby" });
    const conversation = scope.conversations(sid);
    const participant = await conversation.participants.create({ identity: "alice" });
    for (const body of ["a", "b", "c"]) await conversation.messages.create({ body });
    const user = await scope.users("alice").fetch();
    const views = scope.users(user.sid).userConversations;
    expect(await views("lobby").fetch()).toMatchObject({
      conversationSid: sid,
      participantSid: participant.sid,
      userSid: user.sid,
      uniqueName: "lobby",
      friendlyName: "Lobby",
      conversationState: "active",
      notificationLevel: "default",
      lastReadMessageIndex: null,
      unreadMessagesCount: null,
      url: `${root}/Users/${user.sid}/Conversations/${sid}`,
      links: {
        participant: `${root}/Conversations/${sid}/Participants/${participant.sid}`,
        conversation: `${root}/Conversations/${sid}`,
      },
    });
    const updated = await views(sid).update({ notificationLevel: "muted", lastReadMessageIndex: 0 });
    expect(updated).toMatchObject({ notificationLevel: "muted", lastReadMessageIndex: 0, unreadMessagesCount: 2 });
    expect(await conversation.participants("alice").fetch()).toMatchObject({
      lastReadMessageIndex: 0,
      lastReadTimestamp: expect.stringMatching(/Z$/),
    });
    expect((await scope.users("alice").userConversations.list()).map(({ conversationSid }) => conversationSid)).toEqual([sid]);

    expect(await errorOf(views(sid).update({ lastReadMessageIndex: 3 }))).toMatchObject({ status: 400, code: 50421 });
    expect(await errorOf(views(sid).update({ notificationLevel: "loud" as "muted" }))).toMatchObject({
      status: 400,
      code: 50210,
    });
    await views(sid).remove();
    expect(await errorOf(views(sid).fetch())).toMatchObject(UNKNOWN);
    expect(await conversation.participants.list()).toEqual([]);
    expect(await views.list()).toEqual([]);
  });
});

describe.each(PATH_STYLES)("participant conversations, %s path", (style) => {
  it("are found by either identity or address", async () => {
    const { scope, root } = await defaultService(twilio, style);
    const number = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: await textNumber() });
    const conversation = await scope.conversations.create({ uniqueName: "lobby", attributes: '{"a":1}' });
    const { participants } = scope.conversations(conversation.sid);
    const sms = await participants.create({
      "messagingBinding.address": "+15558675310",
      "messagingBinding.proxyAddress": number.phoneNumber,
    });
    const chat = await participants.create({ identity: "alice" });

    const [byAddress] = await scope.participantConversations.list({ address: "+15558675310" });
    expect(byAddress).toMatchObject({
      participantSid: sms.sid,
      participantIdentity: null,
      participantUserSid: null,
      participantMessagingBinding: {
        type: "sms",
        address: "+15558675310",
        proxy_address: number.phoneNumber,
        projected_address: null,
        level: null,
        name: null,
      },
      conversationSid: conversation.sid,
      conversationUniqueName: "lobby",
      conversationAttributes: '{"a":1}',
      conversationState: "active",
      links: {
        conversation: `${root}/Conversations/${conversation.sid}`,
        participant: `${root}/Conversations/${conversation.sid}/Participants/${sms.sid}`,
      },
    });
    const [byIdentity] = await scope.participantConversations.list({ identity: "alice" });
    expect(byIdentity).toMatchObject({ participantSid: chat.sid, participantIdentity: "alice", participantMessagingBinding: null });
    expect(byIdentity?.participantUserSid).toBe((await scope.users("alice").fetch()).sid);
    expect(await scope.participantConversations.list({ identity: "bob" })).toEqual([]);
    expect(await errorOf(scope.participantConversations.list({ identity: "alice", address: "+15558675310" }))).toMatchObject({
      status: 400,
      code: 50451,
    });
    expect(await errorOf(scope.participantConversations.list({}))).toMatchObject({ status: 400, code: 50451 });

    await scope.conversations(conversation.sid).update({ state: "closed" });
    expect((await scope.participantConversations.list({ address: "+15558675310" }))[0]).toMatchObject({ conversationState: "closed" });
  });
});

async function textNumber(): Promise<string> {
  const [found] = await twilio.api.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
  return found?.phoneNumber ?? "";
}
