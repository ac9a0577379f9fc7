import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/emulator";
import type { Delivery } from "../../src/emulator/webhooks/deliveries";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { runScript } from "./support/process";
import { receiver } from "./support/receiver";

const twilio = useEmulator();
const hook = receiver();
const FLOW = `FW${"a".repeat(32)}`;
const ISO_MS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const EVENTS = [
  ...["onMessageAdded", "onMessageUpdated", "onMessageRemoved", "onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved"],
  ...["onConversationAdded", "onConversationUpdated", "onConversationRemoved", "onConversationStateUpdated", "onDeliveryUpdated"],
  ...["onUserAdded", "onUserUpdated"],
];
/** Asks for webhooks on a REST call. */
const LOUD = { xTwilioWebhookEnabled: "true" } as const;

const listen = (filters: string[], more: object = {}) =>
  twilio.conversations.configuration.webhooks().update({ postWebhookUrl: `${hook.url}/account`, filters, ...more });

async function deliveries(query = ""): Promise<Delivery[]> {
  return (await twilio.control.ok("GET", `webhooks${query}`)).deliveries as Delivery[];
}

/** The log once nothing in it is pending. */
async function settled(): Promise<Delivery[]> {
  for (;;) {
    const log = await deliveries();
    if (log.every(({ outcome }) => outcome !== "pending")) return log;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A conversation with a handset in it, made without a word to webhooks. */
async function withHandset() {
  const { phoneNumber } = await buyNumber(twilio);
  const { sid } = await twilio.conversations.conversations.create({ friendlyName: "Hello" });
  const here = twilio.conversations.conversations(sid);
  const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
  const handset = await here.participants.create(pair);
  return { sid, here, phoneNumber, handset };
}

describe("what has happened", () => {
  it("is told in full of each event, signed so that Twilio's library accepts it", async () => {
    await listen(EVENTS);
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid, messagingServiceSid } = await twilio.conversations.conversations.create({
      ...LOUD,
      uniqueName: "hello",
      friendlyName: "Grüße & Küsse",
    });
    const here = twilio.conversations.conversations(sid);
    const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const handset = await here.participants.create({ ...LOUD, ...pair });
    const chat = await here.participants.create({ ...LOUD, identity: "alice" });
    const message = await here.messages.create({ ...LOUD, author: "alice", body: "a=1&b=2 + ü" });
    await twilio.control.advance(0);
    await here.messages(message.sid).update({ ...LOUD, body: "edited" });
    await here.messages(message.sid).remove(LOUD);
    await here.participants(chat.sid).update({ ...LOUD, lastReadMessageIndex: 0 });
    await here.participants(chat.sid).remove(LOUD);
    await twilio.conversations.users("alice").update({ ...LOUD, friendlyName: "Alice" });
    await here.update({ ...LOUD, state: "closed" });
    await here.remove(LOUD);

    await hook.until(15);
    expect(hook.events()).toEqual([
      ...["onConversationAdded", "onParticipantAdded", "onUserAdded", "onParticipantAdded", "onMessageAdded"],
      ...["onDeliveryUpdated", "onDeliveryUpdated", "onMessageUpdated", "onMessageRemoved", "onParticipantUpdated"],
      ...["onParticipantRemoved", "onUserUpdated", "onConversationUpdated", "onConversationStateUpdated", "onConversationRemoved"],
    ]);
    const shared = { AccountSid: twilio.emulator.accountSid, Source: "API", RetryCount: "0" };
    for (const request of hook.received) {
      expect(request).toMatchObject({ method: "POST", path: "/account", parameters: shared });
      expect(request.isSigned(twilio.emulator.authToken)).toBe(true);
      expect(request.isSigned(twilio.emulator.apiSecret)).toBe(false);
      expect(request.headers).toMatchObject({
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "i-twilio-idempotency-token": expect.stringMatching(/^[\w-]{36}$/),
        "user-agent": "TwilioProxy/1.1",
      });
      const dates = Object.entries(request.parameters).filter(([name]) => name.startsWith("Date"));
      for (const [name, date] of dates) expect(date, name).toMatch(ISO_MS);
    }
    const said = (event: string, nth = 0) => hook.received.filter(({ parameters }) => parameters.EventType === event)[nth]?.parameters;
    expect(said("onConversationAdded")).toMatchObject({
      ConversationSid: sid,
      FriendlyName: "Grüße & Küsse",
      UniqueName: "hello",
      Attributes: "{}",
      ChatServiceSid: chatServiceSid,
      MessagingServiceSid: messagingServiceSid,
      State: "active",
    });
    const sms = { "MessagingBinding.Address": ALICE, "MessagingBinding.ProxyAddress": phoneNumber, "MessagingBinding.Type": "SMS" };
    expect(said("onParticipantAdded")).toMatchObject({ ParticipantSid: handset.sid, ConversationSid: sid, ...sms });
    expect(said("onParticipantAdded")).not.toHaveProperty("Identity");
    expect(said("onParticipantAdded", 1)).toMatchObject({ Identity: "alice", "MessagingBinding.Type": "CHAT", RoleSid: chat.roleSid });
    expect(said("onMessageAdded")).toMatchObject({
      ConversationSid: sid,
      MessageSid: message.sid,
      MessagingServiceSid: messagingServiceSid,
      Index: "0",
      Body: "a=1&b=2 + ü",
      Author: "alice",
      ParticipantSid: chat.sid,
      Attributes: "{}",
    });
    const receipt = { MessageSid: message.sid, ParticipantSid: handset.sid, ChatServiceSid: chatServiceSid, ErrorCode: "0" };
    expect(said("onDeliveryUpdated")).toMatchObject({ ...receipt, Status: "sent", ChannelMessageSid: expect.stringMatching(/^SM/) });
    expect(said("onDeliveryUpdated", 1)).toMatchObject({ ...receipt, Status: "delivered" });
    expect(said("onMessageUpdated")).toMatchObject({ Body: "edited", DateUpdated: expect.any(String) });
    expect(said("onMessageRemoved")).toMatchObject({ MessageSid: message.sid, DateRemoved: expect.any(String) });
    expect(said("onParticipantUpdated")).toMatchObject({ LastReadMessageIndex: "0" });
    expect(said("onUserUpdated")).toMatchObject({ Identity: "alice", FriendlyName: "Alice", ChatServiceSid: chatServiceSid });
    expect(said("onConversationStateUpdated")).toMatchObject({ StateFrom: "active", StateTo: "closed", Reason: "API" });
    expect(said("onConversationRemoved")).toMatchObject({ ConversationSid: sid, DateRemoved: expect.any(String) });
  });

  it("comes in the query when the method is GET", async () => {
    await listen(["onMessageAdded"], { method: "GET", postWebhookUrl: `${hook.url}/get?key=a%20b` });
    const { here } = await withHandset();
    await here.messages.create({ ...LOUD, body: "a=1&b=2 + ü" });
    const [request] = await hook.until(1);
    expect(request).toMatchObject({ method: "GET", path: "/get", parameters: { key: "a b", Body: "a=1&b=2 + ü" } });
    expect(request?.isSigned(twilio.emulator.authToken)).toBe(true);
  });

  it("goes to account, service and conversation, each by its own filters", async () => {
    await listen(["onMessageAdded"]);
    const { sid: serviceSid } = await twilio.conversations.services.create({ friendlyName: "x" });
    const service = twilio.conversations.services(serviceSid);
    await service.configuration.webhooks().update({
      postWebhookUrl: `${hook.url}/service`,
      filters: ["onMessageAdded", "onMessageRemoved"],
    });
    const here = service.conversations((await service.conversations.create()).sid);
    const webhook = await here.webhooks.create({
      target: "webhook",
      "configuration.url": `${hook.url}/scoped`,
      "configuration.filters": ["onMessageRemoved", "onConversationRemoved"],
    });
    const { sid } = await here.messages.create({ ...LOUD, body: "hi" });
    await here.messages(sid).remove(LOUD);
    await here.remove(LOUD);
    await hook.until(5);
    const heard = (path: string) => hook.received.filter((request) => request.path === path).map(({ parameters }) => parameters);
    expect(heard("/account").map(({ EventType }) => EventType)).toEqual(["onMessageAdded"]);
    expect(heard("/service").map(({ EventType }) => EventType)).toEqual(["onMessageAdded", "onMessageRemoved"]);
    expect(heard("/scoped").map(({ EventType }) => EventType)).toEqual(["onMessageRemoved", "onConversationRemoved"]);
    expect(heard("/scoped")[0]).toMatchObject({ WebhookSid: webhook.sid });
    // Another service's conversations are the account's only.
    const elsewhere = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await elsewhere.messages.create({ ...LOUD, body: "hi" });
    expect((await hook.until(6)).at(-1)).toMatchObject({ path: "/account" });
    expect((await settled()).length).toBe(6);
  });

  it("is signed with the token of the account that owns it", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    await theirs.conversations.configuration.webhooks().update({ postWebhookUrl: hook.url, filters: ["onConversationAdded"] });
    await twilio.conversations.conversations.create(LOUD);
    await theirs.conversations.conversations.create(LOUD);
    const [request] = await hook.until(1);
    expect(request?.parameters.AccountSid).toBe(sub.sid);
    expect(request?.isSigned(sub.authToken)).toBe(true);
    expect(await settled()).toHaveLength(1);
  });
});

describe("whether a change is told", () => {
  it("depends on who made it: REST has to ask, handsets and timers need not, deliveries are always told", async () => {
    await listen(EVENTS);
    const { here, phoneNumber } = await withHandset();
    await here.messages.create({ xTwilioWebhookEnabled: "false", body: "quiet" });
    await twilio.control.advance(0);
    await hook.until(2);
    expect(hook.events()).toEqual(["onDeliveryUpdated", "onDeliveryUpdated"]);
    await here.messages.create({ ...LOUD, body: "loud" });
    await twilio.control.advance(0);
    await hook.until(5);
    expect(hook.events().slice(2)).toEqual(["onMessageAdded", "onDeliveryUpdated", "onDeliveryUpdated"]);
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    expect((await hook.until(6)).at(-1)?.parameters).toMatchObject({ EventType: "onMessageAdded", Source: "SMS", Author: ALICE });

    await here.update({ "timers.inactive": "PT1M" });
    await twilio.control.advance(61);
    expect((await hook.until(7)).at(-1)?.parameters).toMatchObject({ StateTo: "inactive", Reason: "TIMER" });
    // A text wakes it up again.
    await twilio.control.inbound(ALICE, phoneNumber, "still there?");
    await hook.until(9);
    expect(hook.events().slice(7)).toEqual(["onConversationStateUpdated", "onMessageAdded"]);
    expect(hook.received[7]?.parameters).toMatchObject({ StateTo: "active", Reason: "EVENT" });
  });

  it("holds for participants that are added a moment later too", async () => {
    await listen(["onParticipantAdded", "onConversationStateUpdated"]);
    const participant = ['{"identity":"alice"}'];
    await twilio.conversations.conversationWithParticipants.create({ participant });
    await twilio.control.advance(0);
    await twilio.conversations.conversationWithParticipants.create({ ...LOUD, participant });
    await twilio.control.advance(0);
    await hook.until(2);
    expect((await settled()).map(({ event }) => event)).toEqual(["onParticipantAdded", "onConversationStateUpdated"]);
  });

  it("depends on the filter, and on there being a URL", async () => {
    const { here } = await withHandset();
    await twilio.conversations.configuration.webhooks().update({ filters: ["onMessageAdded"] });
    await here.messages.create({ ...LOUD, body: "no URL" });
    await listen([""]);
    await here.messages.create({ ...LOUD, body: "no filter" });
    await listen(["onMessageUpdated"]);
    await here.messages.create({ ...LOUD, body: "another filter" });
    expect(await deliveries()).toEqual([]);
  });
});

describe("targets that are no URL", () => {
  it("are recorded: Flex, Studio flows and keywords", async () => {
    await listen(["onMessageAdded"], { target: "flex" });
    const { here, phoneNumber } = await withHandset();
    await here.webhooks.create({ target: "studio", "configuration.flowSid": FLOW });
    await here.webhooks.create({ target: "trigger", "configuration.url": hook.url, "configuration.triggers": ["help", "agent"] });
    await twilio.control.inbound(ALICE, phoneNumber, "hello");
    expect((await deliveries()).map(({ target, outcome }) => `${target} ${outcome}`)).toEqual(["flex recorded", "studio recorded"]);
    await twilio.control.inbound(ALICE, phoneNumber, "HELP me");
    const log = (await deliveries()).slice(2);
    expect(log.map(({ target }) => target)).toEqual(["flex", "studio", "trigger"]);
    expect(log[2]).toMatchObject({ event: "onMessageAdded", attempts: [], parameters: { Body: "HELP me" } });
    expect(hook.received).toEqual([]);
  });
});

describe("a new webhook", () => {
  it("hears of earlier messages if it asks to, and only then", async () => {
    const { here, sid } = await withHandset();
    for (const body of ["a", "b", "c"]) await here.messages.create({ body });
    const webhook = { target: "webhook", "configuration.url": hook.url, "configuration.filters": ["onMessageAdded"] } as const;
    const filters = { "configuration.filters": ["onMessageAdded"] };
    await here.webhooks.create({ ...webhook, ...filters });
    const asking = await here.webhooks.create({ ...webhook, ...filters, "configuration.replayAfter": 1 });
    await hook.until(2);
    expect(hook.received.map(({ parameters: { Body, WebhookSid } }) => `${Body} ${WebhookSid}`)).toEqual([
      `b ${asking.sid}`,
      `c ${asking.sid}`,
    ]);
    expect(await deliveries(`?conversationSid=${sid}`)).toHaveLength(2);
  });
});

describe("a receiver that fails", () => {
  it("is tried again when that may help, and not when it refuses", async () => {
    await listen(["onMessageAdded"]);
    const { here } = await withHandset();
    hook.answer = ({ parameters }) => ({ status: parameters.Body === "busy" && parameters.RetryCount === "0" ? 503 : 200 });
    await here.messages.create({ ...LOUD, body: "busy" });
    await hook.until(2);
    const [first, second] = hook.received;
    expect(second?.parameters).toMatchObject({ Body: "busy", RetryCount: "1" });
    expect(second?.headers["i-twilio-idempotency-token"]).toBe(first?.headers["i-twilio-idempotency-token"]);
    expect(second?.isSigned(twilio.emulator.authToken)).toBe(true);
    hook.answer = () => ({ status: 404 });
    await here.messages.create({ ...LOUD, body: "no" });
    const log = await settled();
    expect(log[0]).toMatchObject({ outcome: "delivered", attempts: [{ status: 503, error: null }, { status: 200 }] });
    expect(log[1]).toMatchObject({ outcome: "failed", attempts: [{ status: 404 }] });
    expect(await deliveries("?status=failed")).toEqual([log[1]]);
  });

  it("is tried as its URL says", async () => {
    const { here } = await withHandset();
    hook.answer = () => ({ status: 500 });
    for (const fragment of ["rc=2&rp=5xx", "rc=0", "rc=1&rp=4xx", "rc=1&rp=all"]) {
      await listen(["onMessageAdded"], { postWebhookUrl: `${hook.url}/hook#${fragment}` });
      await here.messages.create({ ...LOUD, body: fragment });
      await settled();
    }
    expect((await deliveries()).map(({ attempts }) => attempts.length)).toEqual([3, 1, 1, 2]);
    expect(hook.received.every(({ path, isSigned }) => path === "/hook" && isSigned(twilio.emulator.authToken))).toBe(true);
  });

  it("is recorded with its error: nobody there, no answer, half an answer", async () => {
    const { here } = await withHandset();
    hook.answer = ({ path }) => (path === "/reset" ? "reset" : "never");
    const urls = ["http://127.0.0.1:9/", `${hook.url}/never#rt=100&rc=0`, `${hook.url}/reset#rc=0`];
    for (const postWebhookUrl of urls) {
      await listen(["onMessageAdded"], { postWebhookUrl });
      await here.messages.create({ ...LOUD, body: "x" });
    }
    const log = await settled();
    expect(log.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "failed"]);
    const errors = log.map(({ attempts }) => attempts.map(({ error }) => error));
    expect(errors).toEqual([
      [expect.stringContaining("ECONNREFUSED"), expect.stringContaining("ECONNREFUSED")],
      ["no response within 100 ms"],
      [expect.stringMatching(/hang up|ECONNRESET/)],
    ]);
  });

  it("holds up neither the API nor other receivers, and gets the events in their order", async () => {
    await listen(["onMessageAdded"], { postWebhookUrl: `${hook.url}/slow` });
    const { here } = await withHandset();
    await here.webhooks.create({
      target: "webhook",
      "configuration.url": `${hook.url}/fast`,
      "configuration.filters": ["onMessageAdded"],
    });
    let fails = 1;
    hook.answer = ({ path }) => (path === "/slow" && fails-- > 0 ? { status: 503 } : undefined);
    const bodies = Array.from({ length: 20 }, (_, index) => String(index));
    for (const body of bodies) await here.messages.create({ ...LOUD, body });
    await hook.until(41);
    const heard = (path: string) => hook.received.filter((request) => request.path === path).map(({ parameters }) => parameters.Body);
    expect(heard("/fast")).toEqual(bodies);
    expect(heard("/slow")).toEqual(["0", ...bodies]);
  });
});

describe("the end of the emulator", () => {
  const started: { close(): Promise<void> }[] = [];
  afterEach(() => Promise.all(started.splice(0).map((emulator) => emulator.close())));

  it("does not wait for a dead receiver", async () => {
    const emulator = await startEmulator({ seed: "ending" });
    started.push(emulator);
    hook.answer = () => "never";
    const { conversations } = connect(emulator);
    await conversations.configuration.webhooks().update({ postWebhookUrl: hook.url, filters: ["onConversationAdded"] });
    await conversations.conversations.create(LOUD);
    await hook.until(1);
    const before = performance.now();
    await emulator.close();
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it("comes by itself, receivers or not, where the emulator is part of a program", async () => {
    hook.answer = () => "never";
    const folder = mkdtempSync(join(tmpdir(), "webhooks-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const child = runScript(`
      const { url, accountSid, authToken } = await attachEmulator(${JSON.stringify(folder)});
      const authorization = "Basic " + Buffer.from(accountSid + ":" + authToken).toString("base64");
      const post = (path, form) => fetch(url + "/conversations.twilio.com/v1" + path, {
        method: "POST", body: new URLSearchParams(form), headers: { authorization, "x-twilio-webhook-enabled": "true" },
      });
      await post("/Configuration/Webhooks", { PostWebhookUrl: ${JSON.stringify(hook.url)}, Filters: "onConversationAdded" });
      await post("/Conversations", {});
      await fetch(url + "/_emulator/webhooks").then((answer) => answer.json()).then(({ deliveries }) => say(deliveries[0]));
    `);
    expect(await child.first).toMatchObject({ event: "onConversationAdded", outcome: "pending" });
    const before = performance.now();
    expect(await child.ended).toBe(0);
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it("waits a moment for what is under way", async () => {
    const emulator = await startEmulator({ seed: "ending" });
    started.push(emulator);
    const { conversations } = connect(emulator);
    await conversations.configuration.webhooks().update({ postWebhookUrl: hook.url, filters: ["onConversationAdded"] });
    await Promise.all([1, 2, 3].map(() => conversations.conversations.create(LOUD)));
    await emulator.close();
    expect(hook.received).toHaveLength(3);
  });
});

describe("settings", () => {
  it("outlive the emulator, with those of addresses and conversations", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "webhooks-"));
    onTestFinished(() => rmSync(stateDir, { recursive: true }));
    const first = await startEmulator({ stateDir });
    const before = connect(first);
    await before.conversations.configuration.webhooks().update({ postWebhookUrl: hook.url, filters: ["onMessageAdded"] });
    const { phoneNumber } = await buyNumber(before);
    await before.conversations.addressConfigurations.create({ type: "sms", address: phoneNumber, "autoCreation.enabled": true });
    const { sid } = await before.conversations.conversations.create();
    const studio = { target: "studio", "configuration.flowSid": FLOW } as const;
    const webhook = await before.conversations.conversations(sid).webhooks.create(studio);
    await first.close();

    const second = await startEmulator({ stateDir });
    onTestFinished(() => second.close());
    const after = connect(second);
    expect(await after.conversations.conversations(sid).webhooks(webhook.sid).fetch()).toMatchObject({ target: "studio" });
    await new Control(second.url).inbound(ALICE, phoneNumber, "hi");
    expect((await hook.until(1))[0]?.parameters).toMatchObject({ EventType: "onMessageAdded", Body: "hi" });
    await second.close();
  });
});

describe("the control plane", () => {
  it("has a log that can be searched and emptied, without secrets", async () => {
    await listen(["onMessageAdded", "onParticipantAdded"], { postWebhookUrl: hook.url.replace("//", "//user:pa55word@") });
    const { here, sid } = await withHandset();
    await here.messages.create({ ...LOUD, body: "hi" });
    await here.participants.create({ ...LOUD, identity: "alice" });
    await twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid).messages.create({ ...LOUD, body: "x" });
    const log = await settled();
    expect(log).toHaveLength(3);
    expect(hook.received[0]?.headers.authorization).toMatch(/^Basic /);
    expect(hook.received[0]?.isSigned(twilio.emulator.authToken)).toBe(true);
    expect(log[0]).toMatchObject({
      event: "onMessageAdded",
      scope: "account",
      target: "webhook",
      conversationSid: sid,
      method: "POST",
      outcome: "delivered",
      parameters: { Body: "hi" },
      attempts: [{ status: 200, error: null, durationMs: expect.any(Number) }],
    });
    for (const secret of ["pa55word", twilio.emulator.authToken, twilio.emulator.apiSecret]) {
      expect(JSON.stringify(log)).not.toContain(secret);
    }
    expect(await deliveries(`?conversationSid=${sid}`)).toEqual(log.slice(0, 2));
    expect(await deliveries(`?conversationSid=${sid}&event=onParticipantAdded`)).toEqual([log[1]]);
    await twilio.control.ok("DELETE", "webhooks");
    expect(await deliveries()).toEqual([]);
  });

  it("announces each delivery once it is over", async () => {
    const stop = new AbortController();
    const response = await fetch(`${twilio.emulator.url}/_emulator/events`, { signal: stop.signal });
    await listen(["onMessageAdded"]);
    const { here } = await withHandset();
    await here.messages.create({ ...LOUD, body: "hi" });
    let text = "";
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (/event: webhookDelivered\n.*\n\n/.test(text)) break;
    }
    stop.abort();
    const data = JSON.parse(/event: webhookDelivered\ndata: (.*)/.exec(text)?.[1] ?? "{}");
    expect(data).toMatchObject({ event: "webhookDelivered", data: { delivery: { event: "onMessageAdded", outcome: "delivered" } } });
  });

  it("triggers an event again, or for the first time", async () => {
    await listen(EVENTS);
    const { here, sid, handset } = await withHandset();
    const message = await here.messages.create({ author: "alice", body: "hi" });
    await twilio.control.advance(0);
    await settled();
    await twilio.control.ok("DELETE", "webhooks");
    hook.received.length = 0;
    const trigger = (input: object) => twilio.control.call("POST", "webhooks/trigger", input);
    expect(await trigger({ event: "onMessageAdded", messageSid: message.sid })).toMatchObject({
      status: 200,
      body: { deliveries: [{ event: "onMessageAdded", outcome: "delivered", parameters: { MessageSid: message.sid, Body: "hi" } }] },
    });
    await trigger({ event: "onMessageAdded", conversationSid: sid });
    await trigger({ event: "onParticipantAdded", participantSid: handset.sid });
    await trigger({ event: "onConversationRemoved", conversationSid: sid });
    await trigger({ event: "onConversationStateUpdated", conversationSid: sid });
    await trigger({ event: "onDeliveryUpdated", messageSid: message.sid });
    expect(hook.events()).toEqual([
      ...["onMessageAdded", "onMessageAdded", "onParticipantAdded", "onConversationRemoved"],
      ...["onConversationStateUpdated", "onDeliveryUpdated"],
    ]);
    // It tells, and changes nothing.
    expect(await here.messages.list()).toHaveLength(1);

    expect(await trigger({ event: "onPigeonSent", conversationSid: sid })).toMatchObject({ status: 400 });
    expect(await trigger({ event: "onMessageAdded" })).toMatchObject({ status: 400 });
    expect(await trigger({ event: "onMessageAdded", messageSid: `IM${"0".repeat(32)}` })).toMatchObject({ status: 404 });
    await listen([]);
    await twilio.conversations.configuration.webhooks().update({ filters: [""] });
    expect(await trigger({ event: "onMessageAdded", messageSid: message.sid })).toMatchObject({ status: 404 });
  });

  it("forgets the log at a reset, and what was still to be sent", async () => {
    await listen(["onConversationAdded"]);
    hook.answer = () => (hook.received.length === 1 ? "never" : undefined);
    for (const friendlyName of ["a", "b", "c"]) await twilio.conversations.conversations.create({ ...LOUD, friendlyName });
    await hook.until(1);
    await new Control(twilio.emulator.url).ok("POST", "reset");
    expect(await deliveries()).toEqual([]);
    await listen(["onConversationAdded"]);
    await twilio.conversations.conversations.create({ ...LOUD, friendlyName: "d" });
    await settled();
    expect(hook.received.map(({ parameters }) => parameters.FriendlyName)).toEqual(["a", "d"]);
    await twilio.control.ok("POST", "reset");
    expect(await twilio.conversations.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: null });
  });
});
