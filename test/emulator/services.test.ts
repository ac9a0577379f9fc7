import { describe, expect, it } from "vitest";
import { authorizationOf, errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };

describe("the account's configuration", () => {
  it("has a default service and a default messaging service for new conversations", async () => {
    const configuration = await twilio.conversations.configuration().fetch();
    expect(configuration).toMatchObject({ defaultInactiveTimer: null, defaultClosedTimer: null });
    expect(await twilio.conversations.services(configuration.defaultChatServiceSid).fetch()).toMatchObject({
      sid: configuration.defaultChatServiceSid,
    });
    expect(await twilio.conversations.conversations.create()).toMatchObject({
      chatServiceSid: configuration.defaultChatServiceSid,
      messagingServiceSid: configuration.defaultMessagingServiceSid,
    });
  });

  it("can change the defaults of later conversations", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "other" });
    const messaging = await twilio.client.messaging.v1.services.create({ friendlyName: "other" });
    const before = await twilio.conversations.conversations.create();
    await twilio.conversations.configuration().update({
      defaultChatServiceSid: service.sid,
      defaultMessagingServiceSid: messaging.sid,
      defaultInactiveTimer: "PT5M",
      defaultClosedTimer: "PT1H",
    });
    const after = await twilio.conversations.conversations.create();
    expect(after).toMatchObject({ chatServiceSid: service.sid, messagingServiceSid: messaging.sid });
    expect(after.timers.date_inactive).toBe(new Date(after.dateCreated.getTime() + 300_000).toISOString().replace(".000", ""));
    expect(after.timers.date_closed).toBe(new Date(after.dateCreated.getTime() + 3_600_000).toISOString().replace(".000", ""));
    // The short path now selects the other service.
    expect(await errorOf(twilio.conversations.conversations(before.sid).fetch())).toMatchObject(UNKNOWN);

    await twilio.conversations.configuration().update({ defaultInactiveTimer: "", defaultClosedTimer: "PT0S" });
    expect((await twilio.conversations.conversations.create()).timers).toEqual({});
  });

  it("keeps timers as they were sent, ignores absent parameters, and clears a timer on an empty value", async () => {
    const configuration = twilio.conversations.configuration();
    const { defaultChatServiceSid, defaultMessagingServiceSid } = await configuration.fetch();
    const timers = { defaultInactiveTimer: "PT90M", defaultClosedTimer: "P1D" };
    expect(await configuration.update(timers)).toMatchObject({ ...timers, defaultChatServiceSid, defaultMessagingServiceSid });
    expect(await configuration.update({})).toMatchObject(timers);
    expect(await configuration.update({ defaultInactiveTimer: "" })).toMatchObject({ ...timers, defaultInactiveTimer: null });
    await configuration.update({ defaultClosedTimer: "" });
    const root = "https://conversations.twilio.com/v1";
    expect(twilio.http.last().body).toEqual({
      account_sid: twilio.emulator.accountSid,
      default_chat_service_sid: defaultChatServiceSid,
      default_messaging_service_sid: defaultMessagingServiceSid,
      default_inactive_timer: null,
      default_closed_timer: null,
      url: `${root}/Configuration`,
      links: { service: `${root}/Services/${defaultChatServiceSid}/Configuration`, webhooks: `${root}/Configuration/Webhooks` },
    });
  });

  it("rejects invalid values", async () => {
    const update = (options: object) => errorOf(twilio.conversations.configuration().update(options));
    expect(await update({ defaultChatServiceSid: `IS${"0".repeat(32)}` })).toMatchObject({ status: 404, code: 50050 });
    expect(await update({ defaultChatServiceSid: "" })).toMatchObject({ status: 400, code: 50051 });
    expect(await update({ defaultMessagingServiceSid: "" })).toMatchObject({ status: 400, code: 50340 });
    expect(await update({ defaultMessagingServiceSid: "MG1" })).toMatchObject({ status: 400, code: 50341 });
    expect(await update({ defaultMessagingServiceSid: `MG${"0".repeat(32)}` })).toMatchObject({ status: 400, code: 50342 });
    expect(await update({ defaultInactiveTimer: "PT59S" })).toMatchObject({ status: 400, code: 50375 });
    expect(await update({ defaultClosedTimer: "PT9M" })).toMatchObject({ status: 400, code: 50376 });
    expect(await update({ defaultInactiveTimer: "1 hour" })).toMatchObject({ status: 400, code: 50379 });
    expect(await update({ defaultClosedTimer: "P" })).toMatchObject({ status: 400, code: 50380 });
  });
});

describe("services", () => {
  it("are created, listed, fetched and deleted, but cannot be updated", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "Support" });
    expect(service).toMatchObject({
      sid: expect.stringMatching(/^IS[0-9a-f]{32}$/),
      friendlyName: "Support",
      accountSid: twilio.emulator.accountSid,
    });
    expect((await twilio.conversations.services.list()).map(({ friendlyName }) => friendlyName)).toEqual([
      "Default Conversations Service",
      "Support",
    ]);
    const authorization = authorizationOf(twilio.emulator);
    const url = `${twilio.emulator.url}/conversations.twilio.com/v1/Services/${service.sid}`;
    const update = await fetch(url, { method: "POST", headers: { authorization }, body: new URLSearchParams({ FriendlyName: "x" }) });
    expect([update.status, await update.json()]).toMatchObject([405, { code: 20004, status: 405 }]);
    await twilio.conversations.services(service.sid).remove();
    expect(await errorOf(twilio.conversations.services(service.sid).fetch())).toEqual({
      status: 404,
      code: 20404,
      message: `The requested resource /Services/${service.sid} was not found`,
    });
  });

  it("require a name of limited length", async () => {
    expect(await errorOf(twilio.conversations.services.create({ friendlyName: "" }))).toMatchObject({ status: 400, code: 50000 });
    expect(await errorOf(twilio.conversations.services.create({ friendlyName: "x".repeat(257) }))).toMatchObject({
      status: 400,
      code: 50003,
    });
    expect((await twilio.conversations.services.create({ friendlyName: "x".repeat(256) })).friendlyName).toHaveLength(256);
  });

  it("delete everything in them and release address pairs when they are deleted", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const service = await twilio.conversations.services.create({ friendlyName: "short-lived" });
    const scope = twilio.conversations.services(service.sid);
    const conversation = await scope.conversations.create({ uniqueName: "a" });
    await scope.conversations(conversation.sid).participants.create(binding);
    const user = await scope.users.create({ identity: "alice" });
    const ours = await twilio.conversations.conversations.create();
    const join = () => twilio.conversations.conversations(ours.sid).participants.create(binding);
    expect(await errorOf(join())).toMatchObject({ code: 50416 });

    await scope.remove();
    await join();
    expect(await errorOf(scope.conversations(conversation.sid).fetch())).toMatchObject(UNKNOWN);
    expect(await errorOf(scope.users(user.sid).fetch())).toMatchObject(UNKNOWN);
    expect(await errorOf(scope.roles.list())).toMatchObject(UNKNOWN);
  });

  it("cannot be deleted if they are the default", async () => {
    const { defaultChatServiceSid } = await twilio.conversations.configuration().fetch();
    expect(await errorOf(twilio.conversations.services(defaultChatServiceSid).remove())).toMatchObject({ status: 400 });
    await twilio.conversations.conversations.create();
  });

  it("have their own unique names and identities", async () => {
    const a = await twilio.conversations.services.create({ friendlyName: "a" });
    const b = await twilio.conversations.services.create({ friendlyName: "b" });
    for (const { sid } of [a, b]) {
      const scope = twilio.conversations.services(sid);
      const conversation = await scope.conversations.create({ uniqueName: "same" });
      await scope.conversations(conversation.sid).participants.create({ identity: "same" });
    }
    const [one] = await twilio.conversations.services(a.sid).users.list();
    const [other] = await twilio.conversations.services(b.sid).users.list();
    expect(one?.sid).not.toBe(other?.sid);
    expect(
      await errorOf(
        twilio.conversations
          .services(a.sid)
          .users(other?.sid ?? "")
          .fetch(),
      ),
    ).toMatchObject(UNKNOWN);
  });
});

describe("a service's configuration", () => {
  it("has default roles for new users and participants", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "x" });
    const scope = twilio.conversations.services(service.sid);
    const configuration = await scope.configuration().fetch();
    const roles = new Map((await scope.roles.list()).map((role) => [role.sid, role]));
    expect(roles.get(configuration.defaultConversationCreatorRoleSid)?.friendlyName).toBe("channel admin");
    expect(roles.get(configuration.defaultConversationRoleSid)?.friendlyName).toBe("channel user");
    expect(roles.get(configuration.defaultChatServiceRoleSid)?.friendlyName).toBe("service user");
    expect(configuration.reachabilityEnabled).toBe(false);

    const guest = await scope.roles.create({ friendlyName: "guest", type: "conversation", permission: ["sendMessage"] });
    const member = await scope.roles.create({ friendlyName: "member", type: "service", permission: ["joinConversation"] });
    const updated = await scope
      .configuration()
      .update({ defaultConversationRoleSid: guest.sid, defaultChatServiceRoleSid: member.sid, reachabilityEnabled: true });
    expect(updated).toMatchObject({
      defaultConversationRoleSid: guest.sid,
      defaultChatServiceRoleSid: member.sid,
      reachabilityEnabled: true,
    });
    const conversation = await scope.conversations.create();
    expect((await scope.conversations(conversation.sid).participants.create({ identity: "alice" })).roleSid).toBe(guest.sid);
    expect(await scope.users("alice").fetch()).toMatchObject({ roleSid: member.sid, isOnline: false, isNotifiable: false });

    expect(await errorOf(scope.configuration().update({ defaultConversationRoleSid: member.sid }))).toMatchObject({ status: 400 });
    expect(await errorOf(scope.configuration().update({ defaultConversationRoleSid: `RL${"0".repeat(32)}` }))).toMatchObject({
      code: 50109,
    });
    expect(await errorOf(scope.configuration().update({ defaultChatServiceRoleSid: `RL${"0".repeat(32)}` }))).toMatchObject({
      code: 50100,
    });
    // A default role cannot be deleted until another role replaces it.
    expect(await errorOf(scope.roles(guest.sid).remove())).toMatchObject({ status: 400 });
    await scope.configuration().update({ defaultConversationRoleSid: configuration.defaultConversationRoleSid });
    await scope.roles(guest.sid).remove();
  });
});
