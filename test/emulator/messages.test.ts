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

describe.each(PATH_STYLES)("messages, %s form", (form) => {
  it("have an index, an author and the participant behind it", async () => {
    const { scope, root } = await defaultService(twilio, form);
    const { sid } = await scope.conversations.create();
    const here = scope.conversations(sid);
    const alice = await here.participants.create({ identity: "alice" });
    const first = await here.messages.create({ body: "welcome", attributes: '{"a":1}' });
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
    const second = await here.messages.create({ author: "alice", body: "hi" });
    expect(second).toMatchObject({ index: 1, author: "alice", participantSid: alice.sid });
    expect(await here.messages.create({ author: "stranger", body: "hi" })).toMatchObject({ index: 2, participantSid: null });
    expect((await here.messages.list()).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect((await here.messages.list({ order: "desc" })).map(({ index }) => index)).toEqual([2, 1, 0]);

    // Indexes are not used again, and what a participant wrote outlives it.
    await here.messages(second.sid).remove();
    await here.participants(alice.sid).remove();
    expect(await errorOf(here.messages(second.sid).fetch())).toMatchObject(UNKNOWN);
    expect((await here.messages.create({ body: "x" })).index).toBe(3);
  });

  it("can be edited, but for their content elsewhere", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope } = await defaultService(twilio, form);
    const here = scope.conversations((await scope.conversations.create()).sid);
    await here.participants.create(sms(ALICE, phoneNumber));
    const bob = await here.participants.create({ identity: "bob" });
    const message = await here.messages.create({ body: "tpyo" });
    const updated = await here.messages(message.sid).update({ body: "typo", author: "bob", attributes: '{"edited":true}' });
    expect(updated).toMatchObject({ body: "typo", author: "bob", participantSid: bob.sid, attributes: '{"edited":true}', index: 0 });
    expect((await twilio.control.outbox(ALICE)).map(({ body }) => body)).toEqual(["tpyo"]);
    expect(await errorOf(here.messages(message.sid).update({ body: "" }))).toMatchObject({ code: 50503 });
    expect(await errorOf(here.messages(message.sid).update({}))).toMatchObject({ code: 20161 });
  });

  it("are refused for what is wrong with them", async () => {
    const { scope } = await defaultService(twilio, form);
    const here = scope.conversations((await scope.conversations.create()).sid);
    const create = (options: object) => errorOf(here.messages.create(options));
    expect(await create({})).toMatchObject({ status: 400, code: 50503 });
    expect(await create({ body: "" })).toMatchObject({ status: 400, code: 50503 });
    expect(await create({ body: "x".repeat(32 * 1024 + 1) })).toMatchObject({ status: 400, code: 50504 });
    expect(await create({ body: "x", author: "x".repeat(257) })).toMatchObject({ status: 400, code: 50310 });
    expect(await create({ body: "x", attributes: "no" })).toMatchObject({ status: 400, code: 50304 });
    expect(await create({ body: "x", attributes: `"${"x".repeat(4096)}"` })).toMatchObject({ status: 400, code: 50303 });
    expect(await create({ mediaSid: `ME${"0".repeat(32)}` })).toMatchObject({ status: 400, code: 50507 });
    expect(await create({ mediaSid: "ME" })).toMatchObject({ status: 400, code: 50511 });
    expect(await create({ body: "x", dateCreated: new Date(Number.NaN) })).toMatchObject({ code: 50308 });
    expect((await here.messages.create({ body: "x".repeat(32 * 1024) })).index).toBe(0);
    expect(await here.messages.create({ contentSid: `HX${"0".repeat(32)}` })).toMatchObject({
      body: null,
      contentSid: `HX${"0".repeat(32)}`,
    });
  });

  it("go out to every handset but the author's, each with a receipt", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope, root } = await defaultService(twilio, form);
    const { sid } = await scope.conversations.create();
    const here = scope.conversations(sid);
    const alice = await here.participants.create(sms(ALICE, phoneNumber));
    const bob = await here.participants.create(sms(BOB, phoneNumber));
    await here.participants.create({ identity: "pineapple" });

    const message = await here.messages.create({ author: "pineapple", body: "hello" });
    expect(message.delivery).toEqual({ total: 2, sent: "all", delivered: "none", read: "none", failed: "none", undelivered: "none" });
    expect(await twilio.control.outbox()).toMatchObject([
      { from: phoneNumber, to: ALICE, body: "hello", conversationSid: sid, messageSid: message.sid },
      { from: phoneNumber, to: BOB, body: "hello", conversationSid: sid, messageSid: message.sid },
    ]);
    await twilio.control.advance(0);
    const receipts = await here.messages(message.sid).deliveryReceipts.list();
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
    const fetched = await here
      .messages(message.sid)
      .deliveryReceipts(receipt?.sid ?? "")
      .fetch();
    expect(fetched.url).toBe(`${root}/Conversations/${sid}/Messages/${message.sid}/Receipts/${receipt?.sid}`);
    expect(
      await errorOf(
        here
          .messages(message.sid)
          .deliveryReceipts(`DY${"0".repeat(32)}`)
          .fetch(),
      ),
    ).toMatchObject(UNKNOWN);
    expect((await here.messages(message.sid).fetch()).delivery).toMatchObject({ delivered: "all" });
    expect(await twilio.api.messages(receipt?.channelMessageSid ?? "").fetch()).toMatchObject({
      from: phoneNumber,
      to: ALICE,
      status: "delivered",
      body: "hello",
    });

    // A handset does not get what it wrote itself.
    const reply = await here.messages.create({ author: ALICE, body: "hi all" });
    expect(reply).toMatchObject({ participantSid: alice.sid, delivery: { total: 1 } });
    expect(await twilio.control.outbox(ALICE)).toHaveLength(1);
    expect(await twilio.control.outbox(BOB)).toHaveLength(2);
    await here.messages(message.sid).remove();
    expect(await errorOf(here.messages(message.sid).deliveryReceipts.list())).toMatchObject(UNKNOWN);
  });
});

describe("what cannot be sent", () => {
  it("fails in the receipt, not in the conversation", async () => {
    const number = await buyNumber(twilio);
    const here = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await here.participants.create(sms(ALICE, number.phoneNumber));
    const long = await here.messages.create({ body: "x".repeat(1601) });
    expect(long.delivery).toMatchObject({ total: 1, failed: "all", sent: "none" });
    expect((await here.messages(long.sid).deliveryReceipts.list())[0]).toMatchObject({ status: "failed", errorCode: 21617 });
    await twilio.api.incomingPhoneNumbers(number.sid).remove();
    const late = await here.messages.create({ body: "x" });
    expect((await here.messages(late.sid).deliveryReceipts.list())[0]).toMatchObject({ status: "failed", errorCode: 21660 });
    expect(await twilio.control.outbox()).toEqual([]);
  });
});

describe("a text from a handset", () => {
  it("lands in the conversation its pair is bound in, and reaches the others", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid } = await twilio.conversations.conversations.create({ state: "inactive" });
    const here = twilio.conversations.conversations(sid);
    const alice = await here.participants.create(sms(ALICE, phoneNumber));
    await here.participants.create(sms(BOB, phoneNumber));
    await here.update({ state: "inactive" });
    const arrival = await twilio.control.inbound(ALICE, phoneNumber, "is anyone there?");
    expect(arrival).toMatchObject({ routedTo: "conversation", conversationSid: sid, participantSid: alice.sid, index: 0 });
    const message = await here.messages(arrival.messageSid as string).fetch();
    expect(message).toMatchObject({ author: ALICE, participantSid: alice.sid, body: "is anyone there?", index: 0 });
    expect((await here.fetch()).state).toBe("active");
    expect(await twilio.control.outbox(BOB)).toMatchObject([{ body: "is anyone there?" }]);
    expect(await twilio.control.outbox(ALICE)).toEqual([]);
    expect(await twilio.api.messages(arrival.smsSid as string).fetch()).toMatchObject({
      direction: "inbound",
      status: "received",
      from: ALICE,
      to: phoneNumber,
    });
  });

  it("brings its media along", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const here = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await here.participants.create(sms(ALICE, phoneNumber));
    const { messageSid } = await twilio.control.inbound(ALICE, phoneNumber, "", { mediaUrl: "https://example.com/car.jpg" });
    expect((await here.messages(messageSid as string).fetch()).media).toEqual([
      { sid: expect.stringMatching(/^ME[0-9a-f]{32}$/), content_type: "image/jpeg", filename: "car.jpg", size: 0 },
    ]);
  });

  it("has its media where the handset says, whatever that is", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create();
    const here = twilio.conversations.conversations(sid);
    await here.participants.create(sms(ALICE, phoneNumber));
    const urls = { "https://example.com/画.png": "https://example.com/%E7%94%BB.png", "nowhere at all": undefined, "data:": undefined };
    for (const [mediaUrl, location] of Object.entries(urls)) {
      await twilio.control.inbound(ALICE, phoneNumber, "", { mediaUrl });
      const [message] = await here.messages.list({ order: "desc", limit: 1 });
      const [media] = (message?.media ?? []) as { sid: string }[];
      const path = `mcs.us1.twilio.com/v1/Services/${chatServiceSid}/Media/${media?.sid}/Content`;
      const { accountSid, authToken, url } = twilio.emulator;
      const headers = { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` };
      const answer = await fetch(`${url}/${path}`, { headers, redirect: "manual" });
      expect([answer.status, answer.headers.get("location") ?? undefined]).toEqual([location ? 307 : 404, location]);
    }
  });

  it("has its media at an address of Twilio's, which a page may be allowed, also when the handset gave them in full", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create();
    const here = twilio.conversations.conversations(sid);
    await here.participants.create(sms(ALICE, phoneNumber));
    await twilio.control.inbound(ALICE, phoneNumber, "", { mediaUrl: `data:text/plain;base64,${btoa("buy milk")}` });
    const [message] = await here.messages.list();
    const [media] = (message?.media ?? []) as { sid: string }[];
    const { accountSid, authToken, url } = twilio.emulator;
    const headers = { authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}` };
    const answer = await fetch(`${url}/mcs.us1.twilio.com/v1/Services/${chatServiceSid}/Media/${media?.sid}`, { headers });
    const { links } = (await answer.json()) as { links: { content_direct_temporary: string } };
    expect(new URL(links.content_direct_temporary).origin).toBe(url);
    const content = await fetch(links.content_direct_temporary);
    expect([content.headers.get("content-type"), await content.text()]).toEqual(["text/plain", "buy milk"]);
  });

  it("goes to the number's webhook when nothing is bound, any more", async () => {
    const number = await buyNumber(twilio);
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ routedTo: "webhook", smsUrl: null });
    await twilio.api.incomingPhoneNumbers(number.sid).update({ smsUrl: "https://example.com/sms", smsMethod: "GET" });
    const webhook = { routedTo: "webhook", smsUrl: "https://example.com/sms", smsMethod: "GET" };
    const here = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    const participant = await here.participants.create(sms(ALICE, number.phoneNumber));
    expect(await twilio.control.inbound(BOB, number.phoneNumber, "hi")).toMatchObject(webhook);
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ routedTo: "conversation" });
    await here.participants(participant.sid).remove();
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject(webhook);
    await here.participants.create(sms(ALICE, number.phoneNumber));
    await here.update({ state: "closed" });
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject(webhook);
    expect(await here.messages.list()).toHaveLength(1);
  });

  it("is the messaging service's business when the number is in one", async () => {
    const number = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(number.sid).update({ smsUrl: "https://example.com/number" });
    const { services } = twilio.client.messaging.v1;
    const service = await services.create({ friendlyName: "x", inboundRequestUrl: "https://example.com/service" });
    await services(service.sid).phoneNumbers.create({ phoneNumberSid: number.sid });
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ smsUrl: "https://example.com/service" });
    await services(service.sid).update({ useInboundWebhookOnNumber: true });
    expect(await twilio.control.inbound(ALICE, number.phoneNumber, "hi")).toMatchObject({ smsUrl: "https://example.com/number" });
  });

  it("comes over WhatsApp too", async () => {
    const here = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await here.participants.create(sms(`whatsapp:${ALICE}`, "whatsapp:+14155238886"));
    expect(await twilio.control.inbound(`whatsapp:${ALICE}`, "whatsapp:+14155238886", "hi")).toMatchObject({ routedTo: "conversation" });
    await here.messages.create({ body: "hello" });
    expect(await twilio.control.outbox(`whatsapp:${ALICE}`)).toMatchObject([{ from: "whatsapp:+14155238886", body: "hello" }]);
  });

  it("to a number nobody owns is answered 404", async () => {
    const answer = await twilio.control.call("POST", "inbound", { from: ALICE, to: "+14155550199", body: "hi" });
    expect(answer).toMatchObject({ status: 404, body: { message: "no account owns +14155550199" } });
  });
});
