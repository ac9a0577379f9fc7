import { describe, expect, it, onTestFinished } from "vitest";
import { createDomain } from "../../src/emulator/create-domain";
import { credentialsOf } from "../../src/emulator/credentials";
import { Params } from "../../src/emulator/http/params";
import { defaultService } from "../../src/emulator/resources/configuration";
import { createConversation } from "../../src/emulator/resources/conversation";
import { conversationTable } from "../../src/emulator/resources/conversation-table";
import { updateWebhookConfiguration } from "../../src/emulator/resources/webhook-configuration";
import type { Delivery } from "../../src/emulator/webhooks/deliveries";
import { perform } from "../../src/emulator/webhooks/perform";
import { Webhooks } from "../../src/emulator/webhooks/webhooks";
import { connect, errorOf } from "./support/client";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";

const twilio = useEmulator();
const receiver = useReceiver();
const WITH_WEBHOOKS = { xTwilioWebhookEnabled: "true" } as const;
const EVENTS = [
  ...["onMessageAdd", "onMessageUpdate", "onMessageRemove", "onConversationAdd", "onConversationUpdate", "onConversationRemove"],
  ...["onParticipantAdd", "onParticipantUpdate", "onParticipantRemove", "onUserUpdate"],
];

const configureWebhooks = (filters: string[], more: object = {}) =>
  twilio.conversations.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/pre`, filters, ...more });

const respondWith = (response: object) => {
  receiver.respond = () => ({ body: JSON.stringify(response), type: "application/json" });
};

async function outcomes(): Promise<string[]> {
  return ((await twilio.control.ok("GET", "webhooks")).deliveries as Delivery[]).map(({ outcome }) => outcome);
}

async function newConversation() {
  return twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
}

describe("a change with a pre-webhook", () => {
  it("is described by the parameters that are known before the change", async () => {
    await configureWebhooks(EVENTS);
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "Hello" });
    const conversation = twilio.conversations.conversations(sid);
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const { sid: handset } = await conversation.participants.create({ ...WITH_WEBHOOKS, ...binding });
    await conversation.participants(handset).update({ ...WITH_WEBHOOKS, attributes: '{"a":1}' });
    const { sid: message } = await conversation.messages.create({ ...WITH_WEBHOOKS, author: ALICE, body: "hi" });
    await conversation.messages(message).update({ ...WITH_WEBHOOKS, body: "ho" });
    await conversation.messages(message).remove(WITH_WEBHOOKS);
    await conversation.participants(handset).remove(WITH_WEBHOOKS);
    await twilio.conversations.users.create({ identity: "alice" });
    await twilio.conversations.users("alice").update({ ...WITH_WEBHOOKS, friendlyName: "Alice" });
    await conversation.update({ ...WITH_WEBHOOKS, friendlyName: "Hello again" });
    await conversation.remove(WITH_WEBHOOKS);
    expect(receiver.events()).toEqual([
      ...["onConversationAdd", "onParticipantAdd", "onParticipantUpdate", "onMessageAdd", "onMessageUpdate", "onMessageRemove"],
      ...["onParticipantRemove", "onUserUpdate", "onConversationUpdate", "onConversationRemove"],
    ]);
    expect(receiver.received.every(({ isSigned }) => isSigned(twilio.emulator.authToken))).toBe(true);
    expect(await outcomes()).toEqual(EVENTS.map(() => "accepted"));
    const parametersOf = (event: string) => receiver.received.find(({ parameters }) => parameters.EventType === event)?.parameters ?? {};
    expect(parametersOf("onConversationAdd")).toMatchObject({ FriendlyName: "Hello", ChatServiceSid: chatServiceSid, State: "active" });
    expect(parametersOf("onConversationAdd")).not.toHaveProperty("ConversationSid");
    expect(parametersOf("onParticipantAdd")).toMatchObject({ ConversationSid: sid, "MessagingBinding.Address": ALICE });
    expect(parametersOf("onParticipantAdd")).not.toHaveProperty("ParticipantSid");
    expect(parametersOf("onMessageAdd")).toMatchObject({ ConversationSid: sid, Body: "hi", Author: ALICE, ParticipantSid: handset });
    expect(parametersOf("onMessageAdd")).not.toHaveProperty("MessageSid");
    expect(parametersOf("onMessageUpdate")).toMatchObject({ MessageSid: message, Body: "ho", Index: "0" });
    expect(parametersOf("onConversationRemove")).not.toHaveProperty("DateRemoved");
  });

  it("is made with the amendments from the response", async () => {
    await configureWebhooks(EVENTS);
    respondWith({ friendly_name: "Amended", unique_name: "ignored", body: "ignored" });
    const { sid } = await twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "Hello", uniqueName: "hello" });
    const conversation = twilio.conversations.conversations(sid);
    expect(await conversation.fetch()).toMatchObject({ friendlyName: "Amended", uniqueName: "hello" });
    respondWith({ body: "[redacted]", author: "filter", attributes: '{"filtered":true}', index: 7 });
    const message = await conversation.messages.create({ ...WITH_WEBHOOKS, author: "alice", body: "secret" });
    const amended = { body: "[redacted]", author: "filter", attributes: '{"filtered":true}' };
    expect(message).toMatchObject({ ...amended, index: 0 });
    respondWith({ body: "amended again" });
    expect(await conversation.messages(message.sid).update({ ...WITH_WEBHOOKS, body: "x", author: "bob" })).toMatchObject({
      body: "amended again",
      author: "bob",
      attributes: '{"filtered":true}',
    });
    respondWith({ friendly_name: "Amended again" });
    expect(await conversation.update({ ...WITH_WEBHOOKS, attributes: '{"a":1}' })).toMatchObject({
      friendlyName: "Amended again",
      attributes: '{"a":1}',
    });
    expect(await outcomes()).toEqual(["amended", "amended", "amended", "amended"]);
  });

  it("is made unmodified if the response contains no valid amendments", async () => {
    await configureWebhooks(["onMessageAdd"]);
    const conversation = await newConversation();
    for (const body of ["{}", "", "ok", "null", "[]", '{"body":5}']) {
      receiver.respond = () => ({ body });
      expect(await conversation.messages.create({ ...WITH_WEBHOOKS, body: "as it is" })).toMatchObject({ body: "as it is" });
    }
    expect(await outcomes()).toEqual(Array(6).fill("accepted"));
  });

  it("is rejected by any error status, without side effects", async () => {
    await configureWebhooks(EVENTS);
    const conversation = await newConversation();
    for (const status of [400, 403, 500, 503]) {
      receiver.respond = () => ({ status });
      expect(await errorOf(conversation.messages.create({ ...WITH_WEBHOOKS, body: "no" }))).toMatchObject({ status: 403, code: 50056 });
    }
    expect(await errorOf(conversation.update({ ...WITH_WEBHOOKS, friendlyName: "no" }))).toMatchObject({ code: 50056 });
    expect(await errorOf(conversation.remove(WITH_WEBHOOKS))).toMatchObject({ code: 50056 });
    expect(await errorOf(twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, uniqueName: "no" }))).toMatchObject({ code: 50056 });
    expect(await errorOf(conversation.participants.create({ ...WITH_WEBHOOKS, identity: "alice" }))).toMatchObject({ code: 50056 });
    // A rejection is a valid response, so it is not retried.
    expect(receiver.received).toHaveLength(8);
    expect(await outcomes()).toEqual(Array(8).fill("rejected"));
    expect(await conversation.messages.list()).toEqual([]);
    expect(await conversation.participants.list()).toEqual([]);
    expect(await twilio.conversations.users.list()).toEqual([]);
    expect(await twilio.conversations.conversations.list()).toHaveLength(1);
    expect(await conversation.fetch()).toMatchObject({ friendlyName: null });
    receiver.respond = () => undefined;
    expect(await conversation.messages.create({ ...WITH_WEBHOOKS, body: "yes" })).toMatchObject({ index: 0 });
  });

  it("is made if the receiver is unreachable", async () => {
    await configureWebhooks(["onMessageAdd"], { preWebhookUrl: "http://127.0.0.1:9/" });
    const conversation = await newConversation();
    expect(await conversation.messages.create({ ...WITH_WEBHOOKS, body: "anyway" })).toMatchObject({ body: "anyway" });
    expect(await outcomes()).toEqual(["unanswered"]);
  });

  it("fails if the emulator is reset meanwhile", async () => {
    await configureWebhooks(EVENTS);
    receiver.respond = () => "never";
    const pending = errorOf(twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "Before the reset" }));
    await receiver.waitFor(1);
    await twilio.emulator.reset();
    expect(await pending).toMatchObject({ status: 404, code: 20404 });
    expect(await twilio.conversations.conversations.list()).toEqual([]);
  });

  it("waits five seconds for the response and does not delay other requests", async () => {
    await configureWebhooks(["onMessageAdd"]);
    const conversation = await newConversation();
    receiver.respond = () => "never";
    const before = performance.now();
    const slow = conversation.messages.create({ ...WITH_WEBHOOKS, body: "slow" });
    await receiver.waitFor(1);
    expect(await conversation.messages.create({ body: "quick" })).toMatchObject({ index: 0 });
    expect(await conversation.messages.list()).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(4500);
    expect(await slow).toMatchObject({ body: "slow", index: 1 });
    expect(performance.now() - before).toBeGreaterThan(4900);
    expect(await outcomes()).toEqual(["unanswered"]);
  });

  it("fails if the pre-webhook makes it impossible", async () => {
    await configureWebhooks(["onMessageAdd"]);
    const conversation = await newConversation();
    receiver.respond = async () => {
      await conversation.remove();
      return {};
    };
    expect(await errorOf(conversation.messages.create({ ...WITH_WEBHOOKS, body: "late" }))).toMatchObject({ status: 404, code: 20404 });
  });

  it("is validated before and after the pre-webhook", async () => {
    await configureWebhooks(["onMessageAdd", "onConversationAdd"]);
    const conversation = await newConversation();
    expect(await errorOf(conversation.messages.create({ ...WITH_WEBHOOKS, body: "" }))).toMatchObject({ code: 50503 });
    expect(receiver.received).toEqual([]);
    respondWith({ attributes: "{" });
    expect(await errorOf(conversation.messages.create({ ...WITH_WEBHOOKS, body: "x" }))).toMatchObject({ code: 50304 });
    respondWith({ body: "x".repeat(33 * 1024) });
    expect(await errorOf(conversation.messages.create({ ...WITH_WEBHOOKS, body: "x" }))).toMatchObject({ code: 50504 });
    respondWith({ friendly_name: "x".repeat(257) });
    expect(await errorOf(twilio.conversations.conversations.create(WITH_WEBHOOKS))).toMatchObject({ code: 50003 });
    expect(await conversation.messages.list()).toEqual([]);
  });
});

describe("pre-webhooks", () => {
  it("are not called for REST without the header, without a matching filter, or for reads", async () => {
    await configureWebhooks(["onMessageAdd"]);
    const conversation = await newConversation();
    await conversation.messages.create({ body: "quiet" });
    await conversation.update({ ...WITH_WEBHOOKS, friendlyName: "x" });
    await conversation.fetch();
    await twilio.conversations.configuration.webhooks().update({ preWebhookUrl: "", postWebhookUrl: `${receiver.url}/post` });
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "no URL" });
    expect(await outcomes()).toEqual([]);
  });

  it("are called for the account, then for the service with the account's amendments", async () => {
    await configureWebhooks(["onMessageAdd"]);
    const { sid } = await twilio.conversations.services.create({ friendlyName: "x" });
    const service = twilio.conversations.services(sid);
    await service.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/service`, filters: ["onMessageAdd"], method: "GET" });
    const conversation = service.conversations((await service.conversations.create()).sid);
    receiver.respond = ({ path, parameters }) => ({
      body: JSON.stringify(
        path === "/pre" ? { body: `${parameters.Body}+account`, author: "account" } : { body: `${parameters.Body}+service` },
      ),
    });
    expect(await conversation.messages.create({ ...WITH_WEBHOOKS, body: "x", author: "alice" })).toMatchObject({
      body: "x+account+service",
      author: "account",
    });
    expect(receiver.received.map(({ method, path, parameters }) => `${method} ${path} ${parameters.Author}`)).toEqual([
      "POST /pre alice",
      "GET /service account",
    ]);
    receiver.respond = ({ path }) => ({ status: path === "/pre" ? 400 : 200 });
    expect(await errorOf(conversation.messages.create({ ...WITH_WEBHOOKS, body: "x" }))).toMatchObject({ code: 50056 });
    expect(receiver.received).toHaveLength(3);
  });

  it("are not called for changes in other accounts", async () => {
    await configureWebhooks(["onConversationAdd"]);
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    await theirs.conversations.conversations.create(WITH_WEBHOOKS);
    expect(receiver.received).toEqual([]);
  });
});

describe("a change by an SDK user", () => {
  it("is always reported to webhooks, with the user's identity", async () => {
    const domain = createDomain({ credentials: credentialsOf("sdk") });
    domain.initialize();
    const webhooks = new Webhooks(domain);
    onTestFinished(() => webhooks.close());
    const { accountSid, authToken } = domain.credentials;
    const form = new URLSearchParams({ PreWebhookUrl: receiver.url, PostWebhookUrl: receiver.url, Filters: "onConversationAdd" });
    form.append("Filters", "onConversationAdded");
    domain.transact(() => updateWebhookConfiguration(domain.scope(accountSid), accountSid, new Params(form.toString())));
    const alice = domain.scope(accountSid, { source: "SDK", webhooksEnabled: false, clientIdentity: "alice" });
    respondWith({ friendly_name: "Amended" });
    const create = () =>
      perform({ domain, webhooks }, alice, (scope) => createConversation(scope, defaultService(scope), { friendlyName: "x" }));
    const { sid } = await create();
    expect(conversationTable.in(domain).get(sid)).toMatchObject({ friendlyName: "Amended", createdBy: "alice" });
    await receiver.waitFor(2);
    expect(receiver.events()).toEqual(["onConversationAdd", "onConversationAdded"]);
    for (const { parameters, isSigned } of receiver.received) {
      expect(parameters).toMatchObject({ Source: "SDK", ClientIdentity: "alice" });
      expect(isSigned(authToken)).toBe(true);
    }
    receiver.respond = () => ({ status: 400 });
    await expect(create()).rejects.toMatchObject({ code: 50056 });
    expect(conversationTable.in(domain).all()).toHaveLength(1);
  });
});

describe("a text from a handset", () => {
  it("can be amended or rejected; a rejected text is dropped without a reply", async () => {
    await configureWebhooks(["onMessageAdd"]);
    const { phoneNumber } = await buyNumber(twilio);
    const conversation = await newConversation();
    for (const address of [ALICE, BOB]) {
      await conversation.participants.create({ "messagingBinding.address": address, "messagingBinding.proxyAddress": phoneNumber });
    }
    respondWith({ body: "kinder words" });
    await twilio.control.inbound(ALICE, phoneNumber, "rude words");
    expect(receiver.received[0]?.parameters).toMatchObject({ Source: "SMS", Body: "rude words", Author: ALICE });
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["kinder words"]);
    await twilio.control.advance(0);
    expect(await twilio.control.outbox(BOB)).toMatchObject([{ body: "kinder words" }]);
    receiver.respond = () => ({ status: 403 });
    const lost = await twilio.control.inbound(ALICE, phoneNumber, "worse words");
    expect(lost).toMatchObject({ routedTo: "nowhere" });
    expect(await conversation.messages.list()).toHaveLength(1);
    expect(await twilio.api.messages(String(lost.smsSid)).fetch()).toMatchObject({ body: "worse words", status: "received" });
    expect(await twilio.control.outbox()).toHaveLength(1);
  });
});
