import { describe, expect, it } from "vitest";
import { connect, errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";

const twilio = useEmulator();

describe("accounts", () => {
  it("fetches the main account", async () => {
    const account = await twilio.client.api.v2010.accounts(twilio.emulator.accountSid).fetch();
    expect(account).toMatchObject({
      sid: twilio.emulator.accountSid,
      ownerAccountSid: twilio.emulator.accountSid,
      status: "active",
      type: "Full",
    });
    expect(account.authToken).toBe(twilio.emulator.authToken);
  });

  it("creates subaccounts with their own data and credentials", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({ friendlyName: "Staging" });
    expect(sub).toMatchObject({ friendlyName: "Staging", ownerAccountSid: twilio.emulator.accountSid });
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });

    await theirs.conversations.services.create({ friendlyName: "Theirs" });
    expect((await theirs.conversations.services.list()).map((service) => service.friendlyName)).toContain("Theirs");
    expect((await twilio.conversations.services.list()).map((service) => service.friendlyName)).not.toContain("Theirs");
    const ours = await twilio.conversations.configuration().fetch();
    const other = await theirs.conversations.configuration().fetch();
    expect(other.defaultChatServiceSid).not.toBe(ours.defaultChatServiceSid);
    expect(other.defaultMessagingServiceSid).not.toBe(ours.defaultMessagingServiceSid);
  });

  it("never shows the resources of another account", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    const conversation = await twilio.conversations.conversations.create({ uniqueName: "ours" });
    const service = await twilio.conversations.services.create({ friendlyName: "ours" });
    const { defaultMessagingServiceSid } = await twilio.conversations.configuration().fetch();
    for (const call of [
      () => theirs.conversations.conversations(conversation.sid).fetch(),
      () => theirs.conversations.conversations("ours").fetch(),
      () => theirs.conversations.services(service.sid).fetch(),
      () => theirs.conversations.services(service.sid).conversations.list(),
      () => theirs.client.messaging.v1.services(defaultMessagingServiceSid).fetch(),
      () => theirs.client.api.v2010.accounts(twilio.emulator.accountSid).fetch(),
    ]) {
      expect(await errorOf(call())).toMatchObject({ status: 404, code: 20404 });
    }
    // Twilio does not tell whether there is such an account.
    for (const sid of [twilio.emulator.accountSid, `AC${"0".repeat(32)}`]) {
      expect(await errorOf(theirs.client.api.v2010.accounts(sid).incomingPhoneNumbers.list())).toMatchObject({ status: 401, code: 20003 });
    }
    expect(await theirs.api.incomingPhoneNumbers.list()).toEqual([]);
  });

  it("lets the main account manage a subaccount's numbers and transfer numbers", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const [found] = await twilio.api.availablePhoneNumbers("US").local.list({ limit: 1 });
    const number = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: found?.phoneNumber });
    const moved = await twilio.api.incomingPhoneNumbers(number.sid).update({ accountSid: sub.sid });
    expect(moved.accountSid).toBe(sub.sid);
    expect(await twilio.api.incomingPhoneNumbers.list()).toHaveLength(0);
    expect(await errorOf(twilio.api.incomingPhoneNumbers(number.sid).fetch())).toMatchObject({ status: 404 });

    const below = twilio.client.api.v2010.accounts(sub.sid).incomingPhoneNumbers;
    expect(await below.list()).toHaveLength(1);
    await below(number.sid).update({ accountSid: twilio.emulator.accountSid });
    expect(await twilio.api.incomingPhoneNumbers.list()).toHaveLength(1);

    const stranger = `AC${"0".repeat(32)}`;
    expect(await errorOf(twilio.api.incomingPhoneNumbers(number.sid).update({ accountSid: stranger }))).toMatchObject({ status: 400 });
  });

  it("lists, renames and closes subaccounts; closed accounts cannot sign in or be reopened", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({ friendlyName: "a" });
    expect(await twilio.client.api.v2010.accounts.list()).toHaveLength(2);
    expect(await twilio.client.api.v2010.accounts.list({ friendlyName: "a" })).toHaveLength(1);
    expect(await twilio.client.api.v2010.accounts.list({ status: "closed" })).toHaveLength(0);
    expect(await twilio.client.api.v2010.accounts(sub.sid).update({ friendlyName: "b" })).toMatchObject({
      friendlyName: "b",
      status: "active",
    });

    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    expect(await errorOf(theirs.client.api.v2010.accounts.create({}))).toMatchObject({ status: 400 });
    await twilio.client.api.v2010.accounts(sub.sid).update({ status: "suspended" });
    expect(await errorOf(theirs.conversations.services.list())).toMatchObject({ status: 401 });
    await twilio.client.api.v2010.accounts(sub.sid).update({ status: "active" });
    expect(await theirs.conversations.services.list()).toHaveLength(1);
    await twilio.client.api.v2010.accounts(sub.sid).update({ status: "closed" });
    expect(await errorOf(theirs.conversations.services.list())).toMatchObject({ status: 401 });
    expect(await errorOf(twilio.client.api.v2010.accounts(sub.sid).update({ status: "active" }))).toMatchObject({ status: 400 });
    expect(await errorOf(twilio.client.api.v2010.accounts(twilio.emulator.accountSid).update({ status: "closed" }))).toMatchObject({
      status: 400,
    });
  });
});

describe("API keys", () => {
  it("authenticate until they are deleted, with a secret that only the create response contains", async () => {
    const key = await twilio.api.newKeys.create({ friendlyName: "ci" });
    const byKey = connect(twilio.emulator, { user: key.sid, password: key.secret });
    expect(await byKey.conversations.services.list()).toHaveLength(1);

    expect(await twilio.api.keys(key.sid).update({ friendlyName: "build" })).toMatchObject({ friendlyName: "build" });
    expect(await twilio.api.keys(key.sid).fetch()).toMatchObject({ friendlyName: "build" });
    expect(twilio.http.last().body).not.toHaveProperty("secret");
    expect((await twilio.api.keys.list()).map(({ sid }) => sid)).toEqual([key.sid, twilio.emulator.apiKey]);
    await twilio.api.keys(key.sid).remove();
    expect(await errorOf(byKey.conversations.services.list())).toMatchObject({ status: 401, code: 20003 });
    expect(await errorOf(twilio.api.keys(key.sid).fetch())).toMatchObject({ status: 404 });
  });
});
