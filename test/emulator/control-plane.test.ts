import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();

describe("health", () => {
  it("describes the emulator without secrets", async () => {
    const health = await twilio.control.ok("GET", "health");
    expect(health).toMatchObject({
      status: "ok",
      accountSid: twilio.emulator.accountSid,
      url: twilio.emulator.url,
      pid: process.pid,
      stateDir: null,
    });
    expect(JSON.stringify(health)).not.toContain(twilio.emulator.authToken);
    expect(JSON.stringify(health)).not.toContain(twilio.emulator.apiSecret);
  });
});

describe("calls", () => {
  it("are counted by method and path template until they are deleted", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "x" });
    for (const _ of [1, 2, 3]) await twilio.conversations.services(service.sid).conversations.create();
    await twilio.conversations.conversations.list();
    await twilio.api.incomingPhoneNumbers.list();
    const { calls, total } = await twilio.control.ok("GET", "calls");
    expect(calls).toEqual([
      { host: "conversations.twilio.com", method: "POST", path: "/v1/Services", count: 1 },
      { host: "conversations.twilio.com", method: "POST", path: "/v1/Services/{ServiceSid}/Conversations", count: 3 },
      { host: "conversations.twilio.com", method: "GET", path: "/v1/Conversations", count: 1 },
      { host: "api.twilio.com", method: "GET", path: "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", count: 1 },
    ]);
    expect(total).toBe(6);
    expect(await twilio.control.ok("DELETE", "calls")).toEqual({ calls: [], total: 0 });
    expect(await twilio.control.ok("GET", "calls")).toEqual({ calls: [], total: 0 });
  });
});

describe("reset", () => {
  it("removes everything except the credentials", async () => {
    await buyNumber(twilio);
    await twilio.conversations.services.create({ friendlyName: "x" });
    await twilio.control.ok("POST", "faults", { path: "/v1/*", status: 500 });
    await twilio.control.advance(1e6);
    expect(await twilio.control.ok("POST", "reset")).toEqual({ status: "ok" });
    expect(await twilio.conversations.services.list()).toHaveLength(1);
    expect(await twilio.api.incomingPhoneNumbers.list()).toEqual([]);
    expect(await twilio.control.ok("GET", "faults")).toEqual({ faults: [] });
    const { now } = await twilio.control.ok("GET", "clock");
    expect(Math.abs(Date.parse(now as string) - Date.now())).toBeLessThan(60_000);
  });
});

describe("the clock", () => {
  it("can only be advanced", async () => {
    const { now } = await twilio.control.ok("GET", "clock");
    const later = await twilio.control.ok("POST", "clock", { advanceSeconds: 3600 });
    expect(Date.parse(later.now as string) - Date.parse(now as string)).toBeGreaterThanOrEqual(3600_000);
    expect((await twilio.conversations.conversations.create()).dateCreated.getTime()).toBeGreaterThanOrEqual(
      Date.parse(later.now as string),
    );
    for (const input of [{}, { advanceSeconds: -1 }, { advanceSeconds: "1" }, { advanceSeconds: 1e300 }, { advanceSeconds: 2.6e11 }]) {
      expect(await twilio.control.call("POST", "clock", input)).toMatchObject({ status: 400 });
    }
  });
});

describe("events", () => {
  it("are streamed live, including timers and texts", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const stop = new AbortController();
    const response = await fetch(`${twilio.emulator.url}/_emulator/events`, { signal: stop.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const { sid } = await twilio.conversations.conversations.create({ state: "active", "timers.inactive": "PT1M" });
    const conversation = twilio.conversations.conversations(sid);
    await conversation.participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
    const chat = await conversation.participants.create({ identity: "alice" });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    const message = await conversation.messages.create({ body: "hello" });
    await twilio.control.advance(61);
    await conversation.participants(chat.sid).update({ attributes: '{"a":1}' });
    await conversation.messages(message.sid).update({ body: "edited" });
    await conversation.messages(message.sid).remove();
    await conversation.participants(chat.sid).remove();
    await conversation.update({ state: "closed" });
    await conversation.remove();

    const events = await readEvents(response, "conversationRemoved");
    stop.abort();
    expect(events.map(({ event, source }) => `${event} ${source}`)).toEqual([
      "conversationAdded API",
      "participantAdded API",
      "userAdded API",
      "participantAdded API",
      "smsReceived SMS",
      "textRouted SMS",
      "messageAdded SMS",
      "messageAdded API",
      "smsSent API",
      "receiptAdded API",
      "smsUpdated API",
      "receiptUpdated API",
      "conversationStateUpdated TIMER",
      "participantUpdated API",
      "messageUpdated API",
      "messageRemoved API",
      "participantRemoved API",
      "conversationUpdated API",
      "conversationStateUpdated API",
      "conversationRemoved API",
    ]);
    expect(events[0]).toMatchObject({ accountSid: twilio.emulator.accountSid, data: { conversation: { sid } } });
    expect(events[12]).toMatchObject({ data: { from: "active", to: "inactive", reason: "TIMER" } });
  });

  it("are streamed without a request when a timer is due", async () => {
    let ahead = 0;
    const emulator = await startEmulator({ clock: { now: () => Date.now() + ahead } });
    const stop = new AbortController();
    const response = await fetch(`${emulator.url}/_emulator/events`, { signal: stop.signal });
    await connect(emulator).conversations.conversations.create({ state: "active", "timers.inactive": "PT1M" });
    ahead = 61_000;
    const events = await readEvents(response, "conversationStateUpdated");
    expect(events.at(-1)).toMatchObject({ event: "conversationStateUpdated", source: "TIMER", data: { to: "inactive" } });
    stop.abort();
    await emulator.close();
  });

  it("exclude failed requests", async () => {
    const stop = new AbortController();
    const response = await fetch(`${twilio.emulator.url}/_emulator/events`, { signal: stop.signal });
    const { sid } = await twilio.conversations.conversations.create();
    await twilio.conversations
      .conversations(sid)
      .messages.create({ body: "" })
      .catch(() => {});
    await twilio.conversations.conversations(sid).remove();
    const events = await readEvents(response, "conversationRemoved");
    stop.abort();
    expect(events.map(({ event }) => event)).toEqual(["conversationAdded", "conversationRemoved"]);
  });
});

describe("other accounts", () => {
  it("have their own outbox", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    const { phoneNumber } = await buyNumber(theirs);
    await theirs.api.messages.create({ from: phoneNumber, to: ALICE, body: "x" });
    expect(await twilio.control.outbox()).toEqual([]);
    expect((await twilio.control.ok("GET", `outbox?accountSid=${sub.sid}`)).messages).toHaveLength(1);
    expect(await twilio.control.inbound(ALICE, phoneNumber, "hi")).toMatchObject({ accountSid: sub.sid });
    const wrong = { from: ALICE, to: phoneNumber, body: "hi", accountSid: twilio.emulator.accountSid };
    expect(await twilio.control.call("POST", "inbound", wrong)).toMatchObject({ status: 404 });
  });
});

describe("the control plane", () => {
  it("returns errors as JSON", async () => {
    expect(await twilio.control.call("GET", "nothing")).toMatchObject({ status: 404, body: { status: 404, message: expect.any(String) } });
    expect(await twilio.control.call("GET", "constructor")).toMatchObject({ status: 404 });
    expect(await twilio.control.call("GET", "reset")).toMatchObject({ status: 405 });
    expect(await twilio.control.call("POST", "inbound", "{")).toMatchObject({ status: 400 });
    expect(await twilio.control.call("POST", "inbound", "1")).toMatchObject({ status: 400 });
    expect(await twilio.control.call("POST", "inbound", {})).toMatchObject({ status: 400, body: { message: "from is required" } });
    expect(await twilio.control.call("POST", "inbound", { from: 1 })).toMatchObject({ status: 400 });
    expect(await twilio.control.call("POST", "inbound", { from: ALICE, to: ALICE })).toMatchObject({ status: 400 });
    for (const mediaUrl of [1, [1], [[]], { toString: 1 }]) {
      const response = await twilio.control.call("POST", "inbound", { from: ALICE, to: "whatsapp:+14155238886", mediaUrl });
      expect(response, JSON.stringify(mediaUrl)).toMatchObject({ status: 400, body: { message: expect.stringContaining("mediaUrl") } });
    }
  });

  it("rejects requests from pages of other sites", async () => {
    const reset = (origin: string) => send(twilio.emulator.url, { method: "POST", path: "/_emulator/reset", headers: { origin } });
    expect(await reset("https://example.com")).toMatchObject({ status: 403 });
    expect(await reset("null")).toMatchObject({ status: 403 });
    expect(await reset("http://localhost:3000")).toMatchObject({ status: 200 });
  });
});

interface Streamed {
  event: string;
  source: string;
  accountSid: string;
  data: Record<string, unknown>;
}

async function readEvents(response: Response, last: string): Promise<Streamed[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(`event: ${last}\n`) && text.endsWith("\n\n")) break;
  }
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? "") as Streamed);
}
