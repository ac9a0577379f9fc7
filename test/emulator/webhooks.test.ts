import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { type Received, useReceiver } from "./support/receiver";
import {
  configurePostWebhooks,
  conversationWithHandset,
  deliveries,
  finishedDeliveries,
  POST_EVENTS,
  WITH_WEBHOOKS,
} from "./support/webhooks";

const twilio = useEmulator();
const receiver = useReceiver();
const FLOW = `FW${"a".repeat(32)}`;
const ISO_MS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const configureWebhooks = (filters: string[], more?: object) => configurePostWebhooks(twilio, receiver, filters, more);

/** Causes every post-webhook event at least once. */
async function causeEveryEvent() {
  const { phoneNumber } = await buyNumber(twilio);
  const { sid, chatServiceSid, messagingServiceSid } = await twilio.conversations.conversations.create({
    ...WITH_WEBHOOKS,
    uniqueName: "hello",
    friendlyName: "Grüße & Küsse",
  });
  const conversation = twilio.conversations.conversations(sid);
  const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
  const handset = await conversation.participants.create({ ...WITH_WEBHOOKS, ...binding });
  const chat = await conversation.participants.create({ ...WITH_WEBHOOKS, identity: "alice" });
  const message = await conversation.messages.create({ ...WITH_WEBHOOKS, author: "alice", body: "a=1&b=2 + ü" });
  await twilio.control.advance(0);
  await conversation.messages(message.sid).update({ ...WITH_WEBHOOKS, body: "edited" });
  await conversation.messages(message.sid).remove(WITH_WEBHOOKS);
  await conversation.participants(chat.sid).update({ ...WITH_WEBHOOKS, lastReadMessageIndex: 0 });
  await conversation.participants(chat.sid).remove(WITH_WEBHOOKS);
  await twilio.conversations.users("alice").update({ ...WITH_WEBHOOKS, friendlyName: "Alice" });
  await conversation.update({ ...WITH_WEBHOOKS, state: "closed" });
  await conversation.remove(WITH_WEBHOOKS);
  return { sid, chatServiceSid, messagingServiceSid, phoneNumber, handset, chat, message };
}

/** Checks the method, signature, headers and common parameters of a request. */
function expectSigned(request: Received): void {
  const shared = { AccountSid: twilio.emulator.accountSid, Source: "API", RetryCount: "0" };
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

describe("a post-webhook", () => {
  it("has all parameters of its event and a signature that Twilio's library accepts", async () => {
    await configureWebhooks(POST_EVENTS);
    const { sid, chatServiceSid, messagingServiceSid, phoneNumber, handset, chat, message } = await causeEveryEvent();

    await receiver.waitFor(15);
    expect(receiver.events()).toEqual([
      ...["onConversationAdded", "onParticipantAdded", "onUserAdded", "onParticipantAdded", "onMessageAdded"],
      ...["onDeliveryUpdated", "onDeliveryUpdated", "onMessageUpdated", "onMessageRemoved", "onParticipantUpdated"],
      ...["onParticipantRemoved", "onUserUpdated", "onConversationUpdated", "onConversationStateUpdated", "onConversationRemoved"],
    ]);
    for (const request of receiver.received) expectSigned(request);
    const parametersOf = (event: string, nth = 0) =>
      receiver.received.filter(({ parameters }) => parameters.EventType === event)[nth]?.parameters;
    expect(parametersOf("onConversationAdded")).toMatchObject({
      ConversationSid: sid,
      FriendlyName: "Grüße & Küsse",
      UniqueName: "hello",
      Attributes: "{}",
      ChatServiceSid: chatServiceSid,
      MessagingServiceSid: messagingServiceSid,
      State: "active",
    });
    const sms = { "MessagingBinding.Address": ALICE, "MessagingBinding.ProxyAddress": phoneNumber, "MessagingBinding.Type": "SMS" };
    expect(parametersOf("onParticipantAdded")).toMatchObject({ ParticipantSid: handset.sid, ConversationSid: sid, ...sms });
    expect(parametersOf("onParticipantAdded")).not.toHaveProperty("Identity");
    expect(parametersOf("onParticipantAdded", 1)).toMatchObject({
      Identity: "alice",
      "MessagingBinding.Type": "CHAT",
      RoleSid: chat.roleSid,
    });
    expect(parametersOf("onMessageAdded")).toMatchObject({
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
    expect(parametersOf("onDeliveryUpdated")).toMatchObject({
      ...receipt,
      Status: "sent",
      ChannelMessageSid: expect.stringMatching(/^SM/),
    });
    expect(parametersOf("onDeliveryUpdated", 1)).toMatchObject({ ...receipt, Status: "delivered" });
    expect(parametersOf("onMessageUpdated")).toMatchObject({ Body: "edited", DateUpdated: expect.any(String) });
    expect(parametersOf("onMessageRemoved")).toMatchObject({ MessageSid: message.sid, DateRemoved: expect.any(String) });
    expect(parametersOf("onParticipantUpdated")).toMatchObject({ LastReadMessageIndex: "0" });
    expect(parametersOf("onUserUpdated")).toMatchObject({ Identity: "alice", FriendlyName: "Alice", ChatServiceSid: chatServiceSid });
    expect(parametersOf("onConversationStateUpdated")).toMatchObject({ StateFrom: "active", StateTo: "closed", Reason: "API" });
    expect(parametersOf("onConversationRemoved")).toMatchObject({ ConversationSid: sid, DateRemoved: expect.any(String) });
  });

  it("has its parameters in the query if the method is GET", async () => {
    await configureWebhooks(["onMessageAdded"], { method: "GET", postWebhookUrl: `${receiver.url}/get?key=a%20b` });
    const { conversation } = await conversationWithHandset(twilio);
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "a=1&b=2 + ü" });
    const [request] = await receiver.waitFor(1);
    expect(request).toMatchObject({ method: "GET", path: "/get", parameters: { key: "a b", Body: "a=1&b=2 + ü" } });
    expect(request?.isSigned(twilio.emulator.authToken)).toBe(true);
  });

  it("goes to the webhooks of account, service and conversation, according to their filters", async () => {
    await configureWebhooks(["onMessageAdded"]);
    const { sid: serviceSid } = await twilio.conversations.services.create({ friendlyName: "x" });
    const service = twilio.conversations.services(serviceSid);
    await service.configuration.webhooks().update({
      postWebhookUrl: `${receiver.url}/service`,
      filters: ["onMessageAdded", "onMessageRemoved"],
    });
    const conversation = service.conversations((await service.conversations.create()).sid);
    const webhook = await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": `${receiver.url}/scoped`,
      "configuration.filters": ["onMessageRemoved", "onConversationRemoved"],
    });
    const { sid } = await conversation.messages.create({ ...WITH_WEBHOOKS, body: "hi" });
    await conversation.messages(sid).remove(WITH_WEBHOOKS);
    await conversation.remove(WITH_WEBHOOKS);
    await receiver.waitFor(5);
    const receivedAt = (path: string) => receiver.received.filter((request) => request.path === path).map(({ parameters }) => parameters);
    expect(receivedAt("/account").map(({ EventType }) => EventType)).toEqual(["onMessageAdded"]);
    expect(receivedAt("/service").map(({ EventType }) => EventType)).toEqual(["onMessageAdded", "onMessageRemoved"]);
    expect(receivedAt("/scoped").map(({ EventType }) => EventType)).toEqual(["onMessageRemoved", "onConversationRemoved"]);
    expect(receivedAt("/scoped")[0]).toMatchObject({ WebhookSid: webhook.sid });
    // The account's webhook also covers the conversations of other services.
    const elsewhere = twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
    await elsewhere.messages.create({ ...WITH_WEBHOOKS, body: "hi" });
    expect((await receiver.waitFor(6)).at(-1)).toMatchObject({ path: "/account" });
    expect((await finishedDeliveries(twilio.control)).length).toBe(6);
  });

  it("is signed with the auth token of the account that owns it", async () => {
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    await theirs.conversations.configuration.webhooks().update({ postWebhookUrl: receiver.url, filters: ["onConversationAdded"] });
    await twilio.conversations.conversations.create(WITH_WEBHOOKS);
    await theirs.conversations.conversations.create(WITH_WEBHOOKS);
    const [request] = await receiver.waitFor(1);
    expect(request?.parameters.AccountSid).toBe(sub.sid);
    expect(request?.isSigned(sub.authToken)).toBe(true);
    expect(await finishedDeliveries(twilio.control)).toHaveLength(1);
  });
});

describe("a change", () => {
  it("is reported if a handset, a timer or a delivery caused it, and for REST only on request", async () => {
    await configureWebhooks(POST_EVENTS);
    const { conversation, phoneNumber } = await conversationWithHandset(twilio);
    await conversation.messages.create({ xTwilioWebhookEnabled: "false", body: "quiet" });
    await twilio.control.advance(0);
    await receiver.waitFor(2);
    expect(receiver.events()).toEqual(["onDeliveryUpdated", "onDeliveryUpdated"]);
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "loud" });
    await twilio.control.advance(0);
    await receiver.waitFor(5);
    expect(receiver.events().slice(2)).toEqual(["onMessageAdded", "onDeliveryUpdated", "onDeliveryUpdated"]);
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    expect((await receiver.waitFor(6)).at(-1)?.parameters).toMatchObject({ EventType: "onMessageAdded", Source: "SMS", Author: ALICE });

    await conversation.update({ "timers.inactive": "PT1M" });
    await twilio.control.advance(61);
    expect((await receiver.waitFor(7)).at(-1)?.parameters).toMatchObject({ StateTo: "inactive", Reason: "TIMER" });
    // A text reactivates the conversation.
    await twilio.control.inbound(ALICE, phoneNumber, "still there?");
    await receiver.waitFor(9);
    expect(receiver.events().slice(7)).toEqual(["onConversationStateUpdated", "onMessageAdded"]);
    expect(receiver.received[7]?.parameters).toMatchObject({ StateTo: "active", Reason: "EVENT" });
  });

  it("is reported only on request for participants that Twilio adds asynchronously", async () => {
    await configureWebhooks(["onParticipantAdded", "onConversationStateUpdated"]);
    const participant = ['{"identity":"alice"}'];
    await twilio.conversations.conversationWithParticipants.create({ participant });
    await twilio.control.advance(0);
    await twilio.conversations.conversationWithParticipants.create({ ...WITH_WEBHOOKS, participant });
    await twilio.control.advance(0);
    await receiver.waitFor(2);
    expect((await finishedDeliveries(twilio.control)).map(({ event }) => event)).toEqual([
      "onParticipantAdded",
      "onConversationStateUpdated",
    ]);
  });

  it("is reported only if there is a URL and a filter for its event", async () => {
    const { conversation } = await conversationWithHandset(twilio);
    await twilio.conversations.configuration.webhooks().update({ filters: ["onMessageAdded"] });
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "no URL" });
    await configureWebhooks([""]);
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "no filter" });
    await configureWebhooks(["onMessageUpdated"]);
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "another filter" });
    expect(await deliveries(twilio.control)).toEqual([]);
  });
});

describe("the targets Flex, Studio and trigger", () => {
  it("are logged and not called", async () => {
    await configureWebhooks(["onMessageAdded"], { target: "flex" });
    const { conversation, phoneNumber } = await conversationWithHandset(twilio);
    await conversation.webhooks.create({ target: "studio", "configuration.flowSid": FLOW });
    await conversation.webhooks.create({
      target: "trigger",
      "configuration.url": receiver.url,
      "configuration.triggers": ["help", "agent"],
    });
    await twilio.control.inbound(ALICE, phoneNumber, "hello");
    expect((await deliveries(twilio.control)).map(({ target, outcome }) => `${target} ${outcome}`)).toEqual([
      "flex recorded",
      "studio recorded",
    ]);
    await twilio.control.inbound(ALICE, phoneNumber, "HELP me");
    const log = (await deliveries(twilio.control)).slice(2);
    expect(log.map(({ target }) => target)).toEqual(["flex", "studio", "trigger"]);
    expect(log[2]).toMatchObject({ event: "onMessageAdded", attempts: [], parameters: { Body: "HELP me" } });
    expect(receiver.received).toEqual([]);
  });
});

describe("a new webhook", () => {
  it("receives earlier messages if `replayAfter` is set, and only then", async () => {
    const { conversation, sid } = await conversationWithHandset(twilio);
    for (const body of ["a", "b", "c"]) await conversation.messages.create({ body });
    const webhook = { target: "webhook", "configuration.url": receiver.url, "configuration.filters": ["onMessageAdded"] } as const;
    const filters = { "configuration.filters": ["onMessageAdded"] };
    await conversation.webhooks.create({ ...webhook, ...filters });
    const replaying = await conversation.webhooks.create({ ...webhook, ...filters, "configuration.replayAfter": 1 });
    await receiver.waitFor(2);
    expect(receiver.received.map(({ parameters: { Body, WebhookSid } }) => `${Body} ${WebhookSid}`)).toEqual([
      `b ${replaying.sid}`,
      `c ${replaying.sid}`,
    ]);
    expect(await deliveries(twilio.control, `?conversationSid=${sid}`)).toHaveLength(2);
  });
});

describe("webhook settings", () => {
  it("survive a restart, including those of addresses and conversations", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "webhooks-"));
    onTestFinished(() => rmSync(stateDir, { recursive: true }));
    const first = await startEmulator({ stateDir });
    const before = connect(first);
    await before.conversations.configuration.webhooks().update({ postWebhookUrl: receiver.url, filters: ["onMessageAdded"] });
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
    expect((await receiver.waitFor(1))[0]?.parameters).toMatchObject({ EventType: "onMessageAdded", Body: "hi" });
    await second.close();
  });
});
