/** Arbitrary valid programs, and mistakes to insert in them, for the property that invalid input is refused before any write. */
import fc from "fast-check";
import type { Props } from "../../src/core/lifecycle/props";
import { set } from "../../src/core/lifecycle/props";
import { type ArbitraryResource, arbitraryResources } from "./arbitraries";

/** The resource types. */
export type Kind = "PhoneNumber" | "ConversationService" | "Conversation" | "Participant";

/** A resource of a program. A name in guillemets stands for an earlier resource or for an object at Twilio. */
export interface ProgramResource {
  readonly kind: Kind;
  readonly name: string;
  readonly args: Props;
}

/** One participant of every kind. */
const participants = {
  pineapple: "a chat participant",
  mobile: "an SMS participant",
  abroad: "a WhatsApp participant",
  agent: "an RCS participant",
  page: "a Messenger participant",
  group: "a participant of a group text",
  ours: "a projected address in a group text",
};

const resource = (kind: Kind, name: string, ...from: string[]) =>
  fc
    .oneof(...from.map((key) => (arbitraryResources[key] as ArbitraryResource).args))
    .map((args): ProgramResource => ({ kind, name, args }));

/** Programs with one resource of each kind and arbitrary arguments. */
export const programs: fc.Arbitrary<readonly ProgramResource[]> = fc.tuple(
  resource("PhoneNumber", "front-desk", "a number found by search", "a number found by area code", "an explicit number"),
  resource("ConversationService", "support", "a service"),
  resource("Conversation", "hello", "a conversation"),
  ...Object.entries(participants).map(([name, key]) => resource("Participant", name, key)),
);

/** A mistake in one place of a program. */
export interface Mistake {
  /** The resource with the mistake. */
  readonly name: string;
  /** The property that the message must name. */
  readonly property: string;
  /** What the message must say about the correction. */
  readonly advice: string;
  readonly change: (args: Props) => void;
}

type Row = readonly [name: string, property: string, values: readonly unknown[], advice: string];

const e164 = "+ and country code, digits only, like +15558675310";
const phones = [
  "555-867-5310",
  "+1 555 867 5310",
  "15558675310",
  "+0155586753",
  "+1555",
  "+1555867531012345",
  "",
  15558675310,
  "tel:+15558675310",
];
const nonStrings = [7, true, ["a"], { a: 1 }];
const duration = "like PT10M for ten minutes or P1D for a day";
const url = "an absolute http or https URL, like https://example.com/twilio";
const durations = ["soon", "10 minutes", "PT", "P", "PT10", "1D", 600, ""];
const asObject = "must be an object, not its JSON text";
const nonObjects = ["{}", '{"a":1}', "not JSON", [1], 7];
const passResource = "pass the resource or its id";

const wrongValues: readonly Row[] = [
  ["front-desk", "phoneNumber", phones, e164],
  ["front-desk", "areaCode", ["41", "115", "4155", "abc", 415], "three digits like 510"],
  ["front-desk", "search.country", ["us", "USA", "", 1], "two letters, like US"],
  ["front-desk", "search.type", ["landline", "Local", ""], '"local", "mobile", "toll-free"'],
  ["front-desk", "search.smsEnabled", ["yes", "true", 1], "must be true or false"],
  ["front-desk", "search.distance", [0, 501, 2.5, "25"], "must be a whole number from 1 to 500"],
  ["front-desk", "search.contains", ["5", "51055512345678901", "510-555"], "like 510555****"],
  ["front-desk", "search.nearLatLong", ["37.8", "here"], "like 37.840699,-122.461853"],
  ["front-desk", "onDelete", ["delete", "keep"], '"retain", "release"'],
  ["front-desk", "friendlyName", ["x".repeat(65)], "at most 64"],
  ["front-desk", "smsUrl", ["example.com/sms", "ftp://example.com", "", 7], url],
  ["front-desk", "voiceMethod", ["PUT", "get"], '"GET", "POST"'],
  ["front-desk", "smsApplicationSid", ["AP1", `AC${"1".repeat(32)}`, `AP${"g".repeat(32)}`], "begins with AP, followed by 32 hex digits"],
  ["front-desk", "voiceCallerIdLookup", ["yes", 1], "true or false"],
  ["support", "friendlyName", ["x".repeat(257)], "at most 256"],
  ["support", "friendlyName", [undefined, null], "is missing: ConversationService requires `friendlyName`"],
  ["support", "friendlyName", nonStrings, "must be a string"],
  ["support", "forceDestroy", ["yes", 1], "true or false"],
  ["support", "onDelete", ["release", true], '"delete", "retain"'],
  ["hello", "service", ["XX1", `CH${"1".repeat(32)}`, `IS${"1".repeat(31)}`], passResource],
  ["hello", "friendlyName", ["é".repeat(257), "x".repeat(300)], "at most 256"],
  ["hello", "friendlyName", nonStrings, "must be a string"],
  ["hello", "uniqueName", ["x".repeat(257)], "at most 256"],
  ["hello", "uniqueName", [`CH${"1".repeat(32)}`], "must not look like a conversation's SID"],
  ["hello", "attributes", nonObjects, asObject],
  ["hello", "attributes", [{ a: "x".repeat(16_384) }, { a: "é".repeat(8_190) }], "at most 16384"],
  ["hello", "state", ["archived", "Active", ""], '"active", "inactive", "closed"'],
  ["hello", "state", ["closed"], "create the conversation first, then declare the state"],
  ["hello", "timers.inactive", durations, duration],
  ["hello", "timers.inactive", ["PT59S", "PT0S"], "at least PT1M"],
  ["hello", "timers.closed", ["PT9M", "PT1M"], "at least PT10M"],
  ["hello", "timers", ["PT10M", 5], "must be an object"],
  ["hello", "messagingServiceSid", ["MG1", `IS${"1".repeat(32)}`], "begins with MG, followed by 32 hex digits"],
  ["hello", "bindings.email.name", nonStrings, "must be a string"],
  ["pineapple", "conversation", ["hello", `CH${"1".repeat(32)}`, `IS${"1".repeat(32)}`], passResource],
  ["pineapple", "conversation", [undefined, null], "Participant requires `conversation`"],
  ["pineapple", "identity", ["x".repeat(257)], "at most 256"],
  ["pineapple", "identity", [7, ["ada"]], "must be a string"],
  [
    "pineapple",
    "identity",
    [undefined],
    "declare one of `identity`, `sms`, `whatsapp`, `rcs`, `messenger`, `address` or `projectedAddress`",
  ],
  ["pineapple", "roleSid", ["admin", `RO${"1".repeat(32)}`], "begins with RL, followed by 32 hex digits"],
  ["pineapple", "attributes", nonObjects, asObject],
  ["pineapple", "attributes", [{ a: "x".repeat(4096) }], "at most 4096"],
  ["mobile", "sms.address", phones, e164],
  ["mobile", "sms.address", [undefined], "the person's own number"],
  ["mobile", "sms.proxyAddress", phones, e164],
  ["mobile", "sms.proxyAddress", [undefined], "the Twilio number that the person exchanges texts with"],
  ["abroad", "whatsapp.address", ["+15558675310", "whatsapp:5558675310", "WhatsApp:+15558675310"], "like whatsapp:+15558675310"],
  ["abroad", "whatsapp.proxyAddress", ["+15558675310", "whatsapp:"], "like whatsapp:+15558675310"],
  ["agent", "rcs.address", ["+15558675310", "rcs:", "RCS:+15558675310", 7], "like rcs:+15558675310"],
  ["agent", "rcs.proxyAddress", ["agent", `whatsapp:+15558675310`], "like rcs:acme_agent"],
  ["agent", "rcs.address", [undefined], "the person's own address"],
  ["page", "messenger.address", ["5678", "messenger:", "messenger: 1"], "like messenger:5203384750012345"],
  ["page", "messenger.proxyAddress", ["rcs:agent"], "like messenger:103204021551234"],
  ["page", "messenger.proxyAddress", [undefined], "the account's address that the person exchanges messages with"],
  ["group", "address", phones, e164],
  ["ours", "projectedAddress", phones, e164],
  ["group", "address", ["+4915112345678"], "+1 and ten digits"],
  ["ours", "projectedAddress", ["+442079460000"], "+1 and ten digits"],
];

/** Misspelled property names. */
const misspelled: readonly (readonly [name: string, wrong: string, right: string])[] = [
  ["front-desk", "friendlyname", "friendlyName"],
  ["front-desk", "smsURL", "smsUrl"],
  ["front-desk", "onDelet", "onDelete"],
  ["support", "freindlyName", "friendlyName"],
  ["support", "forceDestory", "forceDestroy"],
  ["hello", "friendly_name", "friendlyName"],
  ["hello", "atributes", "attributes"],
  ["hello", "timers.inactiv", "timers.inactive"],
  ["hello", "messagingService", "messagingServiceSid"],
  ["pineapple", "roleSids", "roleSid"],
  ["mobile", "sms.proxyAdress", "sms.proxyAddress"],
];

/** Combinations of properties that exclude each other. */
const exclusive: readonly (readonly [name: string, property: string, change: Props, advice: string])[] = [
  ["front-desk", "search.areaCode", { search: { country: "GB", areaCode: "415" } }, "US and CA only"],
  ["front-desk", "search.inRegion", { search: { country: "DE", type: "mobile", inRegion: "CA" } }, "US and CA only"],
  ["front-desk", "adopt", { adopt: "+15558675310" }, "declare exactly one of `phoneNumber`, `areaCode`, `search`, `adopt`"],
  [
    "front-desk",
    "trunkSid",
    { trunkSid: `TK${"1".repeat(32)}`, voiceApplicationSid: `AP${"1".repeat(32)}` },
    "must not be declared together with `voiceApplicationSid`",
  ],
  ["pineapple", "sms", { sms: { address: "+15558675310", proxyAddress: "«number0»" } }, "declare two participants"],
  [
    "mobile",
    "whatsapp",
    { whatsapp: { address: "whatsapp:+15558675310", proxyAddress: "whatsapp:+15558675311" } },
    "declare one participant for each",
  ],
  ["mobile", "sms.proxyAddress", { sms: { address: "+15558675310", proxyAddress: "+15558675310" } }, "the other a number of the account"],
  ["group", "address", { identity: "ada" }, "declare two participants"],
];

/** Sets or removes a property. Creates the group of a nested property if it does not exist. */
function put(args: Props, property: string, value: unknown): void {
  const top = property.split(".")[0] as string;
  if (value !== undefined) set(args, property, value);
  else if (top === property) delete args[top];
  else delete (args[top] as Props)[property.slice(top.length + 1)];
}

/** Every mistake, each with all its values. */
export const mistakes: readonly fc.Arbitrary<Mistake>[] = [
  ...wrongValues.map(([name, property, values, advice]) =>
    fc
      .constantFrom(...values)
      .map((value): Mistake => ({ name, property, advice, change: (args) => put(withoutOtherChoices(args, property), property, value) })),
  ),
  ...misspelled.map(([name, wrong, right]) =>
    fc.constant({ name, property: wrong, advice: `did you mean \`${right}\``, change: (args: Props) => put(args, wrong, "x") }),
  ),
  ...exclusive.map(([name, property, change, advice]) =>
    fc.constant({
      name,
      property,
      advice,
      change: (args: Props) => void Object.assign(withoutOtherChoices(args, property), structuredClone(change)),
    }),
  ),
];

/** Removes the other choices of a number if the mistake concerns one of them, because they exclude each other. */
function withoutOtherChoices(args: Props, property: string): Props {
  const choices = ["phoneNumber", "areaCode", "search"];
  const [choice] = property.split(".") as [string];
  if (!choices.includes(choice)) return args;
  for (const other of choices) if (other !== choice) delete args[other];
  if (choice === "search") args.search ??= { country: "US" };
  return args;
}

/** Inserts a mistake in a program. */
export const withMistake = (program: readonly ProgramResource[], { name, change }: Mistake): ProgramResource[] =>
  program.map((resource) => {
    if (resource.name !== name) return resource;
    const args = structuredClone(resource.args);
    change(args);
    return { ...resource, args };
  });
