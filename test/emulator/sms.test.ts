import { describe, expect, it } from "vitest";
import { connect, errorOf } from "./support/client";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();

describe("messages of the 2010 API", () => {
  it("are sent from an owned number to a handset and delivered", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const sent = await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "hello" });
    expect(sent).toMatchObject({
      sid: expect.stringMatching(/^SM[0-9a-f]{32}$/),
      status: "queued",
      direction: "outbound-api",
      numSegments: "1",
      dateSent: null,
    });
    await twilio.control.advance(0);
    expect(await twilio.api.messages(sent.sid).fetch()).toMatchObject({ status: "delivered", body: "hello" });
    expect(await twilio.control.outbox(ALICE)).toMatchObject([
      { from: phoneNumber, to: ALICE, body: "hello", sid: sent.sid, conversationSid: null },
    ]);
    expect(await twilio.control.outbox(BOB)).toEqual([]);
    // The phone's texts are in the order in which it sent and received them, whatever their dates.
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "how are you?" });
    const { messages } = await twilio.control.ok("GET", `texts?handset=${encodeURIComponent(ALICE)}`);
    expect(messages).toMatchObject([{ body: "hello" }, { body: "hi" }, { body: "how are you?" }]);
    expect((await twilio.control.ok("GET", `texts?handset=${encodeURIComponent(BOB)}`)).messages).toEqual([]);
    expect(await twilio.control.call("GET", "texts")).toMatchObject({ status: 400 });
  });

  it("have an MM SID if they include media", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const sent = await twilio.api.messages.create({
      from: phoneNumber,
      to: ALICE,
      mediaUrl: ["https://example.com/a.png", "https://example.com/b.png"],
    });
    expect(sent).toMatchObject({ sid: expect.stringMatching(/^MM/), numMedia: "2", body: "" });
  });

  it("are rejected with Twilio's error for each reason they cannot be sent", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const send = (options: object) => errorOf(twilio.api.messages.create({ to: ALICE, from: phoneNumber, body: "x", ...options }));
    expect(await send({ from: "+14155550199" })).toMatchObject({ status: 400, code: 21606 });
    expect(await send({ from: "no-body!" })).toMatchObject({ status: 400, code: 21212 });
    expect(await send({ to: "whatsapp:5" })).toMatchObject({ status: 400, code: 21211 });
    expect(await send({ to: `mailto:${phoneNumber}` })).toMatchObject({ status: 400, code: 21211 });
    expect(await send({ from: "" })).toMatchObject({ status: 400, code: 21603 });
    expect(await send({ to: "5" })).toMatchObject({ status: 400, code: 21211 });
    expect(await send({ to: "" })).toMatchObject({ status: 400, code: 21604 });
    expect(await send({ to: phoneNumber })).toMatchObject({ status: 400, code: 21266 });
    expect(await send({ body: "" })).toMatchObject({ status: 400, code: 21602 });
    expect(await send({ body: "x".repeat(1601) })).toMatchObject({ status: 400, code: 21617 });
    expect(await send({ from: "", messagingServiceSid: `MG${"0".repeat(32)}` })).toMatchObject({ status: 400, code: 21701 });

    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    expect(await errorOf(theirs.api.messages.create({ to: ALICE, from: phoneNumber, body: "x" }))).toMatchObject({
      status: 400,
      code: 21660,
    });
  });

  it("require a number with SMS", async () => {
    const [mute] = await twilio.api.availablePhoneNumbers("US").local.list({ smsEnabled: false, limit: 1 });
    await twilio.api.incomingPhoneNumbers.create({ phoneNumber: mute?.phoneNumber });
    expect(await errorOf(twilio.api.messages.create({ to: ALICE, from: mute?.phoneNumber, body: "x" }))).toMatchObject({ code: 21606 });
  });

  it("can be filtered by sender, recipient and date, redacted and deleted", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const a = await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "a" });
    const b = await twilio.api.messages.create({ from: phoneNumber, to: BOB, body: "b" });
    await twilio.control.advance(0);
    const sids = async (options: object) => (await twilio.api.messages.list(options)).map(({ sid }) => sid);
    expect(await sids({})).toEqual([b.sid, a.sid]);
    expect(await sids({ to: ALICE })).toEqual([a.sid]);
    expect(await sids({ from: ALICE })).toEqual([]);
    await twilio.api.messages(b.sid).remove();
    const today = new Date((await twilio.api.messages(a.sid).fetch()).dateSent);
    const yesterday = new Date(today.getTime() - 86_400_000);
    expect(await sids({ dateSent: today })).toEqual([a.sid]);
    expect(await sids({ dateSent: yesterday })).toEqual([]);
    expect(await sids({ dateSentAfter: yesterday })).toEqual([a.sid]);
    expect(await sids({ dateSentBefore: yesterday })).toEqual([]);

    expect(await errorOf(twilio.api.messages(a.sid).update({ body: "other" }))).toMatchObject({ status: 400 });
    expect(await errorOf(twilio.api.messages(a.sid).update({ status: "canceled" }))).toMatchObject({ status: 400, code: 30409 });
    expect(await twilio.api.messages(a.sid).update({ body: "" })).toMatchObject({ body: "" });
    await twilio.api.messages(a.sid).remove();
    expect(await errorOf(twilio.api.messages(a.sid).fetch())).toMatchObject({ status: 404 });
    expect(await twilio.control.outbox()).toEqual([]);
  });
});
