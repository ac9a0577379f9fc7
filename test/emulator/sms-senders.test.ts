import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
/** Phones in the United Kingdom, in Germany, in Puerto Rico and in Jamaica. */
const [BRITISH, GERMAN, PUERTO_RICAN, JAMAICAN] = ["+447700900123", "+4917139200", "+17875550123", "+18765550123"] as const;

const send = (options: object) => twilio.api.messages.create({ to: ALICE, body: "x", ...options });
const refused = (options: object) => errorOf(send(options));
const newService = async () => {
  const { sid } = await twilio.client.messaging.v1.services.create({ friendlyName: "pool" });
  return { sid, senders: twilio.client.messaging.v1.services(sid) };
};
/** The sender from which a text arrives. */
const senderOf = async (options: { to: string; messagingServiceSid: string }) => {
  const { sid } = await send(options);
  await twilio.control.advance(0);
  return (await twilio.api.messages(sid).fetch()).from;
};

describe("the sender of a text message", () => {
  it("has the channel of the recipient", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const mismatch = { status: 400, code: 21910 };
    expect(await refused({ from: phoneNumber, to: `whatsapp:${ALICE}` })).toMatchObject(mismatch);
    expect(await refused({ from: `whatsapp:${phoneNumber}` })).toMatchObject(mismatch);
    expect(await refused({ from: "rcs:sample_agent", to: `whatsapp:${ALICE}` })).toMatchObject(mismatch);
    expect(await refused({ from: "ACME", to: `whatsapp:${BRITISH}` })).toMatchObject(mismatch);
    expect(await send({ from: `whatsapp:${phoneNumber}`, to: `whatsapp:${ALICE}` })).toMatchObject({ from: `whatsapp:${phoneNumber}` });
    expect(await send({ from: "rcs:sample_agent", to: `rcs:${ALICE}` })).toMatchObject({ from: "rcs:sample_agent" });
  });

  it("is a sender of that channel", async () => {
    const unknown = { status: 400, code: 63007 };
    expect(await refused({ from: "whatsapp:+14155550199", to: `whatsapp:${ALICE}` })).toMatchObject(unknown);
    expect(await refused({ from: "rcs:nobody", to: `rcs:${ALICE}` })).toMatchObject(unknown);
    expect(await refused({ from: "messenger:1", to: "messenger:2" })).toMatchObject(unknown);
  });

  it("can be alphanumeric where the country allows it", async () => {
    for (const to of [BRITISH, GERMAN, JAMAICAN]) expect(await send({ from: "ACME Corp", to })).toMatchObject({ from: "ACME Corp", to });
    for (const to of [ALICE, PUERTO_RICAN]) expect(await refused({ from: "ACME", to })).toMatchObject({ status: 400, code: 21612 });
    for (const from of ["Twelve chars", "A.C.M.E.", "+1 23"]) expect(await refused({ from, to: BRITISH })).toMatchObject({ code: 21212 });
    expect(await twilio.control.outbox(BRITISH)).toMatchObject([{ from: "ACME Corp" }]);
  });

  it("can be a short code of the account, in its country", async () => {
    const [code] = await twilio.api.shortCodes.list();
    expect(await send({ from: code?.shortCode })).toMatchObject({ from: code?.shortCode });
    expect(await refused({ from: code?.shortCode, to: BRITISH })).toMatchObject({ status: 400, code: 21612 });
    expect(await refused({ from: "12345" })).toMatchObject({ status: 400, code: 21606 });
  });
});

describe("a messaging service", () => {
  it("must exist", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    for (const from of [phoneNumber, undefined]) {
      expect(await refused({ from, messagingServiceSid: "hello" })).toMatchObject({ status: 400, code: 21705 });
      expect(await refused({ from, messagingServiceSid: `MG${"0".repeat(32)}` })).toMatchObject({ status: 400, code: 21701 });
    }
  });

  it("must have a sender that reaches the recipient", async () => {
    const { sid: messagingServiceSid, senders } = await newService();
    expect(await refused({ messagingServiceSid })).toMatchObject({ status: 400, code: 21704 });
    await senders.alphaSenders.create({ alphaSender: "ACME" });
    expect(await refused({ messagingServiceSid })).toMatchObject({ status: 400, code: 21703 });
    expect(await refused({ messagingServiceSid, to: `whatsapp:${ALICE}` })).toMatchObject({ status: 400, code: 21703 });
    expect(await send({ messagingServiceSid, to: BRITISH })).toMatchObject({ status: "accepted" });
  });

  it("must have the sender that the request names", async () => {
    const [number, other] = [await buyNumber(twilio), await buyNumber(twilio)];
    const { sid: messagingServiceSid, senders } = await newService();
    await senders.phoneNumbers.create({ phoneNumberSid: number.sid });
    expect(await refused({ messagingServiceSid, from: other.phoneNumber })).toMatchObject({ status: 400, code: 21711 });
    expect(await refused({ messagingServiceSid, from: "ACME", to: BRITISH })).toMatchObject({ status: 400, code: 21711 });
    expect(await send({ messagingServiceSid, from: number.phoneNumber })).toMatchObject({ status: "accepted", from: number.phoneNumber });
  });

  it("chooses the sender after the response", async () => {
    const number = await buyNumber(twilio);
    const { sid: messagingServiceSid, senders } = await newService();
    await senders.phoneNumbers.create({ phoneNumberSid: number.sid });
    const sent = await send({ messagingServiceSid });
    expect(sent).toMatchObject({ status: "accepted", from: null, messagingServiceSid });
    await twilio.control.advance(0);
    expect(await twilio.api.messages(sent.sid).fetch()).toMatchObject({ status: "delivered", from: number.phoneNumber });
  });

  it("prefers a short code, then an alphanumeric sender, then a number of the recipient's country", async () => {
    const american = await buyNumber(twilio);
    const [offer] = await twilio.api.availablePhoneNumbers("GB").mobile.list({ limit: 1 });
    const british = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber });
    const { sid: messagingServiceSid, senders } = await newService();
    for (const { sid } of [american, british]) await senders.phoneNumbers.create({ phoneNumberSid: sid });
    const to = (phone: string) => senderOf({ to: phone, messagingServiceSid });
    expect([await to(ALICE), await to(BRITISH)]).toEqual([american.phoneNumber, british.phoneNumber]);
    const [code] = await twilio.api.shortCodes.list();
    await senders.shortCodes.create({ shortCodeSid: code?.sid ?? "" });
    await senders.alphaSenders.create({ alphaSender: "ACME" });
    await senders.destinationAlphaSenders.create({ alphaSender: "ACME DE", isoCountryCode: "DE" });
    expect([await to(ALICE), await to(BRITISH), await to(GERMAN)]).toEqual([code?.shortCode, "ACME", "ACME DE"]);
    expect(await to(`whatsapp:${ALICE}`)).toBe(`whatsapp:${american.phoneNumber}`);
    const [agent] = await twilio.client.messaging.v2.channelsSenders.list({ channel: "rcs" });
    await senders.channelSenders.create({ sid: agent?.sid ?? "" });
    expect(await to(`rcs:${ALICE}`)).toBe(agent?.senderId);
  });
});
