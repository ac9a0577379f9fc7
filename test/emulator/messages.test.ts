import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };
const sms = (address: string, proxyAddress: string) => ({
  "messagingBinding.address": address,
  "messagingBinding.proxyAddress": proxyAddress,
});

describe.each(PATH_STYLES)("messages, %s path", (style) => {
  it("have an index, an author and the participant behind it", async () => {
    const { scope, root } = await defaultService(twilio, style);
    const { sid } = await scope.conversations.create();
    const conversation = scope.conversations(sid);
    const alice = await conversation.participants.create({ identity: "alice" });
    const first = await conversation.messages.create({ body: "welcome", attributes: '{"a":1}' });
    const url = `${root}/Conversations/${sid}/Messages/${first.sid}`;
    expect(first).toMatchObject({
      sid: expect.stringMatching(/^IM[0-9a-f]{32}$/),
      conversationSid: sid,
      index: 0,
      author: "system",
      body: "welcome",
      media: null,
      attributes: '{"a":1}',
      participantSid: null,
      delivery: null,
      contentSid: null,
      url,
      links: { delivery_receipts: `${url}/Receipts`, channel_metadata: `${url}/ChannelMetadata` },
    });
    const second = await conversation.messages.create({ author: "alice", body: "hi" });
    expect(second).toMatchObject({ index: 1, author: "alice", participantSid: alice.sid });
    expect(await conversation.messages.create({ author: "stranger", body: "hi" })).toMatchObject({ index: 2, participantSid: null });
    expect((await conversation.messages.list()).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect((await conversation.messages.list({ order: "desc" })).map(({ index }) => index)).toEqual([2, 1, 0]);

    // Indexes are not reused. A participant's messages remain after the participant is removed.
    await conversation.messages(second.sid).remove();
    await conversation.participants(alice.sid).remove();
    expect(await errorOf(conversation.messages(second.sid).fetch())).toMatchObject(UNKNOWN);
    expect((await conversation.messages.create({ body: "x" })).index).toBe(3);
  });

  it("can be edited; texts that handsets received do not change", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope } = await defaultService(twilio, style);
    const conversation = scope.conversations((await scope.conversations.create()).sid);
    await conversation.participants.create(sms(ALICE, phoneNumber));
    const bob = await conversation.participants.create({ identity: "bob" });
    const message = await conversation.messages.create({ body: "tpyo" });
    const updated = await conversation.messages(message.sid).update({ body: "typo", author: "bob", attributes: '{"edited":true}' });
    expect(updated).toMatchObject({ body: "typo", author: "bob", participantSid: bob.sid, attributes: '{"edited":true}', index: 0 });
    expect((await twilio.control.outbox(ALICE)).map(({ body }) => body)).toEqual(["tpyo"]);
    expect(await errorOf(conversation.messages(message.sid).update({ body: "" }))).toMatchObject({ code: 50503 });
    expect(await errorOf(conversation.messages(message.sid).update({}))).toMatchObject({ code: 20161 });
  });

  it("are rejected with Twilio's error for each invalid parameter", async () => {
    const { scope } = await defaultService(twilio, style);
    const conversation = scope.conversations((await scope.conversations.create()).sid);
    const create = (options: object) => errorOf(conversation.messages.create(options));
    expect(await create({})).toMatchObject({ status: 400, code: 50503 });
    expect(await create({ body: "" })).toMatchObject({ status: 400, code: 50503 });
    expect(await create({ body: "x".repeat(32 * 1024 + 1) })).toMatchObject({ status: 400, code: 50504 });
    expect(await create({ body: "x", author: "x".repeat(257) })).toMatchObject({ status: 400, code: 50310 });
    expect(await create({ body: "x", attributes: "no" })).toMatchObject({ status: 400, code: 50304 });
    expect(await create({ body: "x", attributes: `"${"x".repeat(4096)}"` })).toMatchObject({ status: 400, code: 50303 });
    expect(await create({ mediaSid: `ME${"0".repeat(32)}` })).toMatchObject({ status: 400, code: 50507 });
    expect(await create({ mediaSid: "ME" })).toMatchObject({ status: 400, code: 50511 });
    expect(await create({ body: "x", dateCreated: new Date(Number.NaN) })).toMatchObject({ code: 50308 });
    expect((await conversation.messages.create({ body: "x".repeat(32 * 1024) })).index).toBe(0);
    expect(await conversation.messages.create({ contentSid: `HX${"0".repeat(32)}` })).toMatchObject({
      body: null,
      contentSid: `HX${"0".repeat(32)}`,
    });
  });

  it("are sent to every handset except the author's, each with a receipt", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope, root } = await defaultService(twilio, style);
    const { sid } = await scope.conversations.create();
    const conversation = scope.conversations(sid);
    const alice = await conversation.participants.create(sms(ALICE, phoneNumber));
    const bob = await conversation.participants.create(sms(BOB, phoneNumber));
    await conversation.participants.create({ identity: "pineapple" });

    const message = await conversation.messages.create({ author: "pineapple", body: "hello" });
    expect(message.delivery).toEqual({ total: 2, sent: "all", delivered: "none", read: "none", failed: "none", undelivered: "none" });
    expect(await twilio.control.outbox()).toMatchObject([
      { from: phoneNumber, to: ALICE, body: "hello", conversationSid: sid, messageSid: message.sid },
      { from: phoneNumber, to: BOB, body: "hello", conversationSid: sid, messageSid: message.sid },
    ]);
    await twilio.control.advance(0);
    const receipts = await conversation.messages(message.sid).deliveryReceipts.list();
    expect(receipts).toMatchObject([
      {
        participantSid: alice.sid,
        status: "delivered",
        errorCode: 0,
        messageSid: message.sid,
        channelMessageSid: expect.stringMatching(/^SM/),
      },
      { participantSid: bob.sid, status: "delivered" },
    ]);
    const [receipt] = receipts;
    const fetched = await conversation
      .messages(message.sid)
      .deliveryReceipts(receipt?.sid ?? "")
      .fetch();
    expect(fetched.url).toBe(`${root}/Conversations/${sid}/Messages/${message.sid}/Receipts/${receipt?.sid}`);
    expect(
      await errorOf(
        conversation
          .messages(message.sid)
          .deliveryReceipts(`DY${"0".repeat(32)}`)
          .fetch(),
      ),
    ).toMatchObject(UNKNOWN);
    expect((await conversation.messages(message.sid).fetch()).delivery).toMatchObject({ delivered: "all" });
    expect(await twilio.api.messages(receipt?.channelMessageSid ?? "").fetch()).toMatchObject({
      from: phoneNumber,
      to: ALICE,
      status: "delivered",
      body: "hello",
    });

    // The author's handset does not receive its own message.
    const reply = await conversation.messages.create({ author: ALICE, body: "hi all" });
    expect(reply).toMatchObject({ participantSid: alice.sid, delivery: { total: 1 } });
    expect(await twilio.control.outbox(ALICE)).toHaveLength(1);
    expect(await twilio.control.outbox(BOB)).toHaveLength(2);
    await conversation.messages(message.sid).remove();
    expect(await errorOf(conversation.messages(message.sid).deliveryReceipts.list())).toMatchObject(UNKNOWN);
  });
});

describe("an undeliverable message", () => {
  it("has a failed receipt but remains in the conversation", async () => {
    const number = await buyNumber(twilio);
    const conversation = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await conversation.participants.create(sms(ALICE, number.phoneNumber));
    const long = await conversation.messages.create({ body: "x".repeat(1601) });
    expect(long.delivery).toMatchObject({ total: 1, failed: "all", sent: "none" });
    expect((await conversation.messages(long.sid).deliveryReceipts.list())[0]).toMatchObject({ status: "failed", errorCode: 21617 });
    await twilio.api.incomingPhoneNumbers(number.sid).remove();
    const late = await conversation.messages.create({ body: "x" });
    expect((await conversation.messages(late.sid).deliveryReceipts.list())[0]).toMatchObject({ status: "failed", errorCode: 21660 });
    expect(await twilio.control.outbox()).toEqual([]);
  });
});

describe("a text from a handset", () => {
  it("is added to the conversation of its address pair and sent to the other participants", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid } = await twilio.conversations.conversations.create({ state: "inactive" });
    const conversation = twilio.conversations.conversations(sid);
    const alice = await conversation.participants.create(sms(ALICE, phoneNumber));
    await conversation.participants.create(sms(BOB, phoneNumber));
    await conversation.update({ state: "inactive" });
    const arrival = await twilio.control.inbound(ALICE, phoneNumber, "is anyone there?");
    expect(arrival).toMatchObject({ routedTo: "conversation", conversationSid: sid, participantSid: alice.sid, index: 0 });
    const message = await conversation.messages(arrival.messageSid as string).fetch();
    expect(message).toMatchObject({ author: ALICE, participantSid: alice.sid, body: "is anyone there?", index: 0 });
    expect((await conversation.fetch()).state).toBe("active");
    expect(await twilio.control.outbox(BOB)).toMatchObject([{ body: "is anyone there?" }]);
    expect(await twilio.control.outbox(ALICE)).toEqual([]);
    expect(await twilio.api.messages(arrival.smsSid as string).fetch()).toMatchObject({
      direction: "inbound",
      status: "received",
      from: ALICE,
      to: phoneNumber,
    });
  });

  it("includes its media", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const conversation = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await conversation.participants.create(sms(ALICE, phoneNumber));
    const { messageSid } = await twilio.control.inbound(ALICE, phoneNumber, "", { mediaUrl: "https://example.com/car.jpg" });
    expect((await conversation.messages(messageSid as string).fetch()).media).toEqual([
      { sid: expect.stringMatching(/^ME[0-9a-f]{32}$/), content_type: "image/jpeg", filename: "car.jpg", size: 0 },
    ]);
  });

  it("has media at the handset's URL, even if the URL is invalid", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create();
    const conversation = twilio.conversations.conversations(sid);
    await conversation.participants.create(sms(ALICE, phoneNumber));
    const urls = { "https://example.com/画.png": "https://example.com/%E7%94%BB.png", "not a url": undefined, "data:": undefined };
    for (const [mediaUrl, location] of Object.entries(urls)) {
      await twilio.control.inbound(ALICE, phoneNumber, "", { mediaUrl });
      const [message] = await conversation.messages.list({ order: "desc", limit: 1 });
      const [media] = (message?.media ?? []) as { sid: string }[];
      const path = `mcs.us1.twilio.com/v1/Services/${chatServiceSid}/Media/${media?.sid}/Content`;
      const { accountSid, authToken, url } = twilio.emulator;
      const headers = { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` };
      const response = await fetch(`${url}/${path}`, { headers, redirect: "manual" });
      expect([response.status, response.headers.get("location") ?? undefined]).toEqual([location ? 307 : 404, location]);
    }
  });

  it("has media at Twilio's host, which a content security policy can allow, even if the handset sent a data URL", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create();
    const conversation = twilio.conversations.conversations(sid);
    await conversation.participants.create(sms(ALICE, phoneNumber));
    await twilio.control.inbound(ALICE, phoneNumber, "", { mediaUrl: `data:text/plain;base64,${btoa("buy milk")}` });
    const [message] = await conversation.messages.list();
    const [media] = (message?.media ?? []) as { sid: string }[];
    const { accountSid, authToken, url } = twilio.emulator;
    const headers = { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` };
    const response = await fetch(`${url}/mcs.us1.twilio.com/v1/Services/${chatServiceSid}/Media/${media?.sid}`, { headers });
    const { links } = (await response.json()) as { links: { content_direct_temporary: string } };
    expect(new URL(links.content_direct_temporary).origin).toBe(url);
    const content = await fetch(links.content_direct_temporary);
    expect([content.headers.get("content-type"), await content.text()]).toEqual(["text/plain", "buy milk"]);
    // The temporary address works for 300 s of the emulator's clock.
    await twilio.control.advance(290);
    expect((await fetch(links.content_direct_temporary)).status).toBe(200);
    await twilio.control.advance(11);
    expect((await fetch(links.content_direct_temporary)).ok).toBe(false);
  });

  it("goes to the number's webhook if no open conversation has the address pair", async () => {
    const number = await buyNumber(twilio);
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ routedTo: "webhook", smsUrl: null });
    await twilio.api.incomingPhoneNumbers(number.sid).update({ smsUrl: "https://example.com/sms", smsMethod: "GET" });
    const webhook = { routedTo: "webhook", smsUrl: "https://example.com/sms", smsMethod: "GET" };
    const conversation = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    const participant = await conversation.participants.create(sms(ALICE, number.phoneNumber));
    expect(await twilio.control.inbound(BOB, number.phoneNumber, "hi")).toMatchObject(webhook);
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ routedTo: "conversation" });
    await conversation.participants(participant.sid).remove();
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject(webhook);
    await conversation.participants.create(sms(ALICE, number.phoneNumber));
    await conversation.update({ state: "closed" });
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject(webhook);
    expect(await conversation.messages.list()).toHaveLength(1);
  });

  it("goes to the messaging service's webhook if the number belongs to one", async () => {
    const number = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(number.sid).update({ smsUrl: "https://example.com/number" });
    const { services } = twilio.client.messaging.v1;
    const service = await services.create({ friendlyName: "x", inboundRequestUrl: "https://example.com/service" });
    await services(service.sid).phoneNumbers.create({ phoneNumberSid: number.sid });
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ smsUrl: "https://example.com/service" });
    await services(service.sid).update({ useInboundWebhookOnNumber: true });
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ smsUrl: "https://example.com/number" });
  });

  it("can arrive over WhatsApp", async () => {
    const conversation = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await conversation.participants.create(sms(`whatsapp:${ALICE}`, "whatsapp:+14155238886"));
    expect(await twilio.control.inbound(`whatsapp:${ALICE}`, "whatsapp:+14155238886", "hi")).toMatchObject({ routedTo: "conversation" });
    await conversation.messages.create({ body: "hello" });
    expect(await twilio.control.outbox(`whatsapp:${ALICE}`)).toMatchObject([{ from: "whatsapp:+14155238886", body: "hello" }]);
  });

  it("to an unowned number fails with 404", async () => {
    const response = await twilio.control.call("POST", "inbound", { from: ALICE, to: "+14155550199", body: "hi" });
    expect(response).toMatchObject({ status: 404, body: { message: "no account owns +14155550199" } });
  });
});
