import { readFileSync } from "node:fs";
import type { Body, Props } from "../../core/lifecycle/definition";
import { UsageError } from "../../core/twilio/errors";
import type { Account, Found, FoundConversation, LeftOut } from "./account";

/** An object as Terraform's state keeps it. */
interface Kept {
  readonly type: string;
  /** Module, name and index. */
  readonly name: string;
  readonly attributes: Body;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Room = Mutable<FoundConversation> & { participants: Found[] };
interface House {
  sid?: string;
  body?: Body;
  name?: string;
  conversations: Room[];
}

/**
 * What a Terraform state says of an account. It knows the states of both Twilio providers, RJPearson94/twilio and twilio/twilio; what this
 * package has no resource for is left out, and told.
 */
export function fromTerraform(path: string): Account {
  const numbers: Found[] = [];
  const houses = new Map<string, House>();
  const leftOut = new Map<string, LeftOut & { count: number }>();
  const accounts = new Set<string>();
  const leaveOut = (what: string, why: string) => leftOut.set(what, { what, why, count: (leftOut.get(what)?.count ?? 0) + 1 });
  const houseOf = (sid: unknown): House => {
    const key = typeof sid === "string" ? sid : "";
    const house = houses.get(key) ?? { ...(key === "" ? {} : { sid: key }), conversations: [] };
    houses.set(key, house);
    return house;
  };

  const kept = read(path);
  // Parents first, wherever the state has them.
  for (const { type, name, attributes } of kept.sort((a, b) => rank(a.type) - rank(b.type))) {
    const kind = kindOf(type);
    const sid = String(attributes.sid ?? attributes.id ?? "");
    const found = { sid, name };
    if (typeof attributes.account_sid === "string") accounts.add(attributes.account_sid);
    if (kind === undefined) leaveOut(type, "this package has no resource for them yet");
    else if (!/^[A-Z]{2}[0-9a-fA-F]{32}$/.test(sid)) leaveOut(type, "the state holds no SID of them");
    else if (kind === "number") numbers.push({ ...found, body: numberOf(attributes) });
    else if (kind === "service") Object.assign(houseOf(sid), found, { body: { sid, friendly_name: attributes.friendly_name } });
    else if (kind === "conversation") {
      if (attributes.state === "closed") leaveOut(`closed conversations (${type})`, "nobody can change them");
      else houseOf(serviceOf(attributes)).conversations.push({ ...found, ...conversationOf(attributes), participants: [] });
    } else {
      const house = houseOf(serviceOf(attributes));
      const room = house.conversations.find((one) => one.sid === attributes.conversation_sid);
      if (room) room.participants.push({ ...found, body: participantOf(attributes) });
      else leaveOut(`${type} of other conversations`, "their conversation is not in this state, or is closed");
    }
  }
  if (accounts.size > 1)
    throw new UsageError(`${path} is about several accounts (${[...accounts].join(", ")}): one program is of one account.`);
  const [accountSid] = accounts;
  if (accountSid !== undefined && !/^AC[0-9a-fA-F]{32}$/.test(accountSid))
    throw new UsageError(`${path} names the account ${JSON.stringify(accountSid)}, which is no SID (AC and 32 hex digits).`);
  return { ...(accountSid === undefined ? {} : { accountSid }), numbers, services: [...houses.values()], leftOut: [...leftOut.values()] };
}

const ofKind = {
  // Of RJPearson94/twilio.
  phone_number: "number",
  conversations_service: "service",
  conversations_conversation: "conversation",
  // Of twilio/twilio, whose types end with the API's version; the older ones of the 2010 API do not.
  api_accounts_incoming_phone_numbers: "number",
  conversations_services: "service",
  conversations_conversations: "conversation",
  conversations_services_conversations: "conversation",
  conversations_conversations_participants: "participant",
  conversations_services_conversations_participants: "participant",
} as const;

const kindOf = (type: string) =>
  ofKind[type.replace(/^twilio_/, "").replace(/_v(1|2010)$/, "") as keyof typeof ofKind] as
    | (typeof ofKind)[keyof typeof ofKind]
    | undefined;
const rank = (type: string) => ["number", "service", "conversation", "participant"].indexOf(kindOf(type) ?? "");

const serviceOf = ({ service_sid, chat_service_sid }: Body) => service_sid ?? chat_service_sid;

function read(path: string): Kept[] {
  let state: { version?: number; resources?: Props[] };
  try {
    state = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as a Terraform state: ${(error as Error).message}`);
  }
  if (state.version !== 4 || !Array.isArray(state.resources)) {
    throw new UsageError(`${path} is no Terraform state of version 4, which \`terraform state pull\` of 0.12 and newer prints.`);
  }
  return state.resources
    .filter(({ mode, type }) => mode === "managed" && String(type).startsWith("twilio_"))
    .flatMap(({ type, name, module, instances }) =>
      (instances as { index_key?: unknown; attributes: Body }[]).map(({ index_key, attributes }) => ({
        type: String(type),
        name: [String(module ?? "").replace(/(^|\.)module\./g, "$1"), name, index_key].filter((part) => (part ?? "") !== "").join("-"),
        attributes,
      })),
    );
}

/** The first block of a name, which Terraform keeps as a list. */
const block = (attributes: Body, name: string): Props => ((attributes[name] as Props[] | undefined) ?? [])[0] ?? {};

/** Of twilio/twilio the attributes are Twilio's own; the other has its URLs in blocks. */
function numberOf(attributes: Body): Body {
  if (attributes.messaging === undefined) return attributes;
  const prefixed = (name: string, from: Props) => Object.fromEntries(Object.entries(from).map(([key, value]) => [`${name}_${key}`, value]));
  const fax = block(attributes, "fax");
  const isFax = Object.values(fax).some((value) => value !== null && value !== "");
  return {
    ...attributes,
    status_callback: attributes.status_callback_url,
    ...prefixed("sms", block(attributes, "messaging")),
    ...prefixed("voice", isFax ? fax : block(attributes, "voice")),
    voice_receive_mode: isFax ? "fax" : "voice",
  };
}

function conversationOf(attributes: Body): Pick<FoundConversation, "body" | "timers"> {
  const { inactive, closed } = {
    inactive: attributes.timers_inactive,
    closed: attributes.timers_closed,
    ...block(attributes, "timers"),
  } as Props;
  const timers = { ...(inactive ? { inactive: String(inactive) } : {}), ...(closed ? { closed: String(closed) } : {}) };
  // A state holds when they end as well; how long they are is told.
  return { body: { ...attributes, timers: {} }, ...(Object.keys(timers).length > 0 ? { timers } : {}) };
}

function participantOf(attributes: Body): Body {
  const [address, proxy, projected] = ["address", "proxy_address", "projected_address"].map(
    (name) => attributes[`messaging_binding_${name}`] || undefined,
  );
  const type = String(address ?? "").startsWith("whatsapp:") ? "whatsapp" : "sms";
  const isBound = address !== undefined || projected !== undefined;
  return { ...attributes, messaging_binding: isBound ? { type, address, proxy_address: proxy, projected_address: projected } : null };
}
