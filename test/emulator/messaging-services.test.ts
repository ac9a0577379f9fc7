import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const services = () => twilio.client.messaging.v1.services;

describe("messaging services", () => {
  it("include the default service of Conversations", async () => {
    const { defaultMessagingServiceSid } = await twilio.conversations.configuration().fetch();
    expect((await services()(defaultMessagingServiceSid).fetch()).sid).toBe(defaultMessagingServiceSid);
    expect((await services().list()).map(({ sid }) => sid)).toEqual([defaultMessagingServiceSid]);
  });

  it("are created, updated and deleted", async () => {
    const service = await services().create({
      friendlyName: "Support",
      inboundRequestUrl: "https://example.com/in",
      validityPeriod: 600,
      usecase: "discussion",
    });
    expect(service).toMatchObject({
      friendlyName: "Support",
      inboundMethod: "POST",
      stickySender: true,
      validityPeriod: 600,
      usecase: "discussion",
    });
    const updated = await services()(service.sid).update({
      friendlyName: "Help",
      inboundRequestUrl: "",
      inboundMethod: "GET",
      stickySender: false,
    });
    expect(updated).toMatchObject({
      friendlyName: "Help",
      inboundRequestUrl: null,
      inboundMethod: "GET",
      stickySender: false,
      validityPeriod: 600,
    });
    await services()(service.sid).remove();
    expect(await errorOf(services()(service.sid).fetch())).toMatchObject({ status: 404, code: 20404 });

    const name = { friendlyName: "x" };
    expect(await errorOf(services().create({ friendlyName: "" }))).toMatchObject({ status: 400 });
    expect(await errorOf(services().create({ friendlyName: "x".repeat(65) }))).toMatchObject({ status: 400 });
    expect(await errorOf(services().create({ ...name, validityPeriod: 36_001 }))).toMatchObject({ status: 400 });
    expect(await errorOf(services().create({ ...name, usecase: "spam" }))).toMatchObject({ status: 400 });
  });

  it("contain numbers; each number belongs to one service", async () => {
    const number = await buyNumber(twilio);
    const one = await services().create({ friendlyName: "one" });
    const two = await services().create({ friendlyName: "two" });
    const pool = services()(one.sid).phoneNumbers;
    const other = services()(two.sid).phoneNumbers;
    expect(await pool.create({ phoneNumberSid: number.sid })).toMatchObject({
      sid: number.sid,
      phoneNumber: number.phoneNumber,
      countryCode: "US",
      capabilities: ["MMS", "SMS", "Voice"],
    });
    expect(await errorOf(pool.create({ phoneNumberSid: number.sid }))).toEqual({
      status: 409,
      code: 21710,
      message: "Phone Number or Short Code is already in the Messaging Service.",
    });
    expect(await errorOf(other.create({ phoneNumberSid: number.sid }))).toMatchObject({ status: 409, code: 21712 });
    expect(await errorOf(other.create({ phoneNumberSid: "PN1" }))).toMatchObject({ status: 400, code: 21421 });
    expect(await pool(number.sid).fetch()).toMatchObject({ sid: number.sid });
    expect(await pool.list()).toHaveLength(1);
    expect(await errorOf(other(number.sid).fetch())).toMatchObject({ status: 404 });

    await pool(number.sid).remove();
    expect(await errorOf(pool(number.sid).fetch())).toMatchObject({ status: 404 });
    await other.create({ phoneNumberSid: number.sid });
    // A released number is removed from its service.
    await twilio.api.incomingPhoneNumbers(number.sid).remove();
    expect(await other.list()).toEqual([]);
  });

  it("reject numbers without SMS", async () => {
    const [withoutSms] = await twilio.api.availablePhoneNumbers("US").local.list({ smsEnabled: false, limit: 1 });
    const number = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: withoutSms?.phoneNumber });
    const service = await services().create({ friendlyName: "one" });
    expect(await errorOf(services()(service.sid).phoneNumbers.create({ phoneNumberSid: number.sid }))).toMatchObject({
      status: 400,
      code: 21715,
    });
  });

  it("are removed from conversations when they are deleted; then only chat participants can be added", async () => {
    const number = await buyNumber(twilio);
    const service = await services().create({ friendlyName: "one" });
    const conversation = await twilio.conversations.conversations.create({ messagingServiceSid: service.sid });
    await services()(service.sid).remove();
    const { participants } = twilio.conversations.conversations(conversation.sid);
    const sms = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": number.phoneNumber };
    expect(await errorOf(participants.create(sms))).toMatchObject({ status: 400, code: 50373 });
    await participants.create({ identity: "alice" });
  });
});
