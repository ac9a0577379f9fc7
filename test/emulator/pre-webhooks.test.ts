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
import { connect, refusal } from "./support/client";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";
import { receiver } from "./support/receiver";

const twilio = useEmulator();
const hook = receiver();
const LOUD = { xTwilioWebhookEnabled: "true" } as const;
const EVENTS = [
  ...["onMessageAdd", "onMessageUpdate", "onMessageRemove", "onConversationAdd", "onConversationUpdate", "onConversationRemove"],
  ...["onParticipantAdd", "onParticipantUpdate", "onParticipantRemove", "onUserUpdate"],
];

const listen = (filters: string[], more: object = {}) =>
  twilio.conversations.configuration.webhooks().update({ preWebhookUrl: `${hook.url}/pre`, filters, ...more });

const answerWith = (answer: object) => {
  hook.answer = () => ({ body: JSON.stringify(answer), type: "application/json" });
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
    const { sid, chatServiceSid } = await twilio.conversations.conversations.create({ ...LOUD, friendlyName: "Hello" });
    const here = twilio.conversations.conversations(sid);
    const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const { sid: handset } = await here.participants.create({ ...LOUD, ...pair });
    await here.participants(handset).update({ ...LOUD, attributes: '{"a":1}' });
    const { sid: message } = await here.messages.create({ ...LOUD, author: ALICE, body: "hi" });
    await here.messages(message).update({ ...LOUD, body: "ho" });
    await here.messages(message).remove(LOUD);
    await here.participants(handset).remove(LOUD);
    await twilio.conversations.users.create({ identity: "alice" });
    await twilio.conversations.users("alice").update({ ...LOUD, friendlyName: "Alice" });
    await here.update({ ...LOUD, friendlyName: "Hello again" });
    await here.remove(LOUD);
    expect(hook.events()).toEqual([
      ...["onConversationAdd", "onParticipantAdd", "onParticipantUpdate", "onMessageAdd", "onMessageUpdate", "onMessageRemove"],
      ...["onParticipantRemove", "onUserUpdate", "onConversationUpdate", "onConversationRemove"],
    ]);
    expect(hook.received.every(({ isSigned }) => isSigned(twilio.emulator.authToken))).toBe(true);
    expect(await outcomes()).toEqual(EVENTS.map(() => "accepted"));
    const said = (event: string) => hook.received.find(({ parameters }) => parameters.EventType === event)?.parameters ?? {};
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
    const { sid } = await twilio.conversations.conversations.create({ ...LOUD, friendlyName: "Hello", uniqueName: "hello" });
    const here = twilio.conversations.conversations(sid);
    expect(await here.fetch()).toMatchObject({ friendlyName: "Amended", uniqueName: "hello" });
    answerWith({ body: "[redacted]", author: "filter", attributes: '{"filtered":true}', index: 7 });
    const message = await here.messages.create({ ...LOUD, author: "alice", body: "secret" });
    const amended = { body: "[redacted]", author: "filter", attributes: '{"filtered":true}' };
    expect(message).toMatchObject({ ...amended, index: 0 });
    answerWith({ body: "amended again" });
    expect(await here.messages(message.sid).update({ ...LOUD, body: "x", author: "bob" })).toMatchObject({
      body: "amended again",
      author: "bob",
      attributes: '{"filtered":true}',
    });
    answerWith({ friendly_name: "Amended again" });
    expect(await here.update({ ...LOUD, attributes: '{"a":1}' })).toMatchObject({ friendlyName: "Amended again", attributes: '{"a":1}' });
    expect(await outcomes()).toEqual(["amended", "amended", "amended", "amended"]);
  });

  it("is made as it is when the answer says nothing of use", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    for (const body of ["{}", "", "ok", "null", "[]", '{"body":5}']) {
      hook.answer = () => ({ body });
      expect(await here.messages.create({ ...LOUD, body: "as it is" })).toMatchObject({ body: "as it is" });
    }
    expect(await outcomes()).toEqual(Array(6).fill("accepted"));
  });

  it("is refused by any error, and leaves no trace", async () => {
    await listen(EVENTS);
    const here = await open();
    for (const status of [400, 403, 500, 503]) {
      hook.answer = () => ({ status });
      expect(await refusal(here.messages.create({ ...LOUD, body: "no" }))).toMatchObject({ status: 403, code: 50056 });
    }
    expect(await refusal(here.update({ ...LOUD, friendlyName: "no" }))).toMatchObject({ code: 50056 });
    expect(await refusal(here.remove(LOUD))).toMatchObject({ code: 50056 });
    expect(await refusal(twilio.conversations.conversations.create({ ...LOUD, uniqueName: "no" }))).toMatchObject({ code: 50056 });
    expect(await refusal(here.participants.create({ ...LOUD, identity: "alice" }))).toMatchObject({ code: 50056 });
    // A refusal is an answer: nobody is asked twice.
    expect(hook.received).toHaveLength(8);
    expect(await outcomes()).toEqual(Array(8).fill("rejected"));
    expect(await here.messages.list()).toEqual([]);
    expect(await here.participants.list()).toEqual([]);
    expect(await twilio.conversations.users.list()).toEqual([]);
    expect(await twilio.conversations.conversations.list()).toHaveLength(1);
    expect(await here.fetch()).toMatchObject({ friendlyName: null });
    hook.answer = () => undefined;
    expect(await here.messages.create({ ...LOUD, body: "yes" })).toMatchObject({ index: 0 });
  });

  it("is made when nobody answers", async () => {
    await listen(["onMessageAdd"], { preWebhookUrl: "http://127.0.0.1:9/" });
    const here = await open();
    expect(await here.messages.create({ ...LOUD, body: "anyway" })).toMatchObject({ body: "anyway" });
    expect(await outcomes()).toEqual(["unanswered"]);
  });

  it("is given up when everything is forgotten meanwhile", async () => {
    await listen(EVENTS);
    hook.answer = () => "never";
    const asked = refusal(twilio.conversations.conversations.create({ ...LOUD, friendlyName: "Of the time before" }));
    await hook.until(1);
    await twilio.emulator.reset();
    expect(await asked).toMatchObject({ status: 404, code: 20404 });
    expect(await twilio.conversations.conversations.list()).toEqual([]);
  });

  it("waits five seconds for the answer, and holds up nothing else meanwhile", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    hook.answer = () => "never";
    const before = performance.now();
    const slow = here.messages.create({ ...LOUD, body: "slow" });
    await hook.until(1);
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
    hook.answer = async () => {
      await here.remove();
      return {};
    };
    expect(await refusal(here.messages.create({ ...LOUD, body: "late" }))).toMatchObject({ status: 404, code: 20404 });
  });

  it("must be valid before anyone is asked, and after", async () => {
    await listen(["onMessageAdd", "onConversationAdd"]);
    const here = await open();
    expect(await refusal(here.messages.create({ ...LOUD, body: "" }))).toMatchObject({ code: 50503 });
    expect(hook.received).toEqual([]);
    answerWith({ attributes: "{" });
    expect(await refusal(here.messages.create({ ...LOUD, body: "x" }))).toMatchObject({ code: 50304 });
    answerWith({ body: "x".repeat(33 * 1024) });
    expect(await refusal(here.messages.create({ ...LOUD, body: "x" }))).toMatchObject({ code: 50504 });
    answerWith({ friendly_name: "x".repeat(257) });
    expect(await refusal(twilio.conversations.conversations.create(LOUD))).toMatchObject({ code: 50003 });
    expect(await here.messages.list()).toEqual([]);
  });
});

describe("who is asked", () => {
  it("is nobody for REST without the header, another filter or a plain fetch", async () => {
    await listen(["onMessageAdd"]);
    const here = await open();
    await here.messages.create({ body: "quiet" });
    await here.update({ ...LOUD, friendlyName: "x" });
    await here.fetch();
    await twilio.conversations.configuration.webhooks().update({ preWebhookUrl: "", postWebhookUrl: `${hook.url}/post` });
    await here.messages.create({ ...LOUD, body: "no URL" });
    expect(await outcomes()).toEqual([]);
  });

  it("is the account, then the service, which hears what the account amended", async () => {
    await listen(["onMessageAdd"]);
    const { sid } = await twilio.conversations.services.create({ friendlyName: "x" });
    const service = twilio.conversations.services(sid);
    await service.configuration.webhooks().update({ preWebhookUrl: `${hook.url}/service`, filters: ["onMessageAdd"], method: "GET" });
    const here = service.conversations((await service.conversations.create()).sid);
    hook.answer = ({ path, parameters }) => ({
      body: JSON.stringify(
        path === "/pre" ? { body: `${parameters.Body}+account`, author: "account" } : { body: `${parameters.Body}+service` },
      ),
    });
    expect(await here.messages.create({ ...LOUD, body: "x", author: "alice" })).toMatchObject({
      body: "x+account+service",
      author: "account",
    });
    expect(hook.received.map(({ method, path, parameters }) => `${method} ${path} ${parameters.Author}`)).toEqual([
      "POST /pre alice",
      "GET /service account",
    ]);
    hook.answer = ({ path }) => ({ status: path === "/pre" ? 400 : 200 });
    expect(await refusal(here.messages.create({ ...LOUD, body: "x" }))).toMatchObject({ code: 50056 });
    expect(hook.received).toHaveLength(3);
  });

  it("is each account by itself", async () => {
    await listen(["onConversationAdd"]);
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    await theirs.conversations.conversations.create(LOUD);
    expect(hook.received).toEqual([]);
  });
});

describe("a user of the SDK", () => {
  it("is asked about and told of without asking for it, by name", async () => {
    const domain = new Domain({ credentials: credentialsOf("sdk") });
    domain.begin();
    const webhooks = new Webhooks(domain);
    onTestFinished(() => webhooks.close());
    const { accountSid, authToken } = domain.credentials;
    const form = new URLSearchParams({ PreWebhookUrl: hook.url, PostWebhookUrl: hook.url, Filters: "onConversationAdd" });
    form.append("Filters", "onConversationAdded");
    domain.transact(() => updateWebhookConfiguration(domain.scope(accountSid), accountSid, new Params(form.toString())));
    const alice = domain.scope(accountSid, { source: "SDK", webhooksEnabled: false, clientIdentity: "alice" });
    answerWith({ friendly_name: "Amended" });
    const create = () => perform({ domain, webhooks }, alice, (at) => createConversation(at, defaultService(at), { friendlyName: "x" }));
    const { sid } = await create();
    expect(domain.conversations.get(sid)).toMatchObject({ friendlyName: "Amended", createdBy: "alice" });
    await hook.until(2);
    expect(hook.events()).toEqual(["onConversationAdd", "onConversationAdded"]);
    for (const { parameters, isSigned } of hook.received) {
      expect(parameters).toMatchObject({ Source: "SDK", ClientIdentity: "alice" });
      expect(isSigned(authToken)).toBe(true);
    }
    hook.answer = () => ({ status: 400 });
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
    expect(hook.received[0]?.parameters).toMatchObject({ Source: "SMS", Body: "rude words", Author: ALICE });
    expect((await here.messages.list()).map(({ body }) => body)).toEqual(["kinder words"]);
    await twilio.control.advance(0);
    expect(await twilio.control.outbox(BOB)).toMatchObject([{ body: "kinder words" }]);
    hook.answer = () => ({ status: 403 });
    const lost = await twilio.control.inbound(ALICE, phoneNumber, "worse words");
    expect(lost).toMatchObject({ routedTo: "nowhere" });
    expect(await here.messages.list()).toHaveLength(1);
    expect(await twilio.api.messages(String(lost.smsSid)).fetch()).toMatchObject({ body: "worse words", status: "received" });
    expect(await twilio.control.outbox()).toHaveLength(1);
  });
});
