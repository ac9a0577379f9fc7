import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { connect, errorOf } from "./support/client";
import { Control } from "./support/control";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";

const twilio = useEmulator();
const receiver = useReceiver();
const HOUR = 3600;
type Client = Pick<typeof twilio, "client" | "api">;

async function service(on: Client = twilio) {
  const number = await buyNumber(on);
  const { sid } = await on.client.messaging.v1.services.create({ friendlyName: "pool" });
  await on.client.messaging.v1.services(sid).phoneNumbers.create({ phoneNumberSid: number.sid });
  return { ...number, messagingServiceSid: sid };
}

/** A date by the emulator's clock. */
async function inSeconds(seconds: number): Promise<Date> {
  const { now } = await twilio.control.ok("GET", "clock");
  return new Date(Date.parse(String(now)) + seconds * 1000);
}

const schedule = (messagingServiceSid: string | undefined, sendAt: Date, more: object = {}) =>
  twilio.api.messages.create({ messagingServiceSid, to: ALICE, body: "later", scheduleType: "fixed", sendAt, ...more });

describe("a scheduled text message", () => {
  it("is sent at its date by the emulator's clock", async () => {
    const { messagingServiceSid, phoneNumber } = await service();
    const { sid, ...sent } = await schedule(messagingServiceSid, await inSeconds(HOUR), { statusCallback: receiver.url });
    expect(sent).toMatchObject({ status: "scheduled", dateSent: null, numSegments: "0", from: null });
    await twilio.control.advance(HOUR - 60);
    expect(await twilio.api.messages(sid).fetch()).toMatchObject({ status: "scheduled" });
    expect(await twilio.control.outbox(ALICE)).toEqual([]);
    const used = async () => (await twilio.api.usage.records.list({ category: "sms-outbound" }))[0]?.count;
    expect(await used()).toBe("0");
    await twilio.control.advance(60);
    await receiver.waitFor(3);
    expect(receiver.received.map(({ parameters }) => parameters.MessageStatus)).toEqual(["queued", "sent", "delivered"]);
    expect(await twilio.api.messages(sid).fetch()).toMatchObject({ status: "delivered", from: phoneNumber, numSegments: "1" });
    expect(await used()).toBe("1");
    expect(await twilio.control.outbox(ALICE)).toMatchObject([{ body: "later", sid }]);
  });

  it("can be canceled until then", async () => {
    const { messagingServiceSid } = await service();
    const { sid } = await schedule(messagingServiceSid, await inSeconds(HOUR), { statusCallback: receiver.url });
    expect(await twilio.api.messages(sid).update({ status: "canceled" })).toMatchObject({ status: "canceled" });
    await receiver.waitFor(1);
    expect(receiver.received[0]?.parameters).toMatchObject({ MessageStatus: "canceled" });
    await twilio.control.advance(2 * HOUR);
    expect(await twilio.api.messages(sid).fetch()).toMatchObject({ status: "canceled" });
    expect(await errorOf(twilio.api.messages(sid).update({ status: "canceled" }))).toMatchObject({ status: 400, code: 30409 });
    expect(await twilio.control.outbox(ALICE)).toEqual([]);
  });

  it("fails if its service has no sender any more", async () => {
    const { messagingServiceSid, sid: numberSid } = await service();
    const { sid } = await schedule(messagingServiceSid, await inSeconds(HOUR), { statusCallback: receiver.url });
    await twilio.api.incomingPhoneNumbers(numberSid).remove();
    await twilio.control.advance(HOUR);
    await receiver.waitFor(1);
    expect(receiver.received[0]?.parameters).toMatchObject({ MessageStatus: "failed", ErrorCode: "21704" });
    expect(await twilio.api.messages(sid).fetch()).toMatchObject({ status: "failed", errorCode: 21704 });
  });

  it("needs a service, a type, and a date between 5 minutes and 35 days ahead", async () => {
    const { messagingServiceSid, phoneNumber } = await service();
    const soon = await inSeconds(HOUR);
    const code = async (call: Promise<unknown>) => (await errorOf(call)).code;
    expect(await code(schedule(undefined, soon, { from: phoneNumber }))).toBe(35118);
    const create = (more: object) => twilio.api.messages.create({ messagingServiceSid, to: ALICE, body: "later", ...more });
    expect(await code(create({ scheduleType: "fixed" }))).toBe(35111);
    expect(await code(create({ sendAt: soon }))).toBe(35126);
    expect(await code(create({ scheduleType: "daily", sendAt: soon }))).toBe(35126);
    for (const seconds of [-HOUR, 290, 35 * 24 * HOUR + 60])
      expect(await code(schedule(messagingServiceSid, await inSeconds(seconds)))).toBe(35114);
    for (const seconds of [310, 35 * 24 * HOUR - 60])
      expect(await schedule(messagingServiceSid, await inSeconds(seconds))).toMatchObject({ status: "scheduled" });
    // The dates are those of the emulator's clock, which may differ from this machine's.
    await twilio.control.ok("POST", "clock", { skewSeconds: 10 * HOUR });
    expect(await code(schedule(messagingServiceSid, soon))).toBe(35114);
  });

  it("survives a restart", async () => {
    const stateDir = await mkdtemp(join(tmpdir(), "scheduled-"));
    onTestFinished(() => rm(stateDir, { recursive: true }));
    const start = () => startEmulator({ stateDir });
    const on = (emulator: Emulator) => ({ ...connect(emulator), control: new Control(emulator.url) });
    const first = await start();
    const { messagingServiceSid } = await service(on(first));
    const sendAt = new Date(Date.now() + HOUR * 1000);
    const message = { messagingServiceSid, to: ALICE, body: "later", scheduleType: "fixed", sendAt } as const;
    const { sid } = await on(first).api.messages.create(message);
    await first.close();
    const second = await start();
    onTestFinished(() => second.close());
    expect(await on(second).api.messages(sid).fetch()).toMatchObject({ status: "scheduled" });
    await on(second).control.advance(HOUR);
    await expect.poll(async () => (await on(second).api.messages(sid).fetch()).status).toBe("delivered");
  });
});
