import { describe, expect, it } from "vitest";
import { connect, errorOf } from "./support/client";
import { buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const FLOW = `FW${"a".repeat(32)}`;
const addresses = () => twilio.conversations.addressConfigurations;

describe("address configurations", () => {
  it("are found by SID and by address, and listed by type", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const sms = await addresses().create({ type: "sms", address: phoneNumber, friendlyName: "Front desk" });
    const whatsApp = await addresses().create({ type: "whatsapp", address: `whatsapp:${phoneNumber}` });
    expect(await addresses()(phoneNumber).fetch()).toMatchObject({
      sid: sms.sid,
      type: "sms",
      address: phoneNumber,
      friendlyName: "Front desk",
      addressCountry: null,
      autoCreation: { enabled: false, type: "default", conversation_service_sid: null },
    });
    expect((await addresses().list()).map(({ sid }) => sid)).toEqual([sms.sid, whatsApp.sid]);
    expect((await addresses().list({ type: "whatsapp" })).map(({ sid }) => sid)).toEqual([whatsApp.sid]);
    await addresses()(`whatsapp:${phoneNumber}`).remove();
    expect(await errorOf(addresses()(whatsApp.sid).fetch())).toMatchObject({ status: 404, code: 20404 });
  });

  it("of type email must look like an email address", async () => {
    const create = (address: string) => addresses().create({ type: "email", address });
    expect((await create("help@example.com")).address).toBe("help@example.com");
    for (const address of ["hello", "a@b@c", "a b@example.com", "@", "Help <help@example.com>"])
      expect(await errorOf(create(address))).toMatchObject({ status: 400, code: 20001 });
  });

  it("return only the properties of their type", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const service = await twilio.conversations.services.create({ friendlyName: "x" });
    const created = await addresses().create({
      type: "sms",
      address: phoneNumber,
      "autoCreation.enabled": true,
      "autoCreation.type": "webhook",
      "autoCreation.conversationServiceSid": service.sid,
      "autoCreation.webhookUrl": "https://example.com/hook",
      "autoCreation.webhookMethod": "get",
      "autoCreation.webhookFilters": ["onParticipantAdded", "onMessageAdded"],
    });
    expect(created.autoCreation).toEqual({
      enabled: true,
      type: "webhook",
      conversation_service_sid: service.sid,
      webhook_url: "https://example.com/hook",
      webhook_method: "GET",
      webhook_filters: ["onParticipantAdded", "onMessageAdded"],
    });
    const studio = { "autoCreation.type": "studio", "autoCreation.studioFlowSid": FLOW, "autoCreation.studioRetryCount": 2 } as const;
    expect((await addresses()(created.sid).update(studio)).autoCreation).toEqual({
      enabled: true,
      type: "studio",
      conversation_service_sid: service.sid,
      studio_flow_sid: FLOW,
      studio_retry_count: 2,
    });
    expect((await addresses()(created.sid).update({ friendlyName: "x" })).autoCreation).toMatchObject({ type: "studio" });
  });

  it("require an unused address of the account and the parameters of their type", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const create = (options: object) => errorOf(addresses().create({ type: "sms", address: phoneNumber, ...options }));
    expect(await create({ address: "+14155550199" })).toMatchObject({ status: 403, code: 50413 });
    expect(await create({ address: "" })).toMatchObject({ status: 400 });
    expect(await create({ type: "pigeon" })).toMatchObject({ status: 400 });
    expect(await create({ type: "whatsapp" })).toMatchObject({ status: 400 });
    expect(await create({ "autoCreation.type": "webhook" })).toMatchObject({ status: 400, code: 50369 });
    const webhook = { "autoCreation.type": "webhook", "autoCreation.webhookUrl": "https://example.com" };
    expect(await create(webhook)).toMatchObject({ status: 400, code: 50370 });
    expect(await create({ ...webhook, "autoCreation.webhookFilters": ["onMessageAdd"] })).toMatchObject({ status: 400, code: 50365 });
    expect(await create({ "autoCreation.type": "studio" })).toMatchObject({ status: 400, code: 50367 });
    expect(await create({ "autoCreation.studioRetryCount": 4 })).toMatchObject({ status: 400 });
    expect(await create({ "autoCreation.conversationServiceSid": `IS${"0".repeat(32)}` })).toMatchObject({ status: 404, code: 50050 });
    await addresses().create({ type: "sms", address: phoneNumber });
    expect(await create({})).toMatchObject({ status: 409 });

    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    expect(await errorOf(theirs.conversations.addressConfigurations(phoneNumber).fetch())).toMatchObject({ status: 404 });
    expect(await theirs.conversations.addressConfigurations.list()).toEqual([]);
  });

  it("do not change type, address or country on update", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid } = await addresses().create({ type: "sms", address: phoneNumber, addressCountry: "US" });
    const fixed = { type: "whatsapp", address: "+14155550199", addressCountry: "CA", friendlyName: "y" };
    expect(await addresses()(sid).update(fixed)).toMatchObject({
      type: "sms",
      address: phoneNumber,
      addressCountry: "US",
      friendlyName: "y",
    });
  });

  it("are deleted with their number, and only then", async () => {
    const released = await buyNumber(twilio);
    const owned = await buyNumber(twilio);
    const moved = await buyNumber(twilio);
    for (const { phoneNumber } of [released, owned, moved]) await addresses().create({ type: "sms", address: phoneNumber });
    await twilio.api.incomingPhoneNumbers(released.sid).remove();
    await twilio.api.incomingPhoneNumbers(owned.sid).update({ friendlyName: "x" });
    const sub = await twilio.client.api.v2010.accounts.create({});
    await twilio.api.incomingPhoneNumbers(moved.sid).update({ accountSid: sub.sid });
    expect((await addresses().list()).map(({ address }) => address)).toEqual([owned.phoneNumber]);
  });
});
