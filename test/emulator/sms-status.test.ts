import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";
import { deliveries, finishedDeliveries } from "./support/webhooks";

const twilio = useEmulator();
const receiver = useReceiver();
const statuses = () => receiver.received.map(({ path, parameters }) => `${path} ${parameters.MessageStatus}`);

/** A messaging service with a number. */
async function serviceWithNumber(settings: object = {}) {
  const number = await buyNumber(twilio);
  const { sid } = await twilio.client.messaging.v1.services.create({ friendlyName: "pool", ...settings });
  await twilio.client.messaging.v1.services(sid).phoneNumbers.create({ phoneNumberSid: number.sid });
  return { ...number, serviceSid: sid };
}

describe("the status callback of a text message", () => {
  it("is called for each status after the first one, in order and signed", async () => {
    const { phoneNumber: from } = await buyNumber(twilio);
    const { sid } = await twilio.api.messages.create({ from, to: ALICE, body: "x", statusCallback: `${receiver.url}/status?a=b` });
    await receiver.waitFor(2);
    expect(statuses()).toEqual(["/status sent", "/status delivered"]);
    const [sent, delivered] = receiver.received;
    const shared = {
      MessageSid: sid,
      SmsSid: sid,
      AccountSid: twilio.emulator.accountSid,
      From: from,
      To: ALICE,
      ApiVersion: "2010-04-01",
    };
    expect(sent?.parameters).toEqual({ ...shared, MessageStatus: "sent", SmsStatus: "sent" });
    const date = new Date((await twilio.api.messages(sid).fetch()).dateUpdated).toISOString();
    const RawDlrDoneDate = date.slice(2, 16).replace(/\D/g, "");
    expect(delivered?.parameters).toEqual({ ...shared, MessageStatus: "delivered", SmsStatus: "delivered", RawDlrDoneDate });
    expect(receiver.received.every((request) => request.method === "POST" && request.isSigned(twilio.emulator.authToken))).toBe(true);
    const log = await finishedDeliveries(twilio.control);
    expect(log).toMatchObject([
      { event: "messageStatus", scope: "message", outcome: "delivered", parameters: { MessageStatus: "sent" } },
      { event: "messageStatus", scope: "message", outcome: "delivered", parameters: { MessageStatus: "delivered" } },
    ]);
  });

  it("is that of the message, else of the application, else of the messaging service", async () => {
    const { serviceSid: messagingServiceSid } = await serviceWithNumber({ statusCallback: `${receiver.url}/service` });
    const application = await twilio.api.applications.create({ messageStatusCallback: `${receiver.url}/application` });
    const send = (more: object) => twilio.api.messages.create({ messagingServiceSid, to: ALICE, body: "x", ...more });
    for (const [path, more] of [
      ["/service", {}],
      ["/application", { applicationSid: application.sid }],
      ["/message", { applicationSid: application.sid, statusCallback: `${receiver.url}/message` }],
    ] as const) {
      receiver.received.length = 0;
      await send(more);
      await receiver.waitFor(3);
      expect(statuses()).toEqual([`${path} queued`, `${path} sent`, `${path} delivered`]);
      expect(receiver.received[0]?.parameters).toMatchObject({ MessagingServiceSid: messagingServiceSid });
    }
  });

  it("can be named by the TwiML of a reply", async () => {
    const { sid, phoneNumber } = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: `${receiver.url}/sms` });
    const body = `<Response><Message statusCallback="${receiver.url}/reply?a=1&amp;b=2">hello</Message></Response>`;
    receiver.respond = ({ path }) => (path === "/sms" ? { body, type: "text/xml" } : undefined);
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    await receiver.waitFor(3);
    expect(statuses().slice(1)).toEqual(["/reply sent", "/reply delivered"]);
    expect(receiver.received.every((request) => request.isSigned(twilio.emulator.authToken))).toBe(true);
  });

  it("names the channel", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const [from, to] = [`whatsapp:${phoneNumber}`, `whatsapp:${ALICE}`];
    await twilio.api.messages.create({ from, to, body: "x", statusCallback: receiver.url });
    await receiver.waitFor(2);
    expect(receiver.received[1]?.parameters).toMatchObject({ From: from, To: to, ChannelPrefix: "whatsapp", MessageStatus: "delivered" });
  });

  it("is not called for texts of conversations, for texts without a URL, and after a redaction", async () => {
    const { serviceSid, phoneNumber } = await serviceWithNumber({ statusCallback: `${receiver.url}/service` });
    const { sid } = await twilio.conversations.conversations.create({ messagingServiceSid: serviceSid });
    const conversation = twilio.conversations.conversations(sid);
    await conversation.participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
    await conversation.messages.create({ body: "x" });
    const quiet = await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "x" });
    await twilio.control.advance(0);
    const loud = await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "x", statusCallback: receiver.url });
    await receiver.waitFor(2);
    for (const { sid: redacted } of [quiet, loud]) await twilio.api.messages(redacted).update({ body: "" });
    await finishedDeliveries(twilio.control);
    expect(receiver.received.map(({ parameters }) => parameters.MessageSid)).toEqual([loud.sid, loud.sid]);
  });

  it("fails without an effect on the message, and its password is in no log", async () => {
    const { phoneNumber: from } = await buyNumber(twilio);
    receiver.respond = () => ({ status: 404 });
    const statusCallback = receiver.url.replace("//", "//user:hidden@");
    const { sid } = await twilio.api.messages.create({ from, to: ALICE, body: "x", statusCallback });
    await receiver.waitFor(2);
    const log = await finishedDeliveries(twilio.control);
    expect(log.map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
    expect(await twilio.api.messages(sid).fetch()).toMatchObject({ status: "delivered" });
    const events = await (await fetch(`${twilio.emulator.url}/_emulator/events?after=0&follow=false`)).text();
    expect(events).toContain("smsUpdated");
    expect(`${events}${JSON.stringify(await deliveries(twilio.control))}`).not.toContain("hidden");
  });

  it("must be a URL whose host has no underscore", async () => {
    const { phoneNumber: from } = await buyNumber(twilio);
    const long = `https://example.com/${"x".repeat(4000)}`;
    for (const statusCallback of ["hello", "ftp://example.com", "https://my_host.example.com/", long])
      expect(await errorOf(twilio.api.messages.create({ from, to: ALICE, body: "x", statusCallback }))).toMatchObject({
        status: 400,
        code: 21609,
      });
    expect(await twilio.api.messages.list()).toEqual([]);
  });
});
