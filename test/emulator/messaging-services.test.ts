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
    expect(await errorOf(services().create({ ...name, usecase: "spam" }))).toMatchObject({ status: 400, code: 21713 });
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

  it("list links that all lead somewhere", async () => {
    const { links } = await services().create({ friendlyName: "one" });
    const { accountSid, authToken } = twilio.emulator;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    expect(Object.keys(links)).toHaveLength(7);
    for (const link of Object.values(links as Record<string, string>)) {
      const { pathname } = new URL(link);
      const answer = await fetch(`${twilio.emulator.url}/messaging.twilio.com${pathname}`, { headers: { authorization } });
      expect(answer.status, link).toBe(200);
    }
  });
});

describe("the other senders of a messaging service", () => {
  const samples = async () => {
    const codes = (await twilio.api.shortCodes.list()).map(({ sid }) => sid).sort();
    const channels = (await twilio.client.messaging.v2.channelsSenders.list({ channel: "rcs" })).map(({ sid }) => sid as string);
    return { codes, channels };
  };
  const twoServices = async () => {
    const [one, two] = [await services().create({ friendlyName: "one" }), await services().create({ friendlyName: "two" })];
    return [services()(one.sid), services()(two.sid)] as const;
  };

  it("are short codes of the account, each in one service", async () => {
    const { codes } = await samples();
    const [one, two] = await twoServices();
    const shortCodeSid = codes[0] as string;
    expect(await one.shortCodes.create({ shortCodeSid })).toMatchObject({
      sid: shortCodeSid,
      countryCode: "US",
      capabilities: ["MMS", "SMS"],
    });
    expect(await errorOf(one.shortCodes.create({ shortCodeSid }))).toMatchObject({ status: 409, code: 21710 });
    expect(await errorOf(two.shortCodes.create({ shortCodeSid }))).toMatchObject({ status: 409, code: 21712 });
    expect(await errorOf(two.shortCodes.create({ shortCodeSid: `SC${"0".repeat(32)}` }))).toMatchObject({ status: 400 });
    await one.shortCodes(shortCodeSid).remove();
    await two.shortCodes.create({ shortCodeSid });
    expect((await two.shortCodes.list()).map(({ sid }) => sid)).toEqual([shortCodeSid]);
    expect(await twilio.api.shortCodes(shortCodeSid).fetch()).toMatchObject({ shortCode: expect.stringMatching(/^\d{5}$/) });
  });

  it("are alphanumeric sender IDs, once in a service", async () => {
    const [one, two] = await twoServices();
    const sender = await one.alphaSenders.create({ alphaSender: "My Shop-1" });
    expect(sender).toMatchObject({ alphaSender: "My Shop-1", capabilities: ["SMS"] });
    expect(await errorOf(one.alphaSenders.create({ alphaSender: "My Shop-1" }))).toMatchObject({ status: 409, code: 21710 });
    await two.alphaSenders.create({ alphaSender: "My Shop-1" });
    for (const alphaSender of ["12345", "twelve chars", "Ünicode", "a.b"])
      expect(await errorOf(one.alphaSenders.create({ alphaSender })), alphaSender).toMatchObject({ status: 400, code: 21709 });
    expect(await errorOf(one.alphaSenders.create({ alphaSender: "" }))).toMatchObject({ status: 400, code: 21708 });
    await one.alphaSenders(sender.sid).remove();
    expect(await one.alphaSenders.list()).toEqual([]);
    expect(await two.alphaSenders.list()).toHaveLength(1);
  });

  it("are alphanumeric sender IDs for single countries", async () => {
    const [one] = await twoServices();
    const { destinationAlphaSenders: all } = one;
    const french = await all.create({ alphaSender: "Boutique", isoCountryCode: "FR" });
    const forAll = await all.create({ alphaSender: "Boutique" });
    expect([french.isoCountryCode, forAll.isoCountryCode]).toEqual(["FR", ""]);
    expect(await errorOf(all.create({ alphaSender: "Boutique", isoCountryCode: "FR" }))).toMatchObject({ status: 409, code: 21710 });
    expect((await all.list({ isoCountryCode: "FR" })).map(({ sid }) => sid)).toEqual([french.sid]);
    expect(await all.list()).toHaveLength(2);
    expect((await one.alphaSenders.list()).map(({ sid }) => sid)).toEqual([forAll.sid]);
    expect(await errorOf(one.alphaSenders(french.sid).fetch())).toMatchObject({ status: 404 });
  });

  it("are channel senders, each in one service", async () => {
    const { channels } = await samples();
    const [one, two] = await twoServices();
    const sid = channels[0] as string;
    expect(await one.channelSenders.create({ sid })).toMatchObject({ sid, sender: "rcs:sample_agent", senderType: "RCS" });
    expect(await errorOf(one.channelSenders.create({ sid }))).toMatchObject({ status: 409, code: 21710 });
    expect(await errorOf(two.channelSenders.create({ sid }))).toMatchObject({ status: 409, code: 21712 });
    await one.channelSenders(sid).remove();
    expect(await two.channelSenders.create({ sid })).toMatchObject({ sid });
  });

  it("are free after their service is deleted", async () => {
    const { codes, channels } = await samples();
    const [shortCodeSid, sid] = [codes[0] as string, channels[0] as string];
    const number = await buyNumber(twilio);
    const [one, two] = await twoServices();
    for (const service of [one, two]) {
      await service.phoneNumbers.create({ phoneNumberSid: number.sid });
      await service.shortCodes.create({ shortCodeSid });
      await service.channelSenders.create({ sid });
      await service.alphaSenders.create({ alphaSender: "Shop" });
      await service.remove();
    }
    expect((await twilio.api.incomingPhoneNumbers.list()).map((owned) => owned.sid)).toEqual([number.sid]);
  });
});
