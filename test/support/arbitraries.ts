/** Arbitraries for the arguments of every resource. A name in guillemets, such as «service», stands for an object of the fixture. */
import fc from "fast-check";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Props } from "../../src/core/lifecycle/props";
import { messagingService } from "../../src/messaging/messaging-service";
import { phoneNumber } from "../../src/numbers/phone-number";
import { accountResources } from "./arbitrary-account";
import type { ArbitraryResource } from "./arbitrary-resource";
import { settingsResources } from "./arbitrary-settings";

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== "");
const name = fc.oneof(word, fc.constantFrom("a/b", "a b", "50%", "a#b?c=d", "+1", "PT60M", "…"));
const fields = (model: Record<string, fc.Arbitrary<unknown>>) => fc.record(model, { requiredKeys: [] }).map(defined);
const key = fc.oneof(fc.constantFrom("a", "b", "c", "toString", "ä"), word).filter((text) => text !== "__proto__");
const scalar = fc.oneof(
  fc.integer(),
  fc.boolean(),
  word,
  fc.constant(""),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
/** Attributes of a conversation or participant. */
export const attributes = fc.dictionary(
  key,
  fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.dictionary(key, scalar, { maxKeys: 2 })),
  {
    maxKeys: 3,
  },
);
const duration = (...more: string[]) => fc.constantFrom("PT10M", "PT1H", "PT60M", "P1D", "PT24H", "P1DT30M", ...more);
const url = fc.constantFrom("https://example.com/a", "https://example.com/b?c=d&e=%20f", "http://example.org:8080/");
const phone = fc.integer({ min: 2_000_000, max: 9_999_999 }).map((digits) => `+1415${digits}`);
const sid = (prefix: string) => fc.constantFrom(prefix + "1".repeat(32), prefix + "a".repeat(32));

const address = fc.constantFrom("«address»", "«otherAddress»");

const conversationArgs = fields({
  service: fc.constant("«service»"),
  friendlyName: fc.oneof(name, fc.constant("")),
  uniqueName: name,
  attributes,
  state: fc.constantFrom("active", "inactive"),
  timers: fields({ inactive: duration("PT1M"), closed: duration() }),
  messagingServiceSid: fc.constant("«messagingService»"),
  bindings: fields({ email: fields({ address: fc.constant("a@example.com"), name: word }) }),
});

const participantArgs = (kind: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .tuple(fc.record(kind), fields({ attributes, roleSid: fc.constant("«role»") }))
    .map(([who, rest]): Props => ({ conversation: "«conversation»", ...who, ...rest }));

const numberSettings = fields({
  onDelete: fc.constantFrom("retain", "release"),
  friendlyName: name,
  smsUrl: url,
  smsMethod: fc.constantFrom("GET", "POST"),
  smsFallbackUrl: url,
  smsApplicationSid: fc.constant("«application»"),
  voiceUrl: url,
  voiceMethod: fc.constantFrom("GET", "POST"),
  voiceCallerIdLookup: fc.boolean(),
  voiceReceiveMode: fc.constantFrom("voice", "fax"),
  statusCallback: url,
  statusCallbackMethod: fc.constantFrom("GET", "POST"),
  trunkSid: sid("TK"),
  emergencyStatus: fc.constantFrom("Active", "Inactive"),
  emergencyAddressSid: address,
  addressSid: address,
  bundleSid: sid("BU"),
});
const numberArgs = (choice: Props) => numberSettings.map((settings): Props => ({ ...choice, ...settings }));

const events = ["onMessageAdded", "onMessageUpdated", "onParticipantAdded", "onConversationStateUpdated"];
const replayAfter = fc.nat(9);
const webhookArgs = (group: Record<string, fc.Arbitrary<unknown>>, required: string[]) =>
  fc
    .tuple(fc.record(group, { requiredKeys: required }), fields({ onDelete: fc.constant("delete") }))
    .map(([settings, rest]): readonly [object, object] => [defined(settings), rest]);
/** The arguments of a webhook with one group. */
const withGroup = (name: string, args: fc.Arbitrary<readonly [object, object]>) =>
  args.map(([settings, rest]): Props => ({ conversation: "«conversation»", [name]: settings, ...rest }));

export type { ArbitraryResource } from "./arbitrary-resource";

const pair = (prefix = "") => ({
  address: phone.map((to) => prefix + to),
  proxyAddress: fc.constantFrom(`${prefix}«number0»`, `${prefix}«number1»`),
});
const numberDrift = {
  friendlyName: { form: { FriendlyName: "theirs" }, at: "friendly_name" },
  smsUrl: { form: { SmsUrl: "https://theirs.example.com" }, at: "sms_url" },
  voiceReceiveMode: { form: { VoiceReceiveMode: "fax" }, at: "voice_receive_mode" },
  trunkSid: { form: { TrunkSid: "" }, at: "trunk_sid" },
};
const attributeDrift = (value: unknown) => ({ attributes: { form: { Attributes: JSON.stringify(value) }, at: "attributes" } });

const agent = (channel: string) => fc.constantFrom(`${channel}:one`, `${channel}:two`);

/** Every kind of resource. */
export const arbitraryResources: Record<string, ArbitraryResource> = {
  "a number found by search": {
    definition: phoneNumber,
    args: numberArgs({ search: { country: "US", areaCode: "415", smsEnabled: true } }),
    drift: numberDrift,
    runs: 4,
  },
  "a number found by area code": { definition: phoneNumber, args: numberArgs({ areaCode: "415" }), drift: numberDrift, runs: 3 },
  "an explicit number": { definition: phoneNumber, args: numberArgs({ phoneNumber: "«forSale»" }), drift: numberDrift, runs: 3 },
  "a service": {
    definition: conversationService,
    args: fc
      .record({ friendlyName: word, forceDestroy: fc.boolean(), onDelete: fc.constant("delete") }, { requiredKeys: ["friendlyName"] })
      .map(defined),
    runs: 3,
  },
  "a conversation": {
    definition: conversation,
    args: conversationArgs,
    runs: 10,
    drift: {
      friendlyName: { form: { FriendlyName: "theirs" }, at: "friendly_name" },
      uniqueName: { form: { UniqueName: "theirs" }, at: "unique_name" },
      state: { form: { State: "inactive" }, at: "state" },
      "bindings.email.name": { form: { "Bindings.Email.Name": "theirs" }, at: "bindings.email.name" },
      ...attributeDrift([1]),
    },
  },
  "a chat participant": { definition: participant, args: participantArgs({ identity: name }), drift: attributeDrift("theirs"), runs: 3 },
  "a chat participant in a group text": {
    definition: participant,
    args: participantArgs({ identity: name, projectedAddress: fc.constantFrom("«number0»", "«number1»") }),
    drift: attributeDrift({ a: "theirs" }),
    runs: 3,
  },
  "an SMS participant": {
    definition: participant,
    args: participantArgs({ sms: fc.record(pair()) }),
    drift: attributeDrift({ a: "theirs" }),
    runs: 3,
  },
  "a WhatsApp participant": {
    definition: participant,
    args: participantArgs({ whatsapp: fc.record(pair("whatsapp:")) }),
    drift: attributeDrift(null),
    runs: 3,
  },
  "an RCS participant": {
    definition: participant,
    args: participantArgs({ rcs: fc.record({ address: phone.map((number) => `rcs:${number}`), proxyAddress: agent("rcs") }) }),
    drift: attributeDrift({ a: "theirs" }),
    runs: 2,
  },
  "a Messenger participant": {
    definition: participant,
    args: participantArgs({
      messenger: fc.record({ address: phone.map((number) => `messenger:${number.slice(1)}`), proxyAddress: agent("messenger") }),
    }),
    drift: attributeDrift({ a: "theirs" }),
    runs: 2,
  },
  "a participant of a group text": {
    definition: participant,
    args: participantArgs({ address: phone }),
    drift: attributeDrift({}),
    runs: 3,
  },
  "a projected address in a group text": {
    definition: participant,
    args: participantArgs({ projectedAddress: fc.constantFrom("«number0»", "«number1»") }),
    drift: attributeDrift({}),
    runs: 3,
  },
  "a webhook": {
    definition: conversationWebhook,
    args: withGroup(
      "webhook",
      webhookArgs(
        {
          url,
          method: fc.constantFrom("GET", "POST"),
          filters: fc.uniqueArray(fc.constantFrom(...events), { minLength: 1 }),
          replayAfter,
        },
        ["url", "filters"],
      ),
    ),
    drift: {
      "webhook.url": { form: { "Configuration.Url": "https://theirs.example.com" }, at: "configuration.url" },
      "webhook.method": { form: { "Configuration.Method": "GET" }, at: "configuration.method" },
      "webhook.filters": { form: { "Configuration.Filters": "onConversationRemoved" }, at: "configuration.filters" },
    },
    runs: 4,
  },
  "a webhook for keywords": {
    definition: conversationWebhook,
    args: withGroup(
      "trigger",
      webhookArgs(
        {
          url,
          method: fc.constantFrom("GET", "POST"),
          triggers: fc.uniqueArray(word, { minLength: 1, maxLength: 5 }),
          replayAfter,
        },
        ["url", "triggers"],
      ),
    ),
    drift: { "trigger.triggers": { form: { "Configuration.Triggers": "theirs" }, at: "configuration.triggers" } },
    runs: 3,
  },
  "a webhook for a Studio flow": {
    definition: conversationWebhook,
    args: withGroup("studio", webhookArgs({ flowSid: sid("FW"), replayAfter }, ["flowSid"])),
    drift: { "studio.flowSid": { form: { "Configuration.FlowSid": `FW${"9".repeat(32)}` }, at: "configuration.flow_sid" } },
    runs: 3,
  },
  "a messaging service": {
    definition: messagingService,
    args: fields({
      inboundRequestUrl: url,
      inboundMethod: fc.constantFrom("GET", "POST"),
      fallbackUrl: url,
      fallbackMethod: fc.constantFrom("GET", "POST"),
      statusCallback: url,
      stickySender: fc.boolean(),
      mmsConverter: fc.boolean(),
      scanMessageContent: fc.constantFrom("inherit", "enable", "disable"),
      validityPeriod: fc.integer({ min: 1, max: 36_000 }),
      usecase: fc.constantFrom("notifications", "marketing", "undeclared"),
      useInboundWebhookOnNumber: fc.boolean(),
    }).chain((settings) => word.map((friendlyName): Props => ({ friendlyName, ...settings }))),
    drift: {
      inboundRequestUrl: { form: { InboundRequestUrl: "https://theirs.example.com" }, at: "inbound_request_url" },
      fallbackMethod: { form: { FallbackMethod: "GET" }, at: "fallback_method" },
      smartEncoding: { form: { SmartEncoding: "false" }, at: "smart_encoding" },
      validityPeriod: { form: { ValidityPeriod: "77" }, at: "validity_period" },
    },
    runs: 4,
  },
  ...settingsResources,
  ...accountResources,
  "the account's configuration": {
    definition: conversationConfiguration,
    args: fields({
      defaultChatServiceSid: fc.constantFrom("«service»", "«otherService»"),
      defaultMessagingServiceSid: fc.constantFrom("«messagingService»", "«otherMessagingService»"),
      // Twilio returns a duration as it was written, so no two of these are equal.
      defaultInactiveTimer: fc.constantFrom("PT1M", "PT10M", "PT1H"),
      defaultClosedTimer: fc.constantFrom("PT10M", "PT1H", "P1D"),
      onDelete: fc.constant("restore"),
    }),
    drift: {
      defaultInactiveTimer: { form: { DefaultInactiveTimer: "PT7M" }, at: "default_inactive_timer" },
      defaultClosedTimer: { form: { DefaultClosedTimer: "PT70M" }, at: "default_closed_timer" },
    },
    runs: 4,
  },
};

/** Removes undefined values and empty groups, as programs do. Of two exclusive properties, keeps one. */
export function defined(props: object): Props {
  const entries = Object.entries(props).filter(
    ([group, value]) => value !== undefined && !(["timers", "bindings", "email"].includes(group) && Object.keys(value).length === 0),
  );
  const { trunkSid, voiceApplicationSid, ...rest } = Object.fromEntries(entries) as Props;
  return { ...rest, ...(trunkSid ? { trunkSid } : {}), ...(voiceApplicationSid && !trunkSid ? { voiceApplicationSid } : {}) };
}
