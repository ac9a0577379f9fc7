import { describe, expect, it, onTestFinished } from "vitest";
import { credentialsOf } from "../../src/emulator/credentials";
import { Domain } from "../../src/emulator/domain";
import { Params } from "../../src/emulator/http/params";
import { createConversation } from "../../src/emulator/resources/conversation";
import { defaultService } from "../../src/emulator/resources/service";
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

const listen = (filters: string[], more: object = {}) =>
  twilio.conversations.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/pre`, filters, ...more });

const answerWith = (answer: object) => {
  receiver.respond = () => ({ body: JSON.stringify(answer), type: "application/json" });
};

async function outcomes(): Promise<string[]> {
  return ((await twilio.control.ok("GET", "webhooks")).deliveries as Delivery[]).map(({ outcome }) => outcome);
}

async function open() {
  return twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);
}

describe("a change that is asked about", () => {
  it("is described before it is made, by what is known then", async () => {
    await listen(EVENTS);
    const { phoneNumber } = await buyNumber(twilio);
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "Hello" });
    const here = twilio.conversations.conversations(sid);
    const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const { sid: handset } = await here.participants.create({ ...WITH_WEBHOOKS, ...pair });
    await here.participants(handset).update({ ...WITH_WEBHOOKS, attributes: '{"a":1}' });
    const { sid: message } = await here.messages.create({ ...WITH_WEBHOOKS, author: ALICE, body: "hi" });
    await here.messages(message).update({ ...WITH_WEBHOOKS, body: "ho" });
    await here.messages(message).remove(WITH_WEBHOOKS);
    await here.participants(handset).remove(WITH_WEBHOOKS);
    await twilio.conversations.users.create({ identity: "alice" });
    await twilio.conversations.users("alice").update({ ...WITH_WEBHOOKS, friendlyName: "Alice" });
    await here.update({ ...WITH_WEBHOOKS, friendlyName: "Hello again" });
    await here.remove(WITH_WEBHOOKS);
    expect(receiver.events()).toEqual([
      ...["onConversationAdd", "onParticipantAdd", "onParticipantUpdate", "onMessageAdd", "onMessageUpdate", "onMessageRemove"],
      ...["onParticipantRemove", "onUserUpdate", "onConversationUpdate", "onConversationRemove"],
    ]);
    expect(receiver.received.every(({ isSigned }) => isSigned(twilio.emulator.authToken))).toBe(true);
    expect(await outcomes()).toEqual(EVENTS.map(() => "accepted"));
    const said = (event: string) => receiver.received.find(({ parameters }) => parameters.EventType === event)?.parameters ?? {};
    expect(said("onConversationAdd")).toMatchObject({ FriendlyName: "Hello", ChatServiceSid: chatServiceSid, State: "active" });
    expect(said("onConversationAdd")).not.toHaveProperty("ConversationSid");
    expect(said("onParticipantAdd")).toMatchObject({ ConversationSid: sid, "MessagingBinding.Address": ALICE });
    expect(said("onParticipantAdd")).not.toHaveProperty("ParticipantSid");
    expect(said("onMessageAdd")).toMatchObject({ ConversationSid: sid, Body: "hi", Author: ALICE, ParticipantSid: handset });
    expect(said("onMessageAdd")).not.toHaveProperty("MessageSid");
    expect(said("onMessageUpdate")).toMatchObject({ MessageSid: message, Body: "ho", Index: "0" });
    expect(said("onConversationRemove")).not.toHaveProperty("DateRemoved");
  });

  it("is made as amended", async () => {
    await listen(EVENTS);
    answerWith({ friendly_name: "Amended", unique_name: "ignored", body: "ignored" });
    const { sid } = await twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "Hello", uniqueName: "hello" });
    const here = twilio.conversations.conversations(sid);
    expect(await here.fetch()).toMatchObject({ friendlyName: "Amended", uniqueName: "hello" });
    answerWith({ body: "[redacted]", author: "filter", attributes: '{"filtered":true}', index: 7 });
    const message = await here.messages.create({ ...WITH_WEBHOOKS, author: "alice", body: "secret" });
    const amended = { body: "[redacted]", author: "filter", attributes: '{"filtered":true}' };
    expect(message).toMatchObject({ ...amended, index: 0 });
    answerWith({ body: "amended again" });
    expect(await here.messages(message.sid).update({ ...WITH_WEBHOOKS, body: "x", author: "bob" })).toMatchObject({
      body: "amended again",
      author: "bob",
      attributes: '{"filtered":true}',
    });
    answerWith({ friendly_name: "Amended again" });
    expect(await here.update({ ...WITH_WEBHOOKS, attributes: '{"a":1}' })).toMatchObject({
      friendlyName: "Amended again",
      attributes: '{"a":1}',
    });
    expect(await outcomes()).toEqual(["amended", "amended", "amended", "amended"]);
  });

  it("is made as it is when the answer says nothing of use", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    for (const body of ["{}", "", "ok", "null", "[]", '{"body":5}']) {
      receiver.respond = () => ({ body });
      expect(await here.messages.create({ ...WITH_WEBHOOKS, body: "as it is" })).toMatchObject({ body: "as it is" });
    }
    expect(await outcomes()).toEqual(Array(6).fill("accepted"));
  });

  it("is refused by any error, and leaves no trace", async () => {
    await listen(EVENTS);
    const here = await open();
    for (const status of [400, 403, 500, 503]) {
      receiver.respond = () => ({ status });
      expect(await errorOf(here.messages.create({ ...WITH_WEBHOOKS, body: "no" }))).toMatchObject({ status: 403, code: 50056 });
    }
    expect(await errorOf(here.update({ ...WITH_WEBHOOKS, friendlyName: "no" }))).toMatchObject({ code: 50056 });
    expect(await errorOf(here.remove(WITH_WEBHOOKS))).toMatchObject({ code: 50056 });
    expect(await errorOf(twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, uniqueName: "no" }))).toMatchObject({ code: 50056 });
    expect(await errorOf(here.participants.create({ ...WITH_WEBHOOKS, identity: "alice" }))).toMatchObject({ code: 50056 });
    // A refusal is an answer: nobody is asked twice.
    expect(receiver.received).toHaveLength(8);
    expect(await outcomes()).toEqual(Array(8).fill("rejected"));
    expect(await here.messages.list()).toEqual([]);
    expect(await here.participants.list()).toEqual([]);
    expect(await twilio.conversations.users.list()).toEqual([]);
    expect(await twilio.conversations.conversations.list()).toHaveLength(1);
    expect(await here.fetch()).toMatchObject({ friendlyName: null });
    receiver.respond = () => undefined;
    expect(await here.messages.create({ ...WITH_WEBHOOKS, body: "yes" })).toMatchObject({ index: 0 });
  });

  it("is made when nobody answers", async () => {
    await listen(["onMessageAdd"], { preWebhookUrl: "http://127.0.0.1:9/" });
    const here = await open();
    expect(await here.messages.create({ ...WITH_WEBHOOKS, body: "anyway" })).toMatchObject({ body: "anyway" });
    expect(await outcomes()).toEqual(["unanswered"]);
  });

  it("is given up when everything is forgotten meanwhile", async () => {
    await listen(EVENTS);
    receiver.respond = () => "never";
    const asked = errorOf(twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "Of the time before" }));
    await receiver.waitFor(1);
    await twilio.emulator.reset();
    expect(await asked).toMatchObject({ status: 404, code: 20404 });
    expect(await twilio.conversations.conversations.list()).toEqual([]);
  });

  it("waits five seconds for the answer, and holds up nothing else meanwhile", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    receiver.respond = () => "never";
    const before = performance.now();
    const slow = here.messages.create({ ...WITH_WEBHOOKS, body: "slow" });
    await receiver.waitFor(1);
    expect(await here.messages.create({ body: "quick" })).toMatchObject({ index: 0 });
    expect(await here.messages.list()).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(4500);
    expect(await slow).toMatchObject({ body: "slow", index: 1 });
    expect(performance.now() - before).toBeGreaterThan(4900);
    expect(await outcomes()).toEqual(["unanswered"]);
  });

  it("may meanwhile have become impossible", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    receiver.respond = async () => {
      await here.remove();
      return {};
    };
    expect(await errorOf(here.messages.create({ ...WITH_WEBHOOKS, body: "late" }))).toMatchObject({ status: 404, code: 20404 });
  });

  it("must be valid before anyone is asked, and after", async () => {
    await listen(["onMessageAdd", "onConversationAdd"]);
    const here = await open();
    expect(await errorOf(here.messages.create({ ...WITH_WEBHOOKS, body: "" }))).toMatchObject({ code: 50503 });
    expect(receiver.received).toEqual([]);
    answerWith({ attributes: "{" });
    expect(await errorOf(here.messages.create({ ...WITH_WEBHOOKS, body: "x" }))).toMatchObject({ code: 50304 });
    answerWith({ body: "x".repeat(33 * 1024) });
    expect(await errorOf(here.messages.create({ ...WITH_WEBHOOKS, body: "x" }))).toMatchObject({ code: 50504 });
    answerWith({ friendly_name: "x".repeat(257) });
    expect(await errorOf(twilio.conversations.conversations.create(WITH_WEBHOOKS))).toMatchObject({ code: 50003 });
    expect(await here.messages.list()).toEqual([]);
  });
});

describe("who is asked", () => {
  it("is nobody for REST without the header, another filter or a plain fetch", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    await here.messages.create({ body: "quiet" });
    await here.update({ ...WITH_WEBHOOKS, friendlyName: "x" });
    await here.fetch();
    await twilio.conversations.configuration.webhooks().update({ preWebhookUrl: "", postWebhookUrl: `${receiver.url}/post` });
    await here.messages.create({ ...WITH_WEBHOOKS, body: "no URL" });
    expect(await outcomes()).toEqual([]);
  });

  it("is the account, then the service, which hears what the account amended", async () => {
    await listen(["onMessageAdd"]);
    const { sid } = await twilio.conversations.services.create({ friendlyName: "x" });
    const service = twilio.conversations.services(sid);
    await service.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/service`, filters: ["onMessageAdd"], method: "GET" });
    const here = service.conversations((await service.conversations.create()).sid);
    receiver.respond = ({ path, parameters }) => ({
      body: JSON.stringify(
        path === "/pre" ? { body: `${parameters.Body}+account`, author: "account" } : { body: `${parameters.Body}+service` },
      ),
    });
    expect(await here.messages.create({ ...WITH_WEBHOOKS, body: "x", author: "alice" })).toMatchObject({
      body: "x+account+service",
      author: "account",
    });
    expect(receiver.received.map(({ method, path, parameters }) => `${method} ${path} ${parameters.Author}`)).toEqual([
      "POST /pre alice",
      "GET /service account",
    ]);
    receiver.respond = ({ path }) => ({ status: path === "/pre" ? 400 : 200 });
    expect(await errorOf(here.messages.create({ ...WITH_WEBHOOKS, body: "x" }))).toMatchObject({ code: 50056 });
    expect(receiver.received).toHaveLength(3);
  });

  it("is each account by itself", async () => {
    await listen(["onConversationAdd"]);
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    await theirs.conversations.conversations.create(WITH_WEBHOOKS);
    expect(receiver.received).toEqual([]);
  });
});

describe("a user of the SDK", () => {
  it("is asked about and told of without asking for it, by name", async () => {
    const domain = new Domain({ credentials: credentialsOf("sdk") });
    domain.begin();
    const webhooks = new Webhooks(domain);
    onTestFinished(() => webhooks.close());
    const { accountSid, authToken } = domain.credentials;
    const form = new URLSearchParams({ PreWebhookUrl: receiver.url, PostWebhookUrl: receiver.url, Filters: "onConversationAdd" });
    form.append("Filters", "onConversationAdded");
    domain.transact(() => updateWebhookConfiguration(domain.scope(accountSid), accountSid, new Params(form.toString())));
    const alice = domain.scope(accountSid, { source: "SDK", webhooksEnabled: false, clientIdentity: "alice" });
    answerWith({ friendly_name: "Amended" });
    const create = () => perform({ domain, webhooks }, alice, (at) => createConversation(at, defaultService(at), { friendlyName: "x" }));
    const { sid } = await create();
    expect(domain.conversations.get(sid)).toMatchObject({ friendlyName: "Amended", createdBy: "alice" });
    await receiver.waitFor(2);
    expect(receiver.events()).toEqual(["onConversationAdd", "onConversationAdded"]);
    for (const { parameters, isSigned } of receiver.received) {
      expect(parameters).toMatchObject({ Source: "SDK", ClientIdentity: "alice" });
      expect(isSigned(authToken)).toBe(true);
    }
    receiver.respond = () => ({ status: 400 });
    await expect(create()).rejects.toMatchObject({ code: 50056 });
    expect(domain.conversations.all()).toHaveLength(1);
  });
});

describe("a text of a handset", () => {
  it("can be amended, or refused and lost: the handset is told nothing", async () => {
    await listen(["onMessageAdd"]);
    const { phoneNumber } = await buyNumber(twilio);
    const here = await open();
    for (const address of [ALICE, BOB]) {
      await here.participants.create({ "messagingBinding.address": address, "messagingBinding.proxyAddress": phoneNumber });
    }
    answerWith({ body: "kinder words" });
    await twilio.control.inbound(ALICE, phoneNumber, "rude words");
    expect(receiver.received[0]?.parameters).toMatchObject({ Source: "SMS", Body: "rude words", Author: ALICE });
    expect((await here.messages.list()).map(({ body }) => body)).toEqual(["kinder words"]);
    await twilio.control.advance(0);
    expect(await twilio.control.outbox(BOB)).toMatchObject([{ body: "kinder words" }]);
    receiver.respond = () => ({ status: 403 });
    const lost = await twilio.control.inbound(ALICE, phoneNumber, "worse words");
    expect(lost).toMatchObject({ routedTo: "nowhere" });
    expect(await here.messages.list()).toHaveLength(1);
    expect(await twilio.api.messages(String(lost.smsSid)).fetch()).toMatchObject({ body: "worse words", status: "received" });
    expect(await twilio.control.outbox()).toHaveLength(1);
  });
});
