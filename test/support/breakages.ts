/** Whole programs that are right, and the ways to break one in a single place: arbitraries for the property that bad input never writes. */
import fc from "fast-check";
import type { Props } from "../../src/core/lifecycle/definition";
import { set } from "../../src/core/lifecycle/props";
import { subjects } from "./programs";

export type Kind = "PhoneNumber" | "ConversationService" | "Conversation" | "Participant";

/** A resource of a program. A text in guillemets stands for a resource before it, or for something that is at Twilio. */
export interface Node {
  readonly kind: Kind;
  readonly name: string;
  readonly args: Props;
}

/** Participants of every kind, by the properties that make them one; each is in the program once. */
const kinds = {
  pineapple: "a person in a chat",
  mobile: "a phone",
  abroad: "a person on WhatsApp",
  group: "a phone in a group text",
  ours: "a number in a group text",
};

const node = (kind: Kind, name: string, ...from: string[]) =>
  fc.oneof(...from.map((subject) => (subjects[subject] as (typeof subjects)[string]).args)).map((args): Node => ({ kind, name, args }));

/** One of everything, each with anything that it may say. */
export const programs: fc.Arbitrary<readonly Node[]> = fc.tuple(
  node("PhoneNumber", "front-desk", "a number by search", "a number by area code", "a given number"),
  node("ConversationService", "support", "a service"),
  node("Conversation", "hello", "a conversation"),
  ...Object.entries(kinds).map(([name, subject]) => node("Participant", name, subject)),
);

/** One way to break a program in one place. */
export interface Breakage {
  /** The resource that is broken. */
  readonly name: string;
  /** What the message must name. */
  readonly property: string;
  /** What the message must say of how to mend it. */
  readonly cure: string;
  readonly change: (args: Props) => void;
}

type Row = readonly [name: string, property: string, values: readonly unknown[], cure: string];

const e164 = "write + and country code, digits only, like +15558675310";
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
const noText = [7, true, ["a"], { a: 1 }];
const duration = "write PT10M for ten minutes, PT24H or P1D for a day";
const url = "write it whole, like https://example.com/twilio";
const durations = ["soon", "10 minutes", "PT", "P", "PT10", "1D", 600, ""];
const asObject = "write the attributes as an object, not as JSON text";
const noObjects = ["{}", '{"a":1}', "not JSON", [1], 7];
const resource = "pass the resource itself or its id";

const wrongValues: readonly Row[] = [
  ["front-desk", "phoneNumber", phones, e164],
  ["front-desk", "areaCode", ["41", "115", "4155", "abc", 415], "three digits like 510"],
  ["front-desk", "search.country", ["us", "USA", "", 1], "two letters, like US"],
  ["front-desk", "search.type", ["landline", "Local", ""], '"local", "mobile", "toll-free"'],
  ["front-desk", "search.smsEnabled", ["yes", "true", 1], "true or false"],
  ["front-desk", "search.distance", [0, 501, 2.5, "25"], "a whole number from 1 to 500"],
  ["front-desk", "search.contains", ["5", "51055512345678901", "510-555"], "like 510555****"],
  ["front-desk", "search.nearLatLong", ["37.8", "here"], "like 37.840699,-122.461853"],
  ["front-desk", "onDelete", ["delete", "keep"], '"retain", "release"'],
  ["front-desk", "friendlyName", ["x".repeat(65)], "at most 64"],
  ["front-desk", "smsUrl", ["example.com/sms", "ftp://example.com", "", 7], url],
  ["front-desk", "voiceMethod", ["PUT", "get"], '"GET", "POST"'],
  ["front-desk", "smsApplicationSid", ["AP1", `AC${"1".repeat(32)}`, `AP${"g".repeat(32)}`], "AP and 32 hex digits"],
  ["front-desk", "voiceCallerIdLookup", ["yes", 1], "true or false"],
  ["support", "friendlyName", ["x".repeat(257)], "at most 256"],
  ["support", "friendlyName", [undefined, null], "is missing: ConversationService needs `friendlyName`"],
  ["support", "friendlyName", noText, "is not a text"],
  ["support", "forceDestroy", ["yes", 1], "true or false"],
  ["support", "onDelete", ["release", true], '"delete", "retain"'],
  ["hello", "service", ["XX1", `CH${"1".repeat(32)}`, `IS${"1".repeat(31)}`], resource],
  ["hello", "friendlyName", ["é".repeat(257), "x".repeat(300)], "at most 256"],
  ["hello", "friendlyName", noText, "is not a text"],
  ["hello", "uniqueName", ["x".repeat(257)], "at most 256"],
  ["hello", "uniqueName", [`CH${"1".repeat(32)}`], "choose another name"],
  ["hello", "attributes", noObjects, asObject],
  ["hello", "attributes", [{ a: "x".repeat(16_384) }, { a: "é".repeat(8_190) }], "at most 16384"],
  ["hello", "state", ["archived", "Active", ""], '"active", "inactive", "closed"'],
  ["hello", "state", ["closed"], "create it first, then declare the state"],
  ["hello", "timers.inactive", durations, duration],
  ["hello", "timers.inactive", ["PT59S", "PT0S"], "minimum of PT1M"],
  ["hello", "timers.closed", ["PT9M", "PT1M"], "minimum of PT10M"],
  ["hello", "timers", ["PT10M", 5], "is not an object"],
  ["hello", "messagingServiceSid", ["MG1", `IS${"1".repeat(32)}`], "MG and 32 hex digits"],
  ["hello", "bindings.email.name", noText, "is not a text"],
  ["pineapple", "conversation", ["hello", `CH${"1".repeat(32)}`, `IS${"1".repeat(32)}`], resource],
  ["pineapple", "conversation", [undefined, null], "Participant needs `conversation`"],
  ["pineapple", "identity", ["x".repeat(257)], "at most 256"],
  ["pineapple", "identity", [7, ["ada"]], "is not a text"],
  ["pineapple", "identity", [undefined], "give one of `identity`, `sms`, `whatsapp`, `address` or `projectedAddress`"],
  ["pineapple", "roleSid", ["admin", `RO${"1".repeat(32)}`], "RL and 32 hex digits"],
  ["pineapple", "attributes", noObjects, asObject],
  ["pineapple", "attributes", [{ a: "x".repeat(4096) }], "at most 4096"],
  ["mobile", "sms.address", phones, e164],
  ["mobile", "sms.address", [undefined], "the person's own number"],
  ["mobile", "sms.proxyAddress", phones, e164],
  ["mobile", "sms.proxyAddress", [undefined], "the Twilio number that the person texts with"],
  ["abroad", "whatsapp.address", ["+15558675310", "whatsapp:5558675310", "WhatsApp:+15558675310"], "like whatsapp:+15558675310"],
  ["abroad", "whatsapp.proxyAddress", ["+15558675310", "whatsapp:"], "like whatsapp:+15558675310"],
  ["group", "address", phones, e164],
  ["ours", "projectedAddress", phones, e164],
  ["group", "address", ["+4915112345678"], "+1 and ten digits"],
  ["ours", "projectedAddress", ["+442079460000"], "+1 and ten digits"],
];

/** Names that are nearly right. */
const misspelt: readonly (readonly [name: string, wrong: string, right: string])[] = [
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

/** Properties that exclude one another. */
const together: readonly (readonly [name: string, property: string, change: Props, cure: string])[] = [
  ["front-desk", "search.areaCode", { search: { country: "GB", areaCode: "415" } }, "US and CA only"],
  ["front-desk", "search.inRegion", { search: { country: "DE", type: "mobile", inRegion: "CA" } }, "US and CA only"],
  ["front-desk", "adopt", { adopt: "+15558675310" }, "give exactly one of `phoneNumber`, `areaCode`, `search`, `adopt`"],
  [
    "front-desk",
    "trunkSid",
    { trunkSid: `TK${"1".repeat(32)}`, voiceApplicationSid: `AP${"1".repeat(32)}` },
    "does not go with `voiceApplicationSid`",
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

/** A value within a group that is no object, or not there, makes the group. */
function put(args: Props, property: string, value: unknown): void {
  const top = property.split(".")[0] as string;
  if (value !== undefined) set(args, property, value);
  else if (top === property) delete args[top];
  else delete (args[top] as Props)[property.slice(top.length + 1)];
}

/** Every way to break it, each with the values that do. */
export const breakages: readonly fc.Arbitrary<Breakage>[] = [
  ...wrongValues.map(([name, property, values, cure]) =>
    fc
      .constantFrom(...values)
      .map((value): Breakage => ({ name, property, cure, change: (args) => put(alone(args, property), property, value) })),
  ),
  ...misspelt.map(([name, wrong, right]) =>
    fc.constant({ name, property: wrong, cure: `did you mean \`${right}\``, change: (args: Props) => put(args, wrong, "x") }),
  ),
  ...together.map(([name, property, change, cure]) =>
    fc.constant({ name, property, cure, change: (args: Props) => void Object.assign(alone(args, property), structuredClone(change)) }),
  ),
];

/** A number is bought in one way: what is to be broken takes the place of the others. */
function alone(args: Props, property: string): Props {
  const ways = ["phoneNumber", "areaCode", "search"];
  const [way] = property.split(".") as [string];
  if (!ways.includes(way)) return args;
  for (const other of ways) if (other !== way) delete args[other];
  if (way === "search") args.search ??= { country: "US" };
  return args;
}

/** The program with one of its resources broken. */
export const broken = (program: readonly Node[], { name, change }: Breakage): Node[] =>
  program.map((node) => {
    if (node.name !== name) return node;
    const args = structuredClone(node.args);
    change(args);
    return { ...node, args };
  });
