/** One object of each kind, and for each operation a form that it accepts. */
import { ALICE, buyNumber, type TestEmulator } from "./emulator";

/** Where the objects are, and how to change them. */
export interface World {
  /** The path with the SIDs of the objects. */
  pathOf(product: string, template: string): string;
  /** The parameters that the operation needs. */
  formOf(product: string, method: string, template: string): Record<string, string>;
}

type Sids = Record<string, string>;

/** Creates the objects in a service that is the account's default one, so that the paths with and without the service reach them. */
export async function createWorld(twilio: TestEmulator): Promise<World> {
  const { conversations, client, api, emulator } = twilio;
  const { sid: service } = await conversations.services.create({ friendlyName: "Service" });
  const { sid: messagingService } = await client.messaging.v1.services.create({ friendlyName: "Pool" });
  await conversations.configuration().update({ defaultChatServiceSid: service, defaultMessagingServiceSid: messagingService });
  const { phoneNumber, sid: number } = await buyNumber(twilio);
  const spare = await buyNumber(twilio);
  await client.messaging.v1.services(messagingService).phoneNumbers.create({ phoneNumberSid: spare.sid });
  const { sid: conversation } = await conversations.conversations.create({ friendlyName: "Conversation" });
  const { participants, messages, webhooks } = conversations.conversations(conversation);
  const scopedWebhook = {
    target: "webhook" as const,
    "configuration.url": "https://example.com",
    "configuration.filters": ["onMessageAdded"],
  };
  const sids: Sids = {
    AccountSid: emulator.accountSid,
    AvailablePhoneNumbers: "GB",
    ChatServiceSid: service,
    ConversationSid: conversation,
    Addresses: (await conversations.addressConfigurations.create({ type: "sms", address: phoneNumber })).sid,
    Conversations: conversation,
    Participants: (await participants.create({ identity: "alice" })).sid,
    Messages: (await messages.create({ body: "hi" })).sid,
    Webhooks: (await webhooks.create(scopedWebhook)).sid,
    Credentials: (await conversations.credentials.create({ type: "fcm", secret: "{}" })).sid,
    Roles: (await conversations.roles.create({ friendlyName: "x", type: "service", permission: ["joinConversation"] })).sid,
    Users: (await conversations.users("alice").fetch()).sid,
    "messaging Services": messagingService,
    "api Accounts": (await client.api.v2010.accounts.create({})).sid,
    "api Addresses": (await api.addresses.create({ ...PLACE })).sid,
    Applications: (await api.applications.create({})).sid,
    IncomingPhoneNumbers: number,
    "api Messages": (await api.messages.create({ from: phoneNumber, to: ALICE, mediaUrl: ["https://example.com/a.png"] })).sid,
    Keys: (await client.iam.v1.newApiKey.create({ accountSid: emulator.accountSid, keyType: "restricted", policy: POLICY })).sid,
    ShortCodes: (await api.shortCodes.list())[0]?.sid ?? "",
    Triggers: (
      await api.usage.triggers.create({ callbackUrl: "https://example.com", triggerValue: "5", usageCategory: "sms", recurring: "daily" })
    ).sid,
    ChannelSenders: (await client.messaging.v2.channelsSenders.list({ channel: "rcs" }))[0]?.sid ?? "",
    Regulations: (await client.numbers.v2.regulatoryCompliance.regulations.list({ limit: 1 }))[0]?.sid ?? "",
  };
  return { pathOf: (product, template) => pathOf(sids, product, template), formOf: forms(sids, phoneNumber) };
}

const POLICY = { allow: ["/twilio/messaging/messages/read"] };
const PLACE = { customerName: "x", street: "1 Main Street", city: "Austin", region: "TX", postalCode: "78701", isoCountry: "US" };

/** Replaces each parameter of the path with the SID of the object in the list before it. */
function pathOf(sids: Sids, product: string, template: string): string {
  return template.replace(/\/(\w+)\/\{(\w+)\}/g, (whole, list: string, parameter: string) => {
    if (product === "api" && parameter === "AccountSid") return `/${list}/${sids.AccountSid}`;
    const sid = sids[`${product} ${list}`] ?? sids[parameter] ?? sids[list];
    if (!sid) throw new Error(`no object for ${whole} in ${template}`);
    return `/${list}/${sid}`;
  });
}

/** By the end of the path: what a create needs besides. A function makes a new value for each request. */
function forms(sids: Sids, phoneNumber: string): World["formOf"] {
  let serial = 0;
  const number = (prefix: string, digits = 2) => ({ PhoneNumber: `${prefix}${String(serial++).padStart(digits, "0")}` });
  const creates: [path: RegExp, form: () => Record<string, string>][] = [
    [/^conversations .*\/Configuration\/Addresses$/, () => ({ Type: "whatsapp", Address: `whatsapp:${phoneNumber}` })],
    [/^conversations .*\/Conversations\/\{\w+\}\/Messages$/, () => ({ Body: "hi" })],
    [/^conversations .*\/Conversations\/\{\w+\}\/Participants$/, () => ({ Identity: `user ${serial++}` })],
    [/^conversations .*\/Conversations\/\{\w+\}\/Participants\/\{\w+\}$/, () => ({ Attributes: "{}" })],
    [/^conversations .*\/Conversations\/\{\w+\}\/Messages\/\{\w+\}$/, () => ({ Body: "ho" })],
    [/^conversations .*\/Users\/\{\w+\}\/Conversations\/\{\w+\}$/, () => ({ NotificationLevel: "muted" })],
    [/^conversations .*\/Conversations\/\{\w+\}$/, () => ({ FriendlyName: "y" })],
    [
      /^conversations .*\/Conversations\/\{\w+\}\/Webhooks$/,
      () => ({ Target: "webhook", "Configuration.Url": "https://example.com", "Configuration.Filters": "onMessageAdded" }),
    ],
    [/^conversations .*\/(Conversations|ConversationWithParticipants)$/, () => ({ State: "active" })],
    [/^conversations .*\/Credentials$/, () => ({ Type: "fcm", Secret: "{}" })],
    [/^conversations .*\/Roles$/, () => ({ FriendlyName: "x", Type: "service", Permission: "joinConversation" })],
    [/^conversations .*\/Users$/, () => ({ Identity: `user ${serial++}` })],
    [/^conversations .*\/Users\/\{\w+\}$/, () => ({ FriendlyName: "y" })],
    [/^conversations .*\/Roles\/\{\w+\}$/, () => ({ Permission: "joinConversation" })],
    [/^messaging .*\/AlphaSenders$/, () => ({ AlphaSender: `ACME ${serial++}` })],
    [/^messaging .*\/DestinationAlphaSenders$/, () => ({ AlphaSender: `ACME ${serial++}`, IsoCountryCode: "DE" })],
    [/^messaging .*\/Services$/, () => ({ FriendlyName: "x" })],
    [/^messaging .*\/PhoneNumbers$/, () => ({ PhoneNumberSid: sids.IncomingPhoneNumbers ?? "" })],
    [/^messaging .*\/ChannelSenders$/, () => ({ Sid: sids.ChannelSenders ?? "" })],
    [/^messaging .*\/ShortCodes$/, () => ({ ShortCodeSid: sids.ShortCodes ?? "" })],
    [
      /^api .*\/Addresses\.json$/,
      () => ({ CustomerName: "x", Street: "1 A St", City: "Austin", Region: "TX", PostalCode: "78701", IsoCountry: "US" }),
    ],
    [/^api .*\/IncomingPhoneNumbers(\/Local)?\.json$/, () => number("+151055501")],
    [/^api .*\/IncomingPhoneNumbers\/Mobile\.json$/, () => number("+447700900", 3)],
    [/^api .*\/IncomingPhoneNumbers\/TollFree\.json$/, () => number("+180055501")],
    [/^api .*\/Messages\.json$/, () => ({ From: phoneNumber, To: ALICE, Body: "x" })],
    [/^api .*\/OutgoingCallerIds\.json$/, () => ({ PhoneNumber: `+1555867${5000 + serial++}` })],
    [/^api .*\/Usage\/Triggers\.json$/, () => ({ CallbackUrl: "https://example.com", TriggerValue: "5", UsageCategory: "sms" })],
    [/^iam .*\/Keys$/, () => ({ AccountSid: sids.AccountSid ?? "", KeyType: "restricted", Policy: JSON.stringify(POLICY) })],
  ];
  return (product, method, template) => {
    if (method !== "POST") return product === "iam" ? { AccountSid: sids.AccountSid ?? "" } : {};
    return creates.find(([path]) => path.test(`${product} ${template}`))?.[1]() ?? {};
  };
}
