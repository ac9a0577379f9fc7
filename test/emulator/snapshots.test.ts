/** Snapshots through the control plane and through `startEmulator`. */
import { describe, expect, it, vi } from "vitest";
import { ALICE, buyNumber } from "./support/emulator";
import { useReceiver } from "./support/receiver";
import { contentOf, start, temporaryFolder, upload } from "./support/snapshots";

const receiver = useReceiver();

describe.each([
  ["in memory", false],
  ["in a state folder", true],
])("a snapshot %s", (_where, isStored) => {
  const open = async () => start(isStored ? { stateDir: await temporaryFolder() } : {});

  it("restores every record in its order, and the counters: what follows is the same again", async () => {
    const twilio = await open();
    const { conversations, control } = twilio;
    const [first, second, third] = [
      await conversations.conversations.create({ friendlyName: "first" }),
      await conversations.conversations.create({ friendlyName: "second" }),
      await conversations.conversations.create({ friendlyName: "third" }),
    ];
    await conversations.services.create({ friendlyName: "Support" });
    await buyNumber(twilio);
    await conversations.conversations(second.sid).messages.create({ body: "hello" });
    const saved = await contentOf(twilio);
    await control.ok("POST", "snapshots", { name: "three" });

    const change = async () => {
      await conversations.conversations(first.sid).remove();
      await conversations.conversations(third.sid).update({ friendlyName: "changed" });
      await conversations.conversations(second.sid).messages.create({ body: "again" });
      await buyNumber(twilio);
      const key = await twilio.api.newKeys.create({ friendlyName: "new" });
      const { sid } = await conversations.conversations.create({ friendlyName: "fourth" });
      return [sid, key.sid];
    };
    const sids = await change();
    expect(await contentOf(twilio)).not.toEqual(saved);
    await control.ok("POST", "snapshots/three/restore");
    expect(await contentOf(twilio)).toEqual(saved);
    expect(await change()).toEqual(sids);
    await twilio.emulator.reset();
    await control.ok("POST", "snapshots/three/restore");
    expect(await contentOf(twilio)).toEqual(saved);
  });

  it("restores credentials: a key that was deleted signs in again, and one that was created later does not", async () => {
    const twilio = await open();
    const [old, { emulator, control }] = [await twilio.api.newKeys.create({ friendlyName: "old" }), twilio];
    await control.ok("POST", "snapshots", { name: "keys" });
    await twilio.api.keys(old.sid).remove();
    const young = await twilio.api.newKeys.create({ friendlyName: "young" });
    const status = async ({ sid, secret }: { sid: string; secret: string }) => {
      const headers = { authorization: `Basic ${Buffer.from(`${sid}:${secret}`).toString("base64")}` };
      return (await fetch(`${emulator.url}/conversations.twilio.com/v1/Services`, { headers })).status;
    };
    expect([await status(old), await status(young)]).toEqual([401, 200]);
    await control.ok("POST", "snapshots/keys/restore");
    expect([await status(old), await status(young)]).toEqual([200, 401]);
  });

  it("restores the content of media, also where the same SID has another content by then", async () => {
    const twilio = await open();
    const { sid } = await twilio.conversations.services.create({ friendlyName: "Support" });
    const kept = await upload(twilio, sid, "kept");
    await twilio.control.ok("POST", "snapshots", { name: "one" });
    const later = await upload(twilio, sid, "later");
    await twilio.control.ok("POST", "snapshots", { name: "two" });
    await twilio.control.ok("POST", "snapshots/one/restore");
    expect([await kept.read(), await later.read()]).toEqual(["kept", 404]);
    const other = await upload(twilio, sid, "other");
    expect(other.sid).toBe(later.sid);
    await kept.remove();
    expect([await kept.read(), await other.read()]).toEqual([404, "other"]);
    await twilio.control.ok("POST", "snapshots/two/restore");
    expect([await kept.read(), await later.read()]).toEqual(["kept", "later"]);
    await twilio.control.ok("POST", "snapshots/one/restore");
    expect([await kept.read(), await later.read()]).toEqual(["kept", 404]);
  });

  it("of a name that exists is replaced; it is listed until it is deleted", async () => {
    const { emulator, conversations } = await open();
    const count = async () => (await conversations.conversations.list()).length;
    expect(await emulator.snapshots.list()).toEqual([]);
    const { savedAt } = await emulator.snapshots.save("b");
    expect(Math.abs(Date.parse(savedAt) - Date.now())).toBeLessThan(60_000);
    await conversations.conversations.create();
    await emulator.snapshots.save("a");
    await emulator.snapshots.save("b");
    await emulator.reset();
    await emulator.snapshots.restore("b");
    expect(await count()).toBe(1);
    expect((await emulator.snapshots.list()).map(({ name }) => name)).toEqual(["a", "b"]);
    await emulator.snapshots.delete("a");
    expect((await emulator.snapshots.list()).map(({ name }) => name)).toEqual(["b"]);
    await expect(emulator.snapshots.restore("a")).rejects.toThrow("there is no snapshot a; there are b");
    await expect(emulator.snapshots.delete("a")).rejects.toThrow("there is no snapshot a; there are b");
  });
});

describe("the time of a snapshot", () => {
  const START = Date.UTC(2031, 0, 1);
  async function open() {
    const machine = { ms: START };
    const twilio = await start({ clock: { now: () => machine.ms } });
    const wait = (seconds: number) => {
      machine.ms += seconds * 1000;
    };
    return { ...twilio, wait };
  }

  it("is the machine's, with the advance, the skew and the speed that the clock had", async () => {
    const { control, wait } = await open();
    const clock = { advanceSeconds: 100, skewSeconds: -10, speed: 60 };
    await control.ok("POST", "clock", clock);
    wait(10);
    await control.ok("POST", "snapshots", { name: "fast" });
    const saved = await control.ok("GET", "clock");
    expect(saved).toMatchObject({ advancedSeconds: 690, skewSeconds: -10, speed: 60 });
    wait(50);
    await control.ok("DELETE", "clock");
    await control.ok("POST", "snapshots/fast/restore");
    // The 50 seconds have passed, but only for the machine: no hour has passed in the emulator.
    const { now, ...restored } = await control.ok("GET", "clock");
    expect(restored).toEqual({ advancedSeconds: 690, skewSeconds: -10, speed: 60 });
    expect(Date.parse(String(now)) - Date.parse(String(saved.now))).toBe(50_000);
    wait(1);
    expect(await control.ok("GET", "clock")).toMatchObject({ advancedSeconds: 749 });
  });

  it("leaves timers and scheduled texts the time that they had left", async () => {
    const { control, conversations, client, wait } = await open();
    const { sid } = await conversations.conversations.create({ state: "active", "timers.inactive": "PT10M" });
    const { sid: messagingServiceSid } = await client.messaging.v1.services.create({ friendlyName: "Alerts" });
    const [number] = await client.availablePhoneNumbers("US").local.list({ limit: 1 });
    const { sid: phoneNumberSid } = await client.incomingPhoneNumbers.create({ phoneNumber: String(number?.phoneNumber) });
    await client.messaging.v1.services(messagingServiceSid).phoneNumbers.create({ phoneNumberSid });
    const sendAt = new Date(START + 600_000);
    const text = await client.messages.create({ to: ALICE, body: "later", messagingServiceSid, scheduleType: "fixed", sendAt });
    const states = async () => [(await conversations.conversations(sid).fetch()).state, (await client.messages(text.sid).fetch()).status];
    wait(500);
    await control.ok("POST", "snapshots", { name: "waiting" });
    wait(86_400);
    expect(await states()).toEqual(["inactive", expect.not.stringMatching("scheduled")]);
    await control.ok("POST", "snapshots/waiting/restore");
    expect(await states()).toEqual(["active", "scheduled"]);
    wait(99);
    expect(await states()).toEqual(["active", "scheduled"]);
    wait(1);
    expect(await states()).toEqual(["inactive", expect.not.stringMatching("scheduled")]);
  });
});

describe("a restored snapshot", () => {
  it("delivers the texts again that were on their way when it was saved", async () => {
    const twilio = await start();
    const { phoneNumber: from } = await buyNumber(twilio);
    const { sid } = await twilio.client.messages.create({ from, to: ALICE, body: "hello" });
    const { snapshots } = twilio.emulator;
    await snapshots.save("queued");
    const delivered = () => vi.waitFor(async () => expect((await twilio.client.messages(sid).fetch()).status).toBe("delivered"));
    await delivered();
    await snapshots.restore("queued");
    expect((await twilio.client.messages(sid).fetch()).status).not.toBe("delivered");
    await delivered();
  });

  it("ends the webhooks in flight, their retries, their fallback and their log; later ones arrive", async () => {
    const twilio = await start();
    const { sid, phoneNumber } = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: `${receiver.url}/hook`, smsFallbackUrl: `${receiver.url}/fallback` });
    await twilio.emulator.snapshots.save("empty");
    receiver.respond = ({ path }) => (path === "/hook" ? "never" : undefined);
    await twilio.control.inbound(ALICE, phoneNumber, "first");
    await twilio.control.inbound(ALICE, phoneNumber, "queued behind it");
    await receiver.waitFor(1);
    await twilio.emulator.snapshots.restore("empty");
    expect(await twilio.control.ok("GET", "webhooks")).toEqual({ deliveries: [] });
    receiver.respond = () => undefined;
    await twilio.control.inbound(ALICE, phoneNumber, "second");
    await vi.waitFor(async () =>
      expect(await twilio.control.ok("GET", "webhooks")).toMatchObject({ deliveries: [{ outcome: "delivered" }] }),
    );
    expect(receiver.received.map(({ path, parameters }) => [path, parameters.Body])).toEqual([
      ["/hook", "first"],
      ["/hook", "second"],
    ]);
    const events = await (await fetch(`${twilio.emulator.url}/_emulator/events?after=0&follow=false`)).text();
    expect(events.match(/"event":"webhookDelivered"/g)).toHaveLength(1);
  });

  it("rejects a change whose pre-webhook has not responded by then", async () => {
    const twilio = await start();
    const { conversations } = twilio;
    await conversations.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/pre`, filters: ["onMessageAdd"] });
    const { sid } = await conversations.conversations.create();
    await twilio.emulator.snapshots.save("empty");
    receiver.respond = () => "never";
    const create = conversations.conversations(sid).messages.create({ body: "late", xTwilioWebhookEnabled: "true" });
    const failure = expect(create).rejects.toMatchObject({ status: 404 });
    await receiver.waitFor(1);
    await twilio.emulator.snapshots.restore("empty");
    await failure;
    expect(await conversations.conversations(sid).messages.list()).toEqual([]);
  });

  it("has no faults and no counted calls, and the log of events starts with it", async () => {
    const { emulator, control, conversations } = await start();
    await emulator.snapshots.save("empty");
    await conversations.conversations.create();
    await control.ok("POST", "faults", { status: 503 });
    await control.ok("POST", "snapshots/empty/restore");
    expect(await control.ok("GET", "faults")).toEqual({ faults: [] });
    expect(await control.ok("GET", "calls")).toMatchObject({ total: 0 });
    const events = await (await fetch(`${emulator.url}/_emulator/events?after=0&follow=false`)).text();
    expect(events.match(/^event: .*/gm)).toEqual(["event: restored"]);
    expect(JSON.parse(String(/^data: (.*)/m.exec(events)?.[1])).data).toEqual({ snapshot: "empty", clockShift: expect.any(Number) });
  });
});
