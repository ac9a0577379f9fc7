import { expect } from "vitest";
import type { EmulatorClient } from "../engine/twilio";

/** Names that people may give; a program must contain them and not execute them. */
const names = [
  "Support",
  "Sales & billing",
  'He said "hello"',
  "It's `back-ticked` and $".concat("{process.exit(1)}"),
  "Two\nlines */ // and \u2028 more",
  "Zoë & Søren: Überfahrt",
  "日本語の会話",
  "🍍",
  "class",
  "  ",
  "a-b1",
  "a b-1",
  "x".repeat(256),
];
const attributes = [
  {},
  { topic: "billing", tags: ["a", "b"], deep: { n: 1.5, no: null, yes: true, 'quo"te': "$".concat("{HOME}\n") } },
  { "with space": "日本", list: [null, 1, [], {}] },
];

/** What {@link fillAccount} creates. */
export interface FilledAccount {
  readonly addresses: number;
  readonly numbers: number;
  readonly services: number;
  readonly conversations: number;
  readonly participants: number;
  readonly closed: number;
  /** A service with the name `Support`. */
  readonly support: string;
}

const hook = { target: "webhook" as const, "configuration.url": "https://example.com/hook", "configuration.filters": ["onMessageAdded"] };

const enabled = { "autoCreation.enabled": true, "autoCreation.type": "default" as const };
const disabled = { "autoCreation.enabled": false };
const inbound = {
  "autoCreation.type": "webhook" as const,
  "autoCreation.webhookUrl": "https://example.com/inbound",
  "autoCreation.webhookFilters": ["onMessageAdded", "onParticipantAdded"],
};
const flow = {
  "autoCreation.type": "studio" as const,
  "autoCreation.studioFlowSid": `FW${"1".repeat(32)}`,
  "autoCreation.studioRetryCount": 2,
};

/** Buys six numbers with different settings. */
async function buyNumbers(client: EmulatorClient["client"]): Promise<string[]> {
  const offers = await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, mmsEnabled: true, areaCode: 415, limit: 6 });
  const { sid: voiceApplicationSid } = await client.applications.create({
    friendlyName: "Reception & desk",
    voiceUrl: "https://example.com/voice",
    voiceMethod: "GET",
  });
  const settings = [
    {},
    {
      voiceApplicationSid,
      friendlyName: "Front desk",
      smsUrl: "https://example.com/sms?a=1&b=2",
      smsMethod: "GET",
      voiceCallerIdLookup: true,
    },
    {
      friendlyName: "Front desk",
      smsUrl: "https://user:hid%24den@example.com/sms",
      smsFallbackUrl: "https://example.com/f?token=hidden-too",
    },
    { friendlyName: names[4]?.replace("\n", " ") },
    { friendlyName: "pulumi shop/prod/hotline" },
    { friendlyName: "415", voiceUrl: "http://example.com/voice" },
  ];
  const numbers: string[] = [];
  for (const [index, { phoneNumber }] of offers.entries()) {
    numbers.push((await client.incomingPhoneNumbers.create({ phoneNumber, ...settings[index] })).phoneNumber);
  }
  expect(numbers).toHaveLength(6);
  return numbers;
}

/** Creates a messaging service with one sender of each kind, and returns its SID. */
async function createMessagingService(client: EmulatorClient["client"], phoneNumber: string): Promise<string> {
  const { sid } = await client.messaging.v1.services.create({ friendlyName: "Another way out" });
  const service = client.messaging.v1.services(sid);
  const [number] = await client.incomingPhoneNumbers.list({ phoneNumber });
  const [shortCode] = await client.shortCodes.list();
  const [channelSender] = await client.messaging.v2.channelsSenders.list({ channel: "rcs" });
  await service.phoneNumbers.create({ phoneNumberSid: number?.sid as string });
  await service.shortCodes.create({ shortCodeSid: shortCode?.sid as string });
  await service.alphaSenders.create({ alphaSender: "It-s +1 & 2" });
  await service.channelSenders.create({ sid: channelSender?.sid as string });
  return sid;
}

/** A role, and a user who has it. */
async function createAgent({ roles, users }: ReturnType<EmulatorClient["client"]["conversations"]["v1"]["services"]>): Promise<void> {
  const agent = await roles.create({ friendlyName: "agent", type: "service", permission: ["joinConversation", "addParticipant"] });
  await users.create({ identity: "ada@example.com", friendlyName: "Ada", roleSid: agent.sid, attributes: '{"team":"night"}' });
}

/** Changes the settings of the account and of a service, and configures addresses of several channels, with each type of autocreation. */
async function configureAddresses(
  { conversations }: EmulatorClient["client"],
  numbers: readonly string[],
  service: string,
): Promise<number> {
  const { configuration } = conversations.v1.services(service);
  const link = "https://example.com/events";
  await conversations.v1.configuration.webhooks().update({ postWebhookUrl: link, filters: ["onMessageAdded"], method: "GET" });
  await configuration.webhooks().update({ preWebhookUrl: link, filters: ["onMessageAdd"] });
  await configuration().update({ reachabilityEnabled: true });
  await configuration.notifications().update({ "newMessage.enabled": true, "newMessage.template": "$".concat("{MESSAGE}") });
  const addresses = [
    { type: "sms" as const, address: numbers[0] as string },
    { type: "sms" as const, address: numbers[1] as string, ...disabled },
    { type: "whatsapp" as const, address: `whatsapp:${numbers[0]}`, ...inbound, "autoCreation.conversationServiceSid": service },
    { type: "email" as const, address: "help@example.com", friendlyName: names[2] as string, ...flow },
    { type: "sms" as const, address: "12345", addressCountry: "US", ...enabled },
  ];
  for (const address of addresses) await conversations.v1.addressConfigurations.create({ ...enabled, ...address });
  return addresses.length;
}

/** Creates an address, which Twilio corrects, for one of the numbers. */
export async function createAddress({ addresses, incomingPhoneNumbers }: EmulatorClient["client"]): Promise<void> {
  const place = { street: "4 Main Street", city: "Oakland", region: "ca", postalCode: "94105", isoCountry: "US" };
  const { sid: addressSid } = await addresses.create({ ...place, customerName: "Shop", friendlyName: "Main office" });
  const [number] = await incomingPhoneNumbers.list({ limit: 1 });
  await incomingPhoneNumbers(number?.sid as string).update({ addressSid });
}

/** Creates a push credential of each type. */
export async function createPushCredentials({ conversations }: EmulatorClient["client"]): Promise<void> {
  const { credentials } = conversations.v1;
  await credentials.create({ type: "apn", friendlyName: "Apple", certificate: "hidden-apn", privateKey: "hidden-key", sandbox: true });
  await credentials.create({ type: "fcm", friendlyName: "Android", secret: "hidden-fcm" });
  await credentials.create({ type: "gcm", friendlyName: "Old", apiKey: "hidden-gcm" });
}

/** Creates a suspended subaccount and a closed one. */
async function createSubaccounts({ api: { v2010 } }: EmulatorClient["client"]): Promise<void> {
  for (const [friendlyName, status] of [
    ["Acme & sons", "suspended"],
    ["Closed", "closed"],
  ] as const)
    await v2010.accounts((await v2010.accounts.create({ friendlyName })).sid).update({ status });
}

/** Fills an account with about three hundred objects through Twilio's own client. */
export async function fillAccount({ client }: EmulatorClient): Promise<FilledAccount> {
  const [numbers] = await Promise.all([buyNumbers(client), createSubaccounts(client)]);
  const { conversations } = client;
  const { defaultChatServiceSid } = await conversations.v1.configuration().fetch();
  const messagingServiceSid = await createMessagingService(client, numbers[0] as string);
  const made = await Promise.all(
    ["Support", "Support", names[3], names[6]].map((friendlyName) =>
      conversations.v1.services.create({ friendlyName: friendlyName as string }),
    ),
  );
  const sids = [defaultChatServiceSid, ...made.map(({ sid }) => sid)];
  let [people, closed] = [0, 0];
  const perService = 16;
  await Promise.all(
    sids.map(async (service, place) => {
      const here = conversations.v1.services(service);
      const roles = await here.roles.list();
      const admin = roles.find(({ friendlyName }) => friendlyName === "channel admin")?.sid as string;
      await createAgent(here);
      for (let index = 0; index < perService; index += 1) {
        const { sid } = await here.conversations.create({
          ...(index % 5 === 4 ? {} : { friendlyName: names[(index + place) % names.length] as string }),
          ...(index % 3 === 0 ? { uniqueName: index === 3 ? "hello~1a2b3c4" : `room "${index}" / ${place}` } : {}),
          attributes:
            index === 5 ? '["no object"]' : index === 7 ? '{"__proto__": {"a": 1}, "ok": true}' : JSON.stringify(attributes[index % 3]),
          ...(index % 4 === 1 ? { "timers.inactive": "PT1H", "timers.closed": "P7D", state: "active" as const } : {}),
          ...(index === 6 ? { messagingServiceSid } : {}),
          ...(index === 8 ? { "bindings.email.address": "help@example.com", "bindings.email.name": "Help" } : {}),
        });
        const conversation = here.conversations(sid);
        const phone = (kind: number) => `+1415555${String(1000 + (place * perService + index) * 10 + kind)}`;
        const proxyAddress = numbers[(index + place) % numbers.length] as string;
        if (index === 9) {
          // A group MMS: a phone, and a chat user behind a number.
          const members = [
            { "messagingBinding.address": phone(1) },
            { identity: "behind a number", "messagingBinding.projectedAddress": proxyAddress },
          ];
          for (const member of members) await conversation.participants.create(member);
          people += members.length;
          continue;
        }
        await conversation.participants.create({ identity: `wer "${index}" 日本 \${x}`, ...(index === 2 ? { roleSid: admin } : {}) });
        await conversation.participants.create({
          "messagingBinding.address": phone(2),
          "messagingBinding.proxyAddress": proxyAddress,
          attributes: JSON.stringify(
            index === 2 && place === 0 ? { apiToken: "hidden-three", kept: "in the open" } : attributes[place % 3],
          ),
        });
        if (index % 4 === 0) {
          const [address, proxy] = [phone(3), proxyAddress].map((number) => `whatsapp:${number}`) as [string, string];
          await conversation.participants.create({ "messagingBinding.address": address, "messagingBinding.proxyAddress": proxy });
        }
        if (index >= 14) {
          await conversation.update({ state: "closed" });
          closed += 1;
        } else people += index % 4 === 0 ? 3 : 2;
        if (index === 1) await conversation.webhooks.create(hook);
      }
    }),
  );
  return {
    addresses: await configureAddresses(client, numbers, sids[1] as string),
    numbers: numbers.length,
    services: sids.length,
    conversations: sids.length * perService - closed,
    participants: people,
    closed,
    support: made[0]?.sid as string,
  };
}
