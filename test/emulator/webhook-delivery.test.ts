import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { useEmulator } from "./support/emulator";
import { runScript } from "./support/process";
import { useReceiver } from "./support/receiver";
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

const configureWebhooks = (filters: string[], more?: object) => configurePostWebhooks(twilio, receiver, filters, more);

describe("a failing receiver", () => {
  it("is retried after a temporary failure, but not after 404", async () => {
    await configureWebhooks(["onMessageAdded"]);
    const { conversation } = await conversationWithHandset(twilio);
    receiver.respond = ({ parameters }) => ({ status: parameters.Body === "busy" && parameters.RetryCount === "0" ? 503 : 200 });
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "busy" });
    await receiver.waitFor(2);
    const [first, second] = receiver.received;
    expect(second?.parameters).toMatchObject({ Body: "busy", RetryCount: "1" });
    expect(second?.headers["i-twilio-idempotency-token"]).toBe(first?.headers["i-twilio-idempotency-token"]);
    expect(second?.isSigned(twilio.emulator.authToken)).toBe(true);
    receiver.respond = () => ({ status: 404 });
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "no" });
    const log = await finishedDeliveries(twilio.control);
    expect(log[0]).toMatchObject({ outcome: "delivered", attempts: [{ status: 503, error: null }, { status: 200 }] });
    expect(log[1]).toMatchObject({ outcome: "failed", attempts: [{ status: 404 }] });
    expect(await deliveries(twilio.control, "?status=failed")).toEqual([log[1]]);
  });

  it("is retried according to the connection overrides in its URL", async () => {
    const { conversation } = await conversationWithHandset(twilio);
    receiver.respond = () => ({ status: 500 });
    for (const fragment of ["rc=2&rp=5xx", "rc=0", "rc=1&rp=4xx", "rc=1&rp=all"]) {
      await configureWebhooks(["onMessageAdded"], { postWebhookUrl: `${receiver.url}/receiver#${fragment}` });
      await conversation.messages.create({ ...WITH_WEBHOOKS, body: fragment });
      await finishedDeliveries(twilio.control);
    }
    expect((await deliveries(twilio.control)).map(({ attempts }) => attempts.length)).toEqual([3, 1, 1, 2]);
    expect(receiver.received.every(({ path, isSigned }) => path === "/receiver" && isSigned(twilio.emulator.authToken))).toBe(true);
  });

  it("is logged with its error: connection refused, no response, or connection reset", async () => {
    const { conversation } = await conversationWithHandset(twilio);
    receiver.respond = ({ path }) => (path === "/reset" ? "reset" : "never");
    const urls = ["http://127.0.0.1:9/", `${receiver.url}/never#rt=100&rc=0`, `${receiver.url}/reset#rc=0`];
    for (const postWebhookUrl of urls) {
      await configureWebhooks(["onMessageAdded"], { postWebhookUrl });
      await conversation.messages.create({ ...WITH_WEBHOOKS, body: "x" });
    }
    const log = await finishedDeliveries(twilio.control);
    expect(log.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "failed"]);
    const errors = log.map(({ attempts }) => attempts.map(({ error }) => error));
    expect(errors).toEqual([
      [expect.stringContaining("ECONNREFUSED"), expect.stringContaining("ECONNREFUSED")],
      ["no response within 100 ms"],
      [expect.stringMatching(/hang up|ECONNRESET/)],
    ]);
  });

  it("delays neither the API nor other receivers, and gets the events in order", async () => {
    await configureWebhooks(["onMessageAdded"], { postWebhookUrl: `${receiver.url}/slow` });
    const { conversation } = await conversationWithHandset(twilio);
    await conversation.webhooks.create({
      target: "webhook",
      "configuration.url": `${receiver.url}/fast`,
      "configuration.filters": ["onMessageAdded"],
    });
    let fails = 1;
    receiver.respond = ({ path }) => (path === "/slow" && fails-- > 0 ? { status: 503 } : undefined);
    const bodies = Array.from({ length: 20 }, (_, index) => String(index));
    for (const body of bodies) await conversation.messages.create({ ...WITH_WEBHOOKS, body });
    await receiver.waitFor(41);
    const receivedAt = (path: string) =>
      receiver.received.filter((request) => request.path === path).map(({ parameters }) => parameters.Body);
    expect(receivedAt("/fast")).toEqual(bodies);
    expect(receivedAt("/slow")).toEqual(["0", ...bodies]);
  });
});

describe("closing the emulator", () => {
  const started: { close(): Promise<void> }[] = [];
  afterEach(() => Promise.all(started.splice(0).map((emulator) => emulator.close())));

  it("does not wait for a receiver that never responds", async () => {
    const emulator = await startEmulator({ seed: "closing" });
    started.push(emulator);
    receiver.respond = () => "never";
    const { conversations } = connect(emulator);
    await conversations.configuration.webhooks().update({ postWebhookUrl: receiver.url, filters: ["onConversationAdded"] });
    await conversations.conversations.create(WITH_WEBHOOKS);
    await receiver.waitFor(1);
    const before = performance.now();
    await emulator.close();
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it("is not necessary for a program with an attached emulator to exit, even while a receiver is slow", async () => {
    receiver.respond = () => "never";
    const folder = mkdtempSync(join(tmpdir(), "webhooks-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const child = runScript(`
      const { url, accountSid, authToken } = await attachEmulator(${JSON.stringify(folder)});
      const authorization = "Basic " + Buffer.from(accountSid + ":" + authToken).toString("base64");
      const post = (path, form) => fetch(url + "/conversations.twilio.com/v1" + path, {
        method: "POST", body: new URLSearchParams(form), headers: { authorization, "x-twilio-webhook-enabled": "true" },
      });
      await post("/Configuration/Webhooks", { PostWebhookUrl: ${JSON.stringify(receiver.url)}, Filters: "onConversationAdded" });
      await post("/Conversations", {});
      await fetch(url + "/_emulator/webhooks").then((response) => response.json()).then(({ deliveries }) => print(deliveries[0]));
    `);
    expect(await child.firstLine).toMatchObject({ event: "onConversationAdded", outcome: "pending" });
    const before = performance.now();
    expect(await child.exitCode).toBe(0);
    expect(performance.now() - before).toBeLessThan(4000);
  });

  it("waits for deliveries in progress", async () => {
    const emulator = await startEmulator({ seed: "closing" });
    started.push(emulator);
    const { conversations } = connect(emulator);
    await conversations.configuration.webhooks().update({ postWebhookUrl: receiver.url, filters: ["onConversationAdded"] });
    await Promise.all([1, 2, 3].map(() => conversations.conversations.create(WITH_WEBHOOKS)));
    await emulator.close();
    expect(receiver.received).toHaveLength(3);
  });
});

describe("the control plane", () => {
  it("has a delivery log that can be filtered and cleared, without secrets", async () => {
    await configureWebhooks(["onMessageAdded", "onParticipantAdded"], { postWebhookUrl: receiver.url.replace("//", "//user:pa55word@") });
    const { conversation, sid } = await conversationWithHandset(twilio);
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "hi" });
    await conversation.participants.create({ ...WITH_WEBHOOKS, identity: "alice" });
    await twilio.conversations
      .conversations((await twilio.conversations.conversations.create()).sid)
      .messages.create({ ...WITH_WEBHOOKS, body: "x" });
    const log = await finishedDeliveries(twilio.control);
    expect(log).toHaveLength(3);
    expect(receiver.received[0]?.headers.authorization).toMatch(/^Basic /);
    expect(receiver.received[0]?.isSigned(twilio.emulator.authToken)).toBe(true);
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
    expect(await deliveries(twilio.control, `?conversationSid=${sid}`)).toEqual(log.slice(0, 2));
    expect(await deliveries(twilio.control, `?conversationSid=${sid}&event=onParticipantAdded`)).toEqual([log[1]]);
    await twilio.control.ok("DELETE", "webhooks");
    expect(await deliveries(twilio.control)).toEqual([]);
  });

  it("announces each finished delivery", async () => {
    const stop = new AbortController();
    const response = await fetch(`${twilio.emulator.url}/_emulator/events`, { signal: stop.signal });
    await configureWebhooks(["onMessageAdded"]);
    const { conversation } = await conversationWithHandset(twilio);
    await conversation.messages.create({ ...WITH_WEBHOOKS, body: "hi" });
    let text = "";
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (/event: webhookDelivered\n.*\n\n/.test(text)) break;
    }
    stop.abort();
    const data = JSON.parse(/event: webhookDelivered\ndata: (.*)/.exec(text)?.[1] ?? "{}");
    expect(data).toMatchObject({ event: "webhookDelivered", data: { delivery: { event: "onMessageAdded", outcome: "delivered" } } });
  });

  it("triggers any event", async () => {
    await configureWebhooks(POST_EVENTS);
    const { conversation, sid, handset } = await conversationWithHandset(twilio);
    const message = await conversation.messages.create({ author: "alice", body: "hi" });
    await twilio.control.advance(0);
    await finishedDeliveries(twilio.control);
    await twilio.control.ok("DELETE", "webhooks");
    receiver.received.length = 0;
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
    expect(receiver.events()).toEqual([
      ...["onMessageAdded", "onMessageAdded", "onParticipantAdded", "onConversationRemoved"],
      ...["onConversationStateUpdated", "onDeliveryUpdated"],
    ]);
    // A trigger calls webhooks and changes nothing else.
    expect(await conversation.messages.list()).toHaveLength(1);

    expect(await trigger({ event: "onUnknownEvent", conversationSid: sid })).toMatchObject({ status: 400 });
    expect(await trigger({ event: "onMessageAdded" })).toMatchObject({ status: 400 });
    expect(await trigger({ event: "onMessageAdded", messageSid: `IM${"0".repeat(32)}` })).toMatchObject({ status: 404 });
    await configureWebhooks([]);
    await twilio.conversations.configuration.webhooks().update({ filters: [""] });
    expect(await trigger({ event: "onMessageAdded", messageSid: message.sid })).toMatchObject({ status: 404 });
  });

  it("clears the log and the queued deliveries on reset", async () => {
    await configureWebhooks(["onConversationAdded"]);
    receiver.respond = () => (receiver.received.length === 1 ? "never" : undefined);
    for (const friendlyName of ["a", "b", "c"]) await twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName });
    await receiver.waitFor(1);
    await new Control(twilio.emulator.url).ok("POST", "reset");
    expect(await deliveries(twilio.control)).toEqual([]);
    await configureWebhooks(["onConversationAdded"]);
    await twilio.conversations.conversations.create({ ...WITH_WEBHOOKS, friendlyName: "d" });
    await finishedDeliveries(twilio.control);
    expect(receiver.received.map(({ parameters }) => parameters.FriendlyName)).toEqual(["a", "d"]);
    await twilio.control.ok("POST", "reset");
    expect(await twilio.conversations.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: null });
  });
});
