import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/emulator/webhooks/deliveries";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";

const twilio = useEmulator();
const receiver = useReceiver();
const FLOW = `FW${"a".repeat(32)}`;

const configure = (address: string, more: object = {}) =>
  twilio.conversations.addressConfigurations.create({ type: "sms", address, "autoCreation.enabled": true, ...more });

async function deliveries(): Promise<Delivery[]> {
  return (await twilio.control.ok("GET", "webhooks")).deliveries as Delivery[];
}

async function owned(settings: object = {}) {
  const number = await buyNumber(twilio);
  await twilio.api.incomingPhoneNumbers(number.sid).update(settings);
  return number.phoneNumber;
}

describe("a text to a configured address", () => {
  it("creates a conversation, and the next text is added to it", async () => {
    const phoneNumber = await owned();
    await configure(phoneNumber);
    const first = await twilio.control.inbound(ALICE, phoneNumber, "hello?");
    expect(first).toMatchObject({ routedTo: "conversation", index: 0 });
    const second = await twilio.control.inbound(ALICE, phoneNumber, "anyone?");
    expect(second).toMatchObject({ conversationSid: first.conversationSid, index: 1 });
    expect((await twilio.control.inbound(BOB, phoneNumber, "me too")).conversationSid).not.toBe(first.conversationSid);
    const conversation = twilio.conversations.conversations(String(first.conversationSid));
    expect(await conversation.fetch()).toMatchObject({ state: "active" });
    const [participant] = await conversation.participants.list();
    expect(participant?.messagingBinding).toEqual({ type: "sms", address: ALICE, proxy_address: phoneNumber });
    expect((await conversation.messages.list()).map(({ author, body }) => `${author} ${body}`)).toEqual([
      `${ALICE} hello?`,
      `${ALICE} anyone?`,
    ]);
    expect(await conversation.webhooks.list()).toEqual([]);
    // A closed conversation releases the pair of addresses.
    await conversation.update({ state: "closed" });
    expect((await twilio.control.inbound(ALICE, phoneNumber, "again")).conversationSid).not.toBe(first.conversationSid);
  });

  it("creates the conversation in the configured service, with the number's messaging service", async () => {
    const number = await buyNumber(twilio);
    const service = await twilio.conversations.services.create({ friendlyName: "x" });
    const pool = await twilio.client.messaging.v1.services.create({ friendlyName: "x" });
    await twilio.client.messaging.v1.services(pool.sid).phoneNumbers.create({ phoneNumberSid: number.sid });
    await configure(number.phoneNumber, { "autoCreation.conversationServiceSid": service.sid });
    const { conversationSid } = await twilio.control.inbound(ALICE, number.phoneNumber, "hi");
    const created = await twilio.conversations.services(service.sid).conversations(String(conversationSid)).fetch();
    expect(created).toMatchObject({ chatServiceSid: service.sid, messagingServiceSid: pool.sid });
  });

  it("adds the webhook, which receives the first message", async () => {
    const phoneNumber = await owned();
    await configure(phoneNumber, {
      "autoCreation.type": "webhook",
      "autoCreation.webhookUrl": receiver.url,
      "autoCreation.webhookFilters": ["onMessageAdded", "onParticipantAdded"],
    });
    const { conversationSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi");
    await receiver.waitFor(2);
    expect(receiver.events()).toEqual(["onParticipantAdded", "onMessageAdded"]);
    const [webhook] = await twilio.conversations.conversations(String(conversationSid)).webhooks.list();
    expect(webhook).toMatchObject({
      target: "webhook",
      configuration: { url: receiver.url, method: "post", filters: ["onMessageAdded", "onParticipantAdded"] },
    });
    expect(receiver.received[1]?.parameters).toMatchObject({ WebhookSid: webhook?.sid, Body: "hi" });
  });

  it("adds the Studio flow", async () => {
    const phoneNumber = await owned();
    await configure(phoneNumber, { "autoCreation.type": "studio", "autoCreation.studioFlowSid": FLOW });
    const { conversationSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi");
    const [webhook] = await twilio.conversations.conversations(String(conversationSid)).webhooks.list();
    expect(webhook).toMatchObject({ target: "studio", configuration: { flow_sid: FLOW } });
    expect(await deliveries()).toMatchObject([{ target: "studio", outcome: "recorded", event: "onMessageAdded" }]);
  });

  it("calls one pre-webhook with addresses and text, then the post-webhooks in Twilio's order", async () => {
    const phoneNumber = await owned();
    await configure(phoneNumber);
    const filters = [
      "onConversationAdd",
      "onParticipantAdd",
      "onMessageAdd",
      "onConversationAdded",
      "onParticipantAdded",
      "onMessageAdded",
    ];
    await twilio.conversations.configuration.webhooks().update({ preWebhookUrl: receiver.url, postWebhookUrl: receiver.url, filters });
    receiver.respond = ({ parameters }) =>
      parameters.EventType === "onConversationAdd" ? { body: '{"friendly_name":"From the street"}' } : {};
    const media = "https://example.com/cat.gif";
    const { conversationSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi", { mediaUrl: media });
    await receiver.waitFor(4);
    expect(receiver.events()).toEqual(["onConversationAdd", "onConversationAdded", "onParticipantAdded", "onMessageAdded"]);
    const binding = { "MessagingBinding.Address": ALICE, "MessagingBinding.ProxyAddress": phoneNumber, Source: "SMS" };
    expect(receiver.received[0]?.parameters).toMatchObject({ ...binding, MessageBody: "hi" });
    const attachment = { Filename: "cat.gif", ContentType: "image/gif", Size: 0 };
    expect(JSON.parse(receiver.received[0]?.parameters.Media ?? "")).toEqual([attachment]);
    const [message] = await twilio.conversations.conversations(String(conversationSid)).messages.list();
    const [added] = JSON.parse(receiver.received[3]?.parameters.Media ?? "[]");
    expect(added).toEqual({ ...attachment, Sid: expect.stringMatching(/^ME/) });
    expect(message?.media).toMatchObject([{ sid: added.Sid }]);
    expect(receiver.received[1]?.parameters).toMatchObject({ ...binding, ConversationSid: conversationSid });
    expect(receiver.received[1]?.parameters).not.toHaveProperty("MessageBody");
    expect(await twilio.conversations.conversations(String(conversationSid)).fetch()).toMatchObject({ friendlyName: "From the street" });

    receiver.respond = () => ({ status: 403 });
    expect(await twilio.control.inbound(BOB, phoneNumber, "hi")).toMatchObject({ routedTo: "nowhere" });
    expect(await twilio.conversations.conversations.list()).toHaveLength(1);
    expect(await twilio.conversations.participantConversations.list({ address: BOB })).toEqual([]);
  });

  it("needs a separate configuration for WhatsApp", async () => {
    const phoneNumber = await owned();
    await configure(phoneNumber);
    const text = () => twilio.control.inbound(`whatsapp:${ALICE}`, `whatsapp:${phoneNumber}`, "hi");
    expect(await text()).toMatchObject({ routedTo: "webhook" });
    await configure(`whatsapp:${phoneNumber}`, { type: "whatsapp" });
    await twilio.conversations.configuration.webhooks().update({ postWebhookUrl: receiver.url, filters: ["onMessageAdded"] });
    expect(await text()).toMatchObject({ routedTo: "conversation" });
    expect((await receiver.waitFor(1))[0]?.parameters).toMatchObject({ Source: "whatsapp", Author: `whatsapp:${ALICE}` });
  });

  it("goes to the number's webhook only if the configuration is disabled or deleted", async () => {
    const phoneNumber = await owned({ smsUrl: `${receiver.url}/sms` });
    const { sid } = await configure(phoneNumber);
    const text = async (from: string) => (await twilio.control.inbound(from, phoneNumber, "hi")).routedTo;
    expect(await text(ALICE)).toBe("conversation");
    await twilio.conversations.addressConfigurations(sid).update({ "autoCreation.enabled": false });
    expect(await text(BOB)).toBe("webhook");
    expect(await text(ALICE)).toBe("conversation");
    await twilio.conversations.addressConfigurations(sid).update({ "autoCreation.enabled": true });
    expect(await text("+15558675312")).toBe("conversation");
    await twilio.conversations.addressConfigurations(sid).remove();
    expect(await text("+15558675313")).toBe("webhook");
    await receiver.waitFor(2);
    expect(receiver.received.map(({ parameters }) => parameters.From)).toEqual([BOB, "+15558675313"]);
  });
});

describe("a text without a conversation", () => {
  it("is reported to the number's webhook with a signature and its media", async () => {
    const phoneNumber = await owned({ smsUrl: `${receiver.url}/sms` });
    const { smsSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi", {
      mediaUrl: ["https://example.com/a.png", "https://example.com/b"],
    });
    const [request] = await receiver.waitFor(1);
    expect(request).toMatchObject({ method: "POST", path: "/sms" });
    expect(request?.isSigned(twilio.emulator.authToken)).toBe(true);
    expect(request?.parameters).toEqual({
      ...{ MessageSid: smsSid, SmsSid: smsSid, SmsMessageSid: smsSid, SmsStatus: "received", ApiVersion: "2010-04-01" },
      ...{ AccountSid: twilio.emulator.accountSid, From: ALICE, To: phoneNumber, Body: "hi", NumMedia: "2", NumSegments: "1" },
      ...{ MediaUrl0: "https://example.com/a.png", MediaContentType0: "image/png" },
      ...{ MediaUrl1: "https://example.com/b", MediaContentType1: "application/octet-stream" },
    });
  });

  it("goes to the messaging service's webhook if its number belongs to one", async () => {
    const number = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(number.sid).update({ smsUrl: `${receiver.url}/number`, smsMethod: "GET" });
    const { services } = twilio.client.messaging.v1;
    const { sid } = await services.create({ friendlyName: "x", inboundRequestUrl: `${receiver.url}/service` });
    await services(sid).phoneNumbers.create({ phoneNumberSid: number.sid });
    await twilio.control.inbound(ALICE, number.phoneNumber, "hi");
    expect((await receiver.waitFor(1))[0]).toMatchObject({ path: "/service", parameters: { MessagingServiceSid: sid } });
    await services(sid).update({ useInboundWebhookOnNumber: true });
    await twilio.control.inbound(ALICE, number.phoneNumber, "hi");
    expect((await receiver.waitFor(2))[1]).toMatchObject({ method: "GET", path: "/number" });
  });

  it("goes to the fallback URL only if the first URL fails", async () => {
    const phoneNumber = await owned({
      smsUrl: `${receiver.url}/sms`,
      smsFallbackUrl: `${receiver.url}/fallback`,
      smsFallbackMethod: "GET",
    });
    await twilio.control.inbound(ALICE, phoneNumber, "well");
    await receiver.waitFor(1);
    receiver.respond = ({ path }) => ({ status: path === "/sms" ? 500 : 200 });
    await twilio.control.inbound(ALICE, phoneNumber, "ill");
    await receiver.waitFor(3);
    expect(receiver.received.map(({ method, path, parameters }) => `${method} ${path} ${parameters.Body}`)).toEqual([
      "POST /sms well",
      "POST /sms ill",
      "GET /fallback ill",
    ]);
    expect(receiver.received[2]?.parameters).toMatchObject({ ErrorCode: "11200", ErrorUrl: `${receiver.url}/sms` });
  });

  it("can be answered with TwiML or plain text", async () => {
    const phoneNumber = await owned({ smsUrl: `${receiver.url}/sms` });
    const answers = [
      {
        type: "text/xml",
        body: "<Response><!-- <Message>no</Message> --><Message>Tom &amp; Jerry &#8364;</Message><Redirect>/x</Redirect></Response>",
      },
      {
        type: "application/xml",
        body: `<Response><Message to="${BOB}"><Body>picture</Body><Media>https://example.com/a.png</Media></Message></Response>`,
      },
      { type: "text/plain", body: "plain" },
      { type: "text/xml", body: "<Response/>" },
      { type: "text/xml", body: "<Response><Message></Message></Response>" },
      { type: "application/json", body: '{"a":1}' },
    ];
    for (const [index, response] of answers.entries()) {
      receiver.respond = () => response;
      await twilio.control.inbound(ALICE, phoneNumber, "hi");
      await receiver.waitFor(index + 1);
    }
    await expect.poll(async () => (await deliveries()).filter(({ outcome }) => outcome === "delivered").length).toBe(answers.length);
    expect((await twilio.control.outbox()).map(({ to, body, mediaUrls }) => [to, body, mediaUrls])).toEqual([
      [ALICE, "Tom & Jerry €", []],
      [BOB, "picture", ["https://example.com/a.png"]],
      [ALICE, "plain", []],
    ]);
    const [, , reply] = (await twilio.api.messages.list({ from: phoneNumber })).reverse();
    expect(reply).toMatchObject({ direction: "outbound-reply", body: "plain" });
  });

  it("is not reported if no URL is set", async () => {
    const phoneNumber = await owned();
    expect(await twilio.control.inbound(ALICE, phoneNumber, "hi")).toMatchObject({ routedTo: "webhook", smsUrl: null });
    expect(await deliveries()).toEqual([]);
  });
});
