import { describe, expect, it } from "vitest";
import { History } from "../../src/emulator/control/history";
import { EventBus } from "../../src/emulator/events";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";
import { nextEvent, openConversation, signIn } from "./support/sdk";
import { finishedDeliveries } from "./support/webhooks";

const twilio = useEmulator();
const receiver = useReceiver();

interface Entry {
  id: string;
  event: string;
  data: Record<string, Record<string, unknown>>;
}

const timeline = async (query: string): Promise<Entry[]> => (await twilio.control.ok("GET", `timeline?${query}`)).entries as Entry[];
const eventsOf = async (query: string) => (await timeline(query)).map(({ event }) => event);
const ofHandset = (handset: string) => `handset=${encodeURIComponent(handset)}`;

/** A number whose texts create conversations with a webhook. */
async function supportNumber() {
  const { phoneNumber } = await buyNumber(twilio);
  await twilio.conversations.addressConfigurations.create({
    type: "sms",
    address: phoneNumber,
    "autoCreation.enabled": true,
    "autoCreation.type": "webhook",
    "autoCreation.webhookUrl": `${receiver.url}/hook`,
    "autoCreation.webhookFilters": ["onMessageAdded"],
  });
  return phoneNumber;
}

describe("the timeline", () => {
  it("of a conversation has its text, autocreation, webhook with response, message, delivery and requests, and nothing of others", async () => {
    const phoneNumber = await supportNumber();
    receiver.respond = () => ({ status: 500, body: "no agent is free" });
    const { conversationSid } = await twilio.control.inbound(ALICE, phoneNumber, "help");
    await twilio.control.inbound(BOB, phoneNumber, "me too");
    await finishedDeliveries(twilio.control);
    await twilio.conversations.conversations(String(conversationSid)).messages.create({ body: "Hello" });
    await expect.poll(() => eventsOf(`conversationSid=${conversationSid}`)).toContain("receiptUpdated");
    const entries = await timeline(`conversationSid=${conversationSid}`);
    expect(entries.map(({ event }) => event)).toEqual([
      ...["conversationAdded", "scopedWebhookAdded", "participantAdded", "smsReceived", "textRouted", "messageAdded", "webhookDelivered"],
      ...["messageAdded", "webhookSkipped", "smsSent", "receiptAdded", "requestAnswered", "smsUpdated", "receiptUpdated"],
    ]);
    expect(entries[6]?.data.delivery).toMatchObject({ outcome: "failed", attempts: [{ status: 500, response: "no agent is free" }] });
    expect(JSON.stringify(entries)).not.toContain(BOB);
  });

  it("of a handset has its texts and those of its conversations, and the texts that reached nobody", async () => {
    const phoneNumber = await supportNumber();
    await twilio.control.inbound(ALICE, phoneNumber, "help");
    await twilio.control.inbound(BOB, phoneNumber, "me too");
    await twilio.control.call("POST", "inbound", { from: ALICE, to: "+14155550199", body: "lost" });
    await finishedDeliveries(twilio.control);
    const entries = await timeline(ofHandset(ALICE));
    expect(entries.map(({ event }) => event).filter((event) => event !== "webhookDelivered")).toEqual([
      ...["conversationAdded", "scopedWebhookAdded", "participantAdded", "smsReceived", "textRouted", "messageAdded"],
      "textRouted",
    ]);
    expect(entries.at(-1)?.data.route ?? entries.at(-2)?.data.route).toMatchObject({ reason: "numberNotOwned" });
    expect(JSON.stringify(entries)).not.toContain(BOB);
  });

  it("of a handset has the webhook of the number, and of a conversation the texts of its phones that went elsewhere", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const other = await buyNumber(twilio, 628);
    await twilio.api.incomingPhoneNumbers(other.sid).update({ smsUrl: `${receiver.url}/sms` });
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "A" });
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    await twilio.conversations.conversations(sid).participants.create(binding);
    await twilio.control.inbound(ALICE, other.phoneNumber, "hi");
    await finishedDeliveries(twilio.control);
    expect((await eventsOf(ofHandset(ALICE))).slice(-3)).toEqual(["smsReceived", "textRouted", "webhookDelivered"]);
    expect((await eventsOf(`conversationSid=${sid}`)).at(-1)).toBe("textRouted");
  });

  it("has the clients of the chat SDK, what they were sent, and who has none", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "s" });
    const conversations = twilio.conversations.services(service.sid).conversations;
    const { sid } = await conversations.create({ friendlyName: "chat" });
    for (const identity of ["alice", "bob"]) await conversations(sid).participants.create({ identity });
    const client = await signIn("@twilio/conversations", twilio.emulator, { identity: "alice", serviceSid: service.sid });
    const conversation = await openConversation(client, sid);
    const arrived = nextEvent(conversation, "messageAdded");
    await conversations(sid).messages.create({ author: "bob", body: "hi" });
    await arrived;
    const next = nextEvent(conversation, "messageAdded");
    await conversations(sid).messages.create({ author: "bob", body: "hi" });
    await next;
    await client.shutdown();
    await expect.poll(() => eventsOf(`conversationSid=${sid}`)).toContain("clientDisconnected");
    const entries = await timeline(`conversationSid=${sid}`);
    const connected = entries.find(({ event }) => event === "clientConnected");
    expect(connected?.data.client).toMatchObject({ identity: "alice", serviceSid: service.sid });
    const sent = entries.filter(({ event, data }) => event === "clientNotified" && data.notification?.view === "messages");
    // The client may have subscribed before or after the first message, which it then received as a change that it had missed.
    expect(sent.filter(({ data }) => data.notification?.key === 0).at(-1)?.data.notification).toMatchObject({ identities: ["alice"] });
    expect(sent.filter(({ data }) => data.notification?.key === 1).map(({ data }) => data.notification)).toMatchObject([
      { action: "added", conversationSid: sid, identities: ["alice"], absent: ["bob"] },
    ]);
    // Other streams get them only if they ask.
    const text = await (await fetch(`${twilio.emulator.url}/_emulator/events?after=0&follow=false`)).text();
    expect(text).not.toContain("clientNotified");
  });

  it("has the reason why a client could not connect", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "s" });
    await signIn("@twilio/conversations", twilio.emulator, { identity: "alice", serviceSid: service.sid, ttl: -10 }).catch(() => undefined);
    const text = await (await fetch(`${twilio.emulator.url}/_emulator/events?after=0&clients=true&follow=false`)).text();
    expect(text).toMatch(/event: clientRefused\ndata: .*"code":20104/);
  });

  it("has the fault rule that kept a client from connecting", async () => {
    await twilio.control.ok("POST", "faults", { path: "/v3/wsconnect", status: 503, times: 1 });
    const socket = new WebSocket(`${twilio.emulator.url.replace("http", "ws")}/v3/wsconnect`);
    await new Promise((ended) => socket.addEventListener("error", ended));
    const text = await (await fetch(`${twilio.emulator.url}/_emulator/events?after=0&clients=true&follow=false`)).text();
    expect(text).toMatch(/event: clientRefused\ndata: .*a fault rule refused the connection/);
  });

  it("says that a REST request did not ask for the webhook, and only then", async () => {
    const { sid } = await twilio.conversations.conversations.create({ friendlyName: "x" });
    const { webhooks, messages } = twilio.conversations.conversations(sid);
    await messages.create({ body: "before the webhook" });
    const filters = ["onMessageAdded"];
    await webhooks.create({ target: "webhook", "configuration.url": `${receiver.url}/hook`, "configuration.filters": filters });
    await messages.create({ body: "without" });
    const skipped = (await timeline(`conversationSid=${sid}`)).filter(({ event }) => event === "webhookSkipped");
    expect(skipped.map(({ data }) => data)).toEqual([{ skipped: { event: "onMessageAdded", conversationSid: sid, webhooks: 1 } }]);
    await messages.create({ body: "with", xTwilioWebhookEnabled: "true" });
    await finishedDeliveries(twilio.control);
    expect((await eventsOf(`conversationSid=${sid}`)).filter((event) => event.startsWith("webhook"))).toEqual([
      "webhookSkipped",
      "webhookDelivered",
    ]);
  });

  it("refuses a query without a conversation or a handset", async () => {
    expect(await twilio.control.call("GET", "timeline")).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("handset") },
    });
  });
});

it("the state has the phones, the latest first, also those whose texts reached no account", async () => {
  const { phoneNumber } = await buyNumber(twilio);
  await twilio.control.inbound(ALICE, phoneNumber, "hi");
  await twilio.control.call("POST", "inbound", { from: BOB, to: "+14155550199", body: "lost" });
  expect(await twilio.control.ok("GET", "state")).toMatchObject({ phones: [BOB, ALICE] });
});

it("the history of clients and the addresses in it are bounded", async () => {
  const history = new History(new EventBus());
  for (let number = 0; number < 1000; number += 1)
    history.addClientEvent("clientRefused", { refusal: { code: 20101, message: `${number}` } }, "AC", () => 0);
  const kept = history.after("");
  expect([kept.length, kept.at(-1)?.data]).toEqual([500, { refusal: { code: 20101, message: "999" } }]);
  const input = { from: "1".repeat(5000), to: "2".repeat(5000), body: "x", accountSid: "3".repeat(5000) };
  await twilio.control.call("POST", "inbound", input);
  const [route] = await timeline(`handset=${"1".repeat(100)}…`);
  expect(route?.event).toBe("textRouted");
  expect(JSON.stringify(route?.data).length).toBeLessThan(1500);
});

it("neither the timeline nor a copied command contains a secret", async () => {
  const { authToken, apiSecret, accountSid } = twilio.emulator;
  const url = receiver.url.replace("http://", "http://anne:canary1@");
  receiver.respond = ({ headers }) => ({ status: 500, body: `${authToken} ${JSON.stringify(headers)}` });
  const { phoneNumber, sid } = await buyNumber(twilio);
  await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: `${url}/sms` });
  await twilio.client.chat.v2.credentials.create({ type: "fcm", secret: "canary2" }).catch(() => undefined);
  await twilio.conversations.credentials.create({ type: "fcm", secret: "canary3" });
  await twilio.control.inbound(ALICE, phoneNumber, "hi");
  const [delivery] = await finishedDeliveries(twilio.control);
  const { requests } = (await twilio.control.ok("GET", "requests")) as { requests: { sid: string; host: string }[] };
  const commands = await Promise.all(
    [...requests.map((request) => `requestSid=${request.sid}`), `deliveryId=${delivery?.id}`].map((query) =>
      twilio.control.call("GET", `curl?${query}`),
    ),
  );
  const text = JSON.stringify([
    await timeline(ofHandset(ALICE)),
    await timeline(`conversationSid=CH${"0".repeat(32)}`),
    commands,
    delivery,
  ]);
  expect(text).toContain("SECRET");
  const login = Buffer.from("anne:canary1").toString("base64");
  for (const secret of [authToken, apiSecret, "canary1", "canary2", "canary3", login]) expect(text).not.toContain(secret);
  expect(text).toContain(accountSid);
});
