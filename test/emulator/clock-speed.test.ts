/** An accelerated clock: what the emulator dates and times runs a number of times faster than the machine's clock. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type EmulatorOptions, startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { RawSdk } from "./support/raw-sdk";
import { tokenFor } from "./support/sdk";

/** Long ago, so that no date of the machine can be one of the emulator. */
const START = Date.UTC(2031, 0, 1);
const HOUR = 3_600_000;

/** Starts an emulator on a clock that only the test moves. */
async function start(options: EmulatorOptions = {}) {
  const machine = { ms: START };
  const emulator = await startEmulator({ clock: { now: () => machine.ms }, ...options });
  onTestFinished(() => emulator.close());
  const control = new Control(emulator.url);
  /** How far the emulator's clock is ahead of the start, in seconds. */
  const now = async () => (Date.parse(String((await control.ok("GET", "clock")).now)) - START) / 1000;
  return {
    emulator,
    machine,
    control,
    now,
    ...connect(emulator),
    wait: (seconds: number) => {
      machine.ms += seconds * 1000;
    },
  };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "twilio-speed-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

describe("a clock with speed 60", () => {
  it("dates records and responses a minute later for each second", async () => {
    const { emulator, control, conversations, wait, now } = await start();
    expect(await control.ok("POST", "clock", { speed: 60 })).toMatchObject({ speed: 60, advancedSeconds: 0 });
    const [before] = [await conversations.conversations.create()];
    wait(10);
    const after = await conversations.conversations.create();
    expect(after.dateCreated.getTime() - before.dateCreated.getTime()).toBe(600_000);
    const { headers } = await fetch(`${emulator.url}/conversations.twilio.com/v1/Conversations`);
    expect(Date.parse(String(headers.get("date"))) - START).toBe(600_000);
    expect(await now()).toBe(600);
    expect(await control.ok("GET", "clock")).toMatchObject({ speed: 60, advancedSeconds: 590, skewSeconds: 0 });
  });

  it("adds to time that was advanced, and to a skew", async () => {
    const { control, wait, now } = await start();
    await control.ok("POST", "clock", { speed: 60, advanceSeconds: 100, skewSeconds: -30 });
    expect(await now()).toBe(70);
    wait(10);
    expect(await now()).toBe(670);
    await control.ok("POST", "clock", { advanceSeconds: 5 });
    await control.ok("POST", "clock", { skewSeconds: 0 });
    wait(10);
    expect(await now()).toBe(1305);
  });

  it("keeps the time that has passed when it returns to speed 1, and gives it up with DELETE", async () => {
    const { control, wait, now } = await start();
    await control.ok("POST", "clock", { speed: 60 });
    wait(10);
    expect(await control.ok("POST", "clock", { speed: 1 })).toMatchObject({ speed: 1, advancedSeconds: 590 });
    wait(10);
    expect(await now()).toBe(610);
    await control.ok("POST", "clock", { speed: 10 });
    wait(10);
    expect(await now()).toBe(710);
    expect(await control.ok("DELETE", "clock")).toMatchObject({ speed: 1, advancedSeconds: 0 });
    wait(10);
    expect(await now()).toBe(40);
  });

  it("returns to speed 1 with a reset", async () => {
    const { emulator, control, wait, now } = await start();
    await control.ok("POST", "clock", { speed: 60 });
    wait(10);
    await emulator.reset();
    expect(await control.ok("GET", "clock")).toMatchObject({ speed: 1 });
    expect(await now()).toBe(10);
  });

  it("is stored with the state", async () => {
    const stateDir = await folder();
    const first = await start({ stateDir });
    await first.control.ok("POST", "clock", { speed: 60 });
    first.wait(10);
    await first.emulator.close();
    const second = await start({ stateDir });
    second.wait(20);
    expect(await second.control.ok("GET", "clock")).toMatchObject({ speed: 60 });
    expect(await second.now()).toBe(1200);
  });

  it("stops at the end of the last year that Twilio's dates can show", async () => {
    const { control, conversations, machine } = await start();
    await control.ok("POST", "clock", { speed: 86_400 });
    machine.ms += 365 * 24 * HOUR;
    expect((await control.ok("GET", "clock")).now).toBe("9999-01-01T00:00:00Z");
    expect((await conversations.conversations.create()).dateCreated.toISOString()).toMatch(/^9999-01-01T/);
    await control.ok("POST", "clock", { speed: 1 });
    expect((await control.ok("DELETE", "clock")).now).toBe(`${new Date(machine.ms).toISOString().slice(0, 19)}Z`);
  });
});

describe("with speed 60, what depends on time happens 60 times sooner", () => {
  it("timers of conversations", async () => {
    const { control, conversations, wait } = await start();
    const { sid } = await conversations.conversations.create({ state: "active", "timers.inactive": "PT10M", "timers.closed": "PT1H" });
    const state = async () => (await conversations.conversations(sid).fetch()).state;
    await control.ok("POST", "clock", { speed: 60 });
    wait(9);
    expect(await state()).toBe("active");
    wait(1);
    expect(await state()).toBe("inactive");
    wait(50);
    expect(await state()).toBe("closed");
  });

  it("scheduled texts", async () => {
    const { control, client, wait } = await start();
    const { sid: messagingServiceSid } = await client.messaging.v1.services.create({ friendlyName: "Alerts" });
    const [number] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
    const { sid: phoneNumberSid } = await client.incomingPhoneNumbers.create({ phoneNumber: String(number?.phoneNumber) });
    await client.messaging.v1.services(messagingServiceSid).phoneNumbers.create({ phoneNumberSid });
    const { sid } = await client.messages.create({
      to: "+15558675310",
      body: "later",
      messagingServiceSid,
      scheduleType: "fixed",
      sendAt: new Date(START + 600_000),
    });
    await control.ok("POST", "clock", { speed: 60 });
    wait(9);
    expect((await client.messages(sid).fetch()).status).toBe("scheduled");
    wait(1);
    await vi.waitFor(async () => expect((await client.messages(sid).fetch()).status).toBe("delivered"));
  });

  it("the age of access tokens, from their creation on and at whatever speeds they lived", async () => {
    const { emulator, control, conversations, machine, wait } = await start();
    const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const newToken = () => {
      vi.setSystemTime(machine.ms);
      return tokenFor(emulator, { identity: "pineapple", serviceSid, ttl: 3600 });
    };
    const isAccepted = async (token: string) => (await (await RawSdk.open(emulator)).init(token)).header.status?.code === 200;
    const old = newToken();
    wait(60);
    await control.ok("POST", "clock", { speed: 60 });
    wait(30);
    // A minute at speed 1, and half an hour at speed 60.
    expect(await isAccepted(old)).toBe(true);
    const young = newToken();
    wait(30);
    expect([await isAccepted(old), await isAccepted(young)]).toEqual([false, true]);
    await control.ok("POST", "clock", { speed: 1 });
    wait(1700);
    expect(await isAccepted(young)).toBe(true);
    wait(200);
    expect(await isAccepted(young)).toBe(false);
    expect(await isAccepted(newToken())).toBe(true);
  });

  it("the end of a connection whose token expires, without any request", async () => {
    const { emulator, control, conversations, machine, wait } = await start();
    const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
    vi.useFakeTimers({ toFake: ["Date"], now: machine.ms });
    onTestFinished(() => void vi.useRealTimers());
    const client = await RawSdk.open(emulator);
    await client.init(tokenFor(emulator, { identity: "pineapple", serviceSid, ttl: 3600 }));
    await control.ok("POST", "clock", { speed: 3600 });
    wait(1);
    const closed = await client.waitFor((received, isClosed) => (isClosed ? received.at(-1)?.header : undefined));
    expect(closed).toMatchObject({ method: "close", status: { code: 410, status: "TOKEN_EXPIRED" } });
  });
});

describe("the speed", () => {
  it.each([0, 0.5, -1, 86_401, "60", null, true])("cannot be %j", async (speed) => {
    const { control } = await start();
    const { status, body } = await control.call("POST", "clock", { speed, advanceSeconds: 60 });
    expect([status, body.message]).toEqual([400, `speed must be a number between 1 and 86400, but is ${JSON.stringify(speed)}`]);
    // Nothing of a refused request is done.
    expect(await control.ok("GET", "clock")).toMatchObject({ speed: 1, advancedSeconds: 0 });
  });

  it.each([1, 1.5, 86_400])("can be %j", async (speed) => {
    const { control } = await start();
    expect(await control.ok("POST", "clock", { speed })).toMatchObject({ speed });
  });
});
