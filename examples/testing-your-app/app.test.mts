import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Message } from "@twilio/conversations";
import { useTwilio } from "pulumi-twilio-conversations/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openInbox } from "./inbox.mts";
import { webhookServer } from "./webhook-server.mts";

const CUSTOMER = "+15558675310";
const GREETING = "Hello! An agent will answer soon.";

const twilio = useTwilio();
let stop: () => void;
let url: string;
let desk: string;

// Each test has an account of its own, so each connects the server to it, and buys a number.
beforeEach(async () => {
  const server = webhookServer(twilio).listen(0, "127.0.0.1");
  stop = () => server.close();
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/twilio`;

  const { conversations } = twilio.client;
  desk = await twilio.buyNumber();
  await conversations.v1.configuration.webhooks().update({ method: "POST", postWebhookUrl: url, filters: ["onConversationAdded"] });
  await conversations.v1.addressConfigurations.create({
    type: "sms",
    address: desk,
    "autoCreation.enabled": true,
    "autoCreation.type": "default",
  });
});
afterEach(() => stop());

test("a customer who texts is greeted once", async () => {
  await twilio.text(CUSTOMER, desk, "Where is my order?");
  expect(await twilio.receive(CUSTOMER)).toMatchObject([{ from: desk, body: GREETING }]);

  await twilio.text(CUSTOMER, desk, "Are you there?");
  await twilio.settled();
  expect(await twilio.texts(CUSTOMER)).toHaveLength(3);
  expect(await twilio.webhooks("onConversationAdded")).toMatchObject([{ outcome: "delivered", attempts: [{ status: 200 }] }]);
});

test("a request that Twilio did not sign changes nothing", async () => {
  const { sid, chatServiceSid } = await twilio.client.conversations.v1.conversations.create();
  const body = new URLSearchParams({ EventType: "onConversationAdded", ConversationSid: sid, ChatServiceSid: chatServiceSid });
  for (const signature of ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="]) {
    expect((await fetch(url, { method: "POST", body, headers: { "x-twilio-signature": signature } })).status).toBe(403);
  }
  expect(await twilio.client.conversations.v1.conversations(sid).participants.list()).toEqual([]);
});

test("the agent sees the text in the chat app, and the answer reaches the phone", async () => {
  const { defaultChatServiceSid } = await twilio.client.conversations.v1.configuration().fetch();
  const texts: Message[] = [];
  const inbox = await openInbox(twilio.chatToken("agent", defaultChatServiceSid), (message) => texts.push(message), twilio.chatOptions);

  await twilio.text(CUSTOMER, desk, "Where is my order?");
  await expect.poll(() => texts.map(({ body }) => body)).toEqual(["Where is my order?"]);
  await texts[0]?.conversation.sendMessage("It is on its way.");
  const bodies = (await twilio.receive(CUSTOMER, 2)).map(({ body }) => body);
  expect(bodies).toEqual([GREETING, "It is on its way."]);
  await inbox.shutdown();
});
