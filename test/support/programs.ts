/** What programs may say of each kind of resource: arbitraries for the laws. A text in guillemets stands for something of the fixture. */
import fc from "fast-check";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition, Props } from "../../src/core/lifecycle/definition";
import { phoneNumber } from "../../src/numbers/phone-number";

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
    .map(([who, rest]): Props => ({ conversation: "«room»", ...who, ...rest }));

const numberSettings = fields({
  onDelete: fc.constantFrom("retain", "release"),
  friendlyName: name,
  smsUrl: url,
  smsMethod: fc.constantFrom("GET", "POST"),
  smsFallbackUrl: url,
  smsApplicationSid: sid("AP"),
  voiceUrl: url,
  voiceMethod: fc.constantFrom("GET", "POST"),
  voiceCallerIdLookup: fc.boolean(),
  voiceReceiveMode: fc.constantFrom("voice", "fax"),
  statusCallback: url,
  statusCallbackMethod: fc.constantFrom("GET", "POST"),
  trunkSid: sid("TK"),
  emergencyStatus: fc.constantFrom("Active", "Inactive"),
  emergencyAddressSid: sid("AD"),
  addressSid: sid("AD"),
  bundleSid: sid("BU"),
});
const numberArgs = (way: Props) => numberSettings.map((settings): Props => ({ ...way, ...settings }));

export interface Subject {
  readonly definition: Definition;
  readonly args: fc.Arbitrary<Props>;
  /** What somebody else changes, by property: Twilio's parameter and where the answer has it. Nothing where nothing can be changed. */
  readonly drift?: Record<string, { readonly form: Record<string, string>; readonly at: string }>;
  readonly runs: number;
}

const pair = (prefix = "") => ({
  address: phone.map((to) => prefix + to),
  proxyAddress: fc.constantFrom(`${prefix}«number0»`, `${prefix}«number1»`),
});
const someNumber = {
  friendlyName: { form: { FriendlyName: "theirs" }, at: "friendly_name" },
  smsUrl: { form: { SmsUrl: "https://theirs.example.com" }, at: "sms_url" },
  voiceReceiveMode: { form: { VoiceReceiveMode: "fax" }, at: "voice_receive_mode" },
  trunkSid: { form: { TrunkSid: "" }, at: "trunk_sid" },
};
const theirAttributes = (theirs: unknown) => ({ attributes: { form: { Attributes: JSON.stringify(theirs) }, at: "attributes" } });

export const subjects: Record<string, Subject> = {
  "a number by search": {
    definition: phoneNumber,
    args: numberArgs({ search: { country: "US", areaCode: "415", smsEnabled: true } }),
    drift: someNumber,
    runs: 4,
  },
  "a number by area code": { definition: phoneNumber, args: numberArgs({ areaCode: "415" }), drift: someNumber, runs: 3 },
  "a given number": { definition: phoneNumber, args: numberArgs({ phoneNumber: "«forSale»" }), drift: someNumber, runs: 3 },
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
      ...theirAttributes([1]),
    },
  },
  "a person in a chat": { definition: participant, args: participantArgs({ identity: name }), drift: theirAttributes("theirs"), runs: 3 },
  "a person in a chat and a group text": {
    definition: participant,
    args: participantArgs({ identity: name, projectedAddress: fc.constantFrom("«number0»", "«number1»") }),
    drift: theirAttributes({ a: "theirs" }),
    runs: 3,
  },
  "a phone": {
    definition: participant,
    args: participantArgs({ sms: fc.record(pair()) }),
    drift: theirAttributes({ a: "theirs" }),
    runs: 3,
  },
  "a person on WhatsApp": {
    definition: participant,
    args: participantArgs({ whatsapp: fc.record(pair("whatsapp:")) }),
    drift: theirAttributes(null),
    runs: 3,
  },
  "a phone in a group text": { definition: participant, args: participantArgs({ address: phone }), drift: theirAttributes({}), runs: 3 },
  "a number in a group text": {
    definition: participant,
    args: participantArgs({ projectedAddress: fc.constantFrom("«number0»", "«number1»") }),
    drift: theirAttributes({}),
    runs: 3,
  },
};

/** Leaves out what is undefined and groups that have become empty, as programs do. */
export function defined(props: object): Props {
  const entries = Object.entries(props).filter(
    ([group, value]) => value !== undefined && !(["timers", "bindings", "email"].includes(group) && Object.keys(value).length === 0),
  );
  const { trunkSid, voiceApplicationSid, ...rest } = Object.fromEntries(entries) as Props;
  return { ...rest, ...(trunkSid ? { trunkSid } : {}), ...(voiceApplicationSid && !trunkSid ? { voiceApplicationSid } : {}) };
}
