import { afterAll, beforeAll, expect, it } from "vitest";
import { SupportLine, type SupportLineArgs } from "../../src/index";
import { useReceiver } from "../emulator/support/receiver";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

const phone = "+15558675310";
const receiver = useReceiver();
let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const search = { country: "US", type: "local", smsEnabled: true } as const;

it("a SupportLine: a text creates a conversation, its webhook reports it, an agent answers, and destroy leaves nothing", async () => {
  const declare =
    (more: Partial<SupportLineArgs> = {}) =>
    async () => {
      const line = new SupportLine("support", {
        number: { search, onDelete: "release" },
        webhooks: { postWebhookUrl: `${receiver.url}/hook`, method: "POST", filters: ["onConversationAdded", "onMessageAdded"] },
        forceDestroy: true,
        ...more,
      });
      return { phoneNumber: line.phoneNumber, serviceSid: line.service.sid, messagingServiceSid: line.messagingService.sid };
    };
  const { stack, twilio } = lab;
  const { conversations, messaging } = twilio.client;
  const former = (await messaging.v1.services.list()).map(({ sid }) => sid);

  stack.program = declare();
  expectOk(await stack.up());
  const { phoneNumber, serviceSid, messagingServiceSid } = (await stack.outputs()) as Record<string, string>;
  expect(await messaging.v1.services(messagingServiceSid as string).phoneNumbers.list()).toMatchObject([{ phoneNumber }]);
  expectNothing(await stack.preview());

  const inbound = JSON.stringify({ from: phone, to: phoneNumber, body: "Where is my order?" });
  await fetch(`${twilio.url}/_emulator/inbound`, { method: "POST", body: inbound });
  const [, message] = await receiver.waitFor(2);
  expect(receiver.events()).toEqual(["onConversationAdded", "onMessageAdded"]);
  const service = conversations.v1.services(serviceSid as string);
  const [conversation] = await service.conversations.list();
  expect(conversation).toMatchObject({ sid: message?.parameters.ConversationSid, messagingServiceSid });
  await service.conversations(conversation?.sid as string).messages.create({ author: "agent", body: "On its way." });
  const outbox = await fetch(`${twilio.url}/_emulator/outbox?to=${encodeURIComponent(phone)}`);
  expect(await outbox.json()).toMatchObject({ messages: [{ from: phoneNumber, body: "On its way." }] });

  stack.program = declare({ autoCreation: { webhook: { url: `${receiver.url}/own`, filters: ["onMessageAdded"] } } });
  expect((await stack.up()).changes).toEqual({ support: "update" });
  expect(await conversations.v1.addressConfigurations.list()).toMatchObject([{ address: phoneNumber, autoCreation: { type: "webhook" } }]);

  expectOk(await stack.destroy());
  expect(await conversations.v1.addressConfigurations.list()).toEqual([]);
  expect((await messaging.v1.services.list()).map(({ sid }) => sid)).toEqual(former);
  expect((await conversations.v1.services.list()).map(({ sid }) => sid)).not.toContain(serviceSid);
  expect(await twilio.client.incomingPhoneNumbers.list()).toEqual([]);
});
