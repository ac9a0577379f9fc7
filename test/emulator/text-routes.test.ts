import { describe, expect, it } from "vitest";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";

const twilio = useEmulator();
const receiver = useReceiver();

interface Route {
  from: string;
  to: string;
  smsSid: string | null;
  reason: string;
  destination: string;
  conversationSid: string | null;
  url: string | null;
  failed: boolean;
  sentence: string;
  advice: string | null;
}

/** The routes of all texts so far, from the event stream. */
async function routes(): Promise<Route[]> {
  const text = await (await fetch(`${twilio.emulator.url}/_emulator/events?after=0&follow=false`)).text();
  return [...text.matchAll(/^event: textRouted\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(String(data)).data.route);
}

async function lastRoute(): Promise<Route> {
  return (await routes()).at(-1) as Route;
}

const configure = (address: string, more: object = {}) =>
  twilio.conversations.addressConfigurations.create({ type: "sms", address, "autoCreation.enabled": true, ...more });

describe("a text that creates no conversation has the reason as an event", () => {
  it("no account owns the number", async () => {
    await buyNumber(twilio);
    expect((await twilio.control.call("POST", "inbound", { from: ALICE, to: "+14155550199", body: "hi" })).status).toBe(404);
    const route = await lastRoute();
    expect(route).toMatchObject({
      from: ALICE,
      to: "+14155550199",
      smsSid: null,
      reason: "numberNotOwned",
      destination: "nowhere",
      failed: true,
    });
    expect(route.sentence).toContain("no account owns +14155550199");
    expect(route.advice).toContain("IncomingPhoneNumbers");
  });

  it("another account owns the number", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid } = await twilio.client.api.accounts.create({ friendlyName: "other" });
    const input = { from: ALICE, to: phoneNumber, body: "hi", accountSid: sid };
    expect((await twilio.control.call("POST", "inbound", input)).status).toBe(404);
    expect(await lastRoute()).toMatchObject({ reason: "numberNotOwned", sentence: expect.stringContaining(`${sid} does not own`) });
  });

  it("the account of the number is suspended", async () => {
    const { sid } = await twilio.client.api.accounts.create({ friendlyName: "sub" });
    const { phoneNumber, sid: numberSid } = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(numberSid).update({ accountSid: sid });
    await twilio.client.api.accounts(sid).update({ status: "suspended" });
    expect((await twilio.control.call("POST", "inbound", { from: ALICE, to: phoneNumber, body: "hi" })).status).toBe(409);
    expect(await lastRoute()).toMatchObject({ reason: "accountNotActive", failed: true, advice: expect.stringContaining("Status=active") });
  });

  it("there is no address configuration, and no webhook either", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { smsSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi");
    const route = await lastRoute();
    expect(route).toMatchObject({ smsSid, reason: "noAddressConfiguration", destination: "nowhere", url: null, failed: true });
    expect(route.sentence).toContain("has no address configuration");
    expect(route.sentence).toContain("has no SmsUrl");
    expect(route.advice).toContain(`Type=sms, Address=${phoneNumber} and AutoCreation.Enabled=true`);
  });

  it("the number's SmsUrl receives it, without its password in the event", async () => {
    const { phoneNumber, sid } = await buyNumber(twilio);
    const url = receiver.url.replace("http://", "http://anne:hidden@");
    await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: `${url}/sms` });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    await receiver.waitFor(1);
    const route = await lastRoute();
    expect(route).toMatchObject({ reason: "noAddressConfiguration", destination: "number", failed: false });
    expect(route.sentence).toContain(`the SmsUrl of ${phoneNumber}`);
    expect(route.url).toContain("/sms");
    expect(JSON.stringify(route)).not.toContain("hidden");
  });

  it("the number's messaging service receives it, or has no URL", async () => {
    const { phoneNumber, sid: phoneNumberSid } = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(phoneNumberSid).update({ smsUrl: `${receiver.url}/number` });
    const pool = await twilio.client.messaging.v1.services.create({ friendlyName: "x" });
    await twilio.client.messaging.v1.services(pool.sid).phoneNumbers.create({ phoneNumberSid });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    expect(await lastRoute()).toMatchObject({
      destination: "nowhere",
      failed: true,
      sentence: expect.stringContaining(`${pool.sid} has no InboundRequestUrl`),
    });
    await twilio.client.messaging.v1.services(pool.sid).update({ inboundRequestUrl: `${receiver.url}/pool` });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    expect(await lastRoute()).toMatchObject({ destination: "messagingService", url: `${receiver.url}/pool`, failed: false });
  });

  it("the number's application receives it", async () => {
    const { phoneNumber, sid } = await buyNumber(twilio);
    const application = await twilio.api.applications.create({ friendlyName: "x", smsUrl: `${receiver.url}/application` });
    await twilio.api.incomingPhoneNumbers(sid).update({ smsApplicationSid: application.sid });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    const route = await lastRoute();
    expect(route).toMatchObject({ destination: "application", url: `${receiver.url}/application` });
    expect(route.sentence).toContain(application.sid);
  });

  it("autocreation is off", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid } = await configure(phoneNumber, { "autoCreation.enabled": false });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    const route = await lastRoute();
    expect(route).toMatchObject({ reason: "autoCreationOff", advice: expect.stringContaining("AutoCreation.Enabled=true") });
    expect(route.sentence).toContain(sid);
  });

  it("the address configuration is of another type", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    await configure(`whatsapp:${phoneNumber}`, { type: "whatsapp" });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    expect(await lastRoute()).toMatchObject({ reason: "otherType", sentence: expect.stringMatching(/type whatsapp.*type sms/) });
    // The opposite: the text's channel is that of the configuration.
    expect(await twilio.control.inbound(`whatsapp:${ALICE}`, `whatsapp:${phoneNumber}`, "hi")).toHaveProperty("conversationSid");
  });

  it("the address configuration of another type has the same address", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    await configure(phoneNumber, { type: "chat" });
    expect(await twilio.control.inbound(ALICE, phoneNumber, "hi")).toMatchObject({ routedTo: "webhook" });
    expect(await lastRoute()).toMatchObject({ reason: "otherType", sentence: expect.stringMatching(/type chat.*type sms/) });
  });

  it("the sender is already in a conversation with the number", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    await configure(phoneNumber);
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "Earlier" });
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    await twilio.conversations.conversations(sid).participants.create(binding);
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    const route = await lastRoute();
    expect(route).toMatchObject({ reason: "inConversation", destination: "conversation", conversationSid: sid, failed: false });
    expect(route.sentence).toContain(`${ALICE} is already in`);
    // The opposite: a sender who is in none creates one.
    const { conversationSid } = await twilio.control.inbound(BOB, phoneNumber, "hi");
    expect(await lastRoute()).toMatchObject({ reason: "created", conversationSid, failed: false, advice: null });
  });

  it("a pre-webhook rejected it", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    await configure(phoneNumber);
    const preWebhookUrl = `${receiver.url.replace("http://", "http://anne:hidden@")}/pre`;
    await twilio.conversations.configuration.webhooks().update({ preWebhookUrl, filters: ["onConversationAdd"] });
    receiver.respond = () => ({ status: 403 });
    expect(await twilio.control.inbound(ALICE, phoneNumber, "hi")).toMatchObject({ routedTo: "nowhere" });
    const route = await lastRoute();
    expect(route).toMatchObject({ reason: "rejected", destination: "nowhere", failed: true });
    expect(route.sentence).toMatch(/onConversationAdd.*\/pre.*403/);
    expect(JSON.stringify(route)).not.toContain("hidden");
  });

  it("Twilio's rules refuse what a pre-webhook made of it", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    await configure(phoneNumber);
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "Earlier" });
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    await twilio.conversations.conversations(sid).participants.create(binding);
    await twilio.conversations.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/pre`, filters: ["onMessageAdd"] });
    receiver.respond = () => ({ body: JSON.stringify({ attributes: "no JSON" }), type: "application/json" });
    const { status, body } = await twilio.control.call("POST", "inbound", { from: ALICE, to: phoneNumber, body: "hi" });
    expect(status).toBe(400);
    expect(await lastRoute()).toMatchObject({
      reason: "failed",
      failed: true,
      sentence: expect.stringContaining(`Twilio error ${body.code}`),
    });
  });
});
