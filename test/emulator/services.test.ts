import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };

describe("the account's configuration", () => {
  it("names a default service and a default messaging service, which new conversations get", async () => {
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

  it("changes the defaults of later conversations", async () => {
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
    // The short path now means the other service.
    expect(await errorOf(twilio.conversations.conversations(before.sid).fetch())).toMatchObject(UNKNOWN);

    await twilio.conversations.configuration().update({ defaultInactiveTimer: "", defaultClosedTimer: "PT0S" });
    expect((await twilio.conversations.conversations.create()).timers).toEqual({});
  });

  it("refuses what it cannot use", async () => {
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
  it("are created, listed, fetched and deleted, but never updated", async () => {
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
    const authorization = `Basic ${Buffer.from(`${twilio.emulator.accountSid}:${twilio.emulator.authToken}`).toString("base64")}`;
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

  it("need a name that is not too long", async () => {
    expect(await errorOf(twilio.conversations.services.create({ friendlyName: "" }))).toMatchObject({ status: 400, code: 50000 });
    expect(await errorOf(twilio.conversations.services.create({ friendlyName: "x".repeat(257) }))).toMatchObject({
      status: 400,
      code: 50003,
    });
    expect((await twilio.conversations.services.create({ friendlyName: "x".repeat(256) })).friendlyName).toHaveLength(256);
  });

  it("take everything in them along when they go, and release the bound pairs", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const service = await twilio.conversations.services.create({ friendlyName: "short-lived" });
    const there = twilio.conversations.services(service.sid);
    const conversation = await there.conversations.create({ uniqueName: "a" });
    await there.conversations(conversation.sid).participants.create(pair);
    const user = await there.users.create({ identity: "alice" });
    const ours = await twilio.conversations.conversations.create();
    const join = () => twilio.conversations.conversations(ours.sid).participants.create(pair);
    expect(await errorOf(join())).toMatchObject({ code: 50416 });

    await there.remove();
    await join();
    expect(await errorOf(there.conversations(conversation.sid).fetch())).toMatchObject(UNKNOWN);
    expect(await errorOf(there.users(user.sid).fetch())).toMatchObject(UNKNOWN);
    expect(await errorOf(there.roles.list())).toMatchObject(UNKNOWN);
  });

  it("cannot all be deleted: the default one stays", async () => {
    const { defaultChatServiceSid } = await twilio.conversations.configuration().fetch();
    expect(await errorOf(twilio.conversations.services(defaultChatServiceSid).remove())).toMatchObject({ status: 400 });
    await twilio.conversations.conversations.create();
  });

  it("keep their names and identities to themselves", async () => {
    const a = await twilio.conversations.services.create({ friendlyName: "a" });
    const b = await twilio.conversations.services.create({ friendlyName: "b" });
    for (const { sid } of [a, b]) {
      const there = twilio.conversations.services(sid);
      const conversation = await there.conversations.create({ uniqueName: "same" });
      await there.conversations(conversation.sid).participants.create({ identity: "same" });
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
  it("names the roles that newcomers get", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "x" });
    const there = twilio.conversations.services(service.sid);
    const configuration = await there.configuration().fetch();
    const roles = new Map((await there.roles.list()).map((role) => [role.sid, role]));
    expect(roles.get(configuration.defaultConversationCreatorRoleSid)?.friendlyName).toBe("channel admin");
    expect(roles.get(configuration.defaultConversationRoleSid)?.friendlyName).toBe("channel user");
    expect(roles.get(configuration.defaultChatServiceRoleSid)?.friendlyName).toBe("service user");
    expect(configuration.reachabilityEnabled).toBe(false);

    const guest = await there.roles.create({ friendlyName: "guest", type: "conversation", permission: ["sendMessage"] });
    const member = await there.roles.create({ friendlyName: "member", type: "service", permission: ["joinConversation"] });
    const updated = await there
      .configuration()
      .update({ defaultConversationRoleSid: guest.sid, defaultChatServiceRoleSid: member.sid, reachabilityEnabled: true });
    expect(updated).toMatchObject({
      defaultConversationRoleSid: guest.sid,
      defaultChatServiceRoleSid: member.sid,
      reachabilityEnabled: true,
    });
    const conversation = await there.conversations.create();
    expect((await there.conversations(conversation.sid).participants.create({ identity: "alice" })).roleSid).toBe(guest.sid);
    expect(await there.users("alice").fetch()).toMatchObject({ roleSid: member.sid, isOnline: false, isNotifiable: false });

    expect(await errorOf(there.configuration().update({ defaultConversationRoleSid: member.sid }))).toMatchObject({ status: 400 });
    expect(await errorOf(there.configuration().update({ defaultConversationRoleSid: `RL${"0".repeat(32)}` }))).toMatchObject({
      code: 50109,
    });
    expect(await errorOf(there.configuration().update({ defaultChatServiceRoleSid: `RL${"0".repeat(32)}` }))).toMatchObject({
      code: 50100,
    });
    // A role in use as a default cannot go; it can once another has taken its place.
    expect(await errorOf(there.roles(guest.sid).remove())).toMatchObject({ status: 400 });
    await there.configuration().update({ defaultConversationRoleSid: configuration.defaultConversationRoleSid });
    await there.roles(guest.sid).remove();
  });
});
