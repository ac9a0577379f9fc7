import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { e164, type Format, items, json, matching, path, sid, text, whatsapp } from "../core/lifecycle/formats";
import { get } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import { conversationSidIn } from "../core/twilio/errors";
import type { Body } from "../core/twilio/twilio";
import { messengerPage, messengerUser, rcsAgent, rcsPerson } from "./address-formats";
import type { Conversation } from "./conversation";
import { describedAt } from "./guard";
import type { JsonObject } from "./json-object";
import { participantFacts } from "./participant-facts";
import { type Channel, kindProblems } from "./participant-kinds";
import { anotherProxy, chosenProxy, keptProxy } from "./participant-proxies";
import { conversationRole, textNumber, whatsappSender } from "./referents";
import type { ConversationRole } from "./role";

interface Common extends CommonArgs {
  /** The {@link Conversation} that it takes part in, or its id `IS…/CH…`. A change replaces. */
  conversation: Input<string> | Input<Conversation>;
  /**
   * Its role in the conversation: a {@link ConversationRole} of type conversation, or its SID `RL…`. Default: the service's default
   * conversation role. Updated in place; removing it leaves the current role.
   */
  roleSid?: Input<string> | Input<ConversationRole> | undefined;
  /**
   * Data of your application, as an object of up to 4,096 bytes as JSON. Only the keys declared here are managed. Updated in place.
   */
  attributes?: Input<JsonObject> | undefined;
}

/** Every kind's own properties, none of which another kind may have. */
interface None {
  identity?: undefined;
  projectedAddress?: undefined;
  sms?: undefined;
  whatsapp?: undefined;
  rcs?: undefined;
  messenger?: undefined;
  address?: undefined;
}

/** A person in a chat application, who signs in with a token for this identity. */
export interface ChatParticipantArgs extends Common, Omit<None, "identity" | "projectedAddress"> {
  /**
   * The identity in the token, up to 256 characters, once in a conversation; Twilio creates a User where there is none. A change replaces:
   * delete, then create.
   */
  identity: Input<string>;
  /** In a group MMS, the Twilio number that represents this identity: E.164, a +1 long code of the account. A change replaces. */
  projectedAddress?: Input<string> | undefined;
}

/** A phone that exchanges texts with a number of the account. */
export interface SmsParticipantArgs extends Common, Omit<None, "sms"> {
  sms: Input<{
    /** The person's number, E.164. A change replaces: delete, then create. */
    address: Input<string>;
    /** The Twilio number that the person exchanges texts with, E.164, SMS-enabled. A change replaces: delete, then create. */
    proxyAddress: Input<string>;
    proxyAddresses?: undefined;
  }>;
}

/** A phone that exchanges texts with a number of the account, which is chosen from several. */
export interface PooledSmsParticipantArgs extends Common, Omit<None, "sms"> {
  sms: Input<{
    /** The person's number, E.164. A change replaces: delete, then create. The chosen number stays where it can. */
    address: Input<string>;
    proxyAddress?: undefined;
    /**
     * The Twilio numbers of which the person exchanges texts with one, E.164, SMS-enabled, each once: the first one whose pair with `address`
     * is in no open conversation of the account and chosen for no other participant of the program. `sms.proxyAddress` of the resource has it.
     * The choice is made once. A later change of the list does nothing, unless it removes the chosen number: that replaces, with the next free
     * one. No free number is an error that says what holds the pairs.
     */
    proxyAddresses: Input<Input<string>[]>;
  }>;
}

/** A person on WhatsApp. */
export interface WhatsAppParticipantArgs extends Common, Omit<None, "whatsapp"> {
  whatsapp: Input<{
    /** The person's address, `whatsapp:` and the number in E.164. A change replaces: delete, then create. */
    address: Input<string>;
    /** The account's WhatsApp sender, `whatsapp:` and the number in E.164. A change replaces: delete, then create. */
    proxyAddress: Input<string>;
  }>;
}

/** A person whose phone has RCS, who sees the account's agent with its name and picture. */
export interface RcsParticipantArgs extends Common, Omit<None, "rcs"> {
  rcs: Input<{
    /** The person's address, `rcs:` and the number in E.164. A change replaces: delete, then create. */
    address: Input<string>;
    /** The account's agent, `rcs:` and its id. Twilio checks that it is the account's. A change replaces: delete, then create. */
    proxyAddress: Input<string>;
  }>;
}

/** A person on Facebook Messenger. */
export interface MessengerParticipantArgs extends Common, Omit<None, "messenger"> {
  messenger: Input<{
    /** The person's address, `messenger:` and the id that the person has for this page. A change replaces: delete, then create. */
    address: Input<string>;
    /** The account's page, `messenger:` and its id. Twilio checks that it is the account's. A change replaces: delete, then create. */
    proxyAddress: Input<string>;
  }>;
}

/** A phone in a group MMS, where everybody sees each other; it has no proxy. */
export interface GroupMmsParticipantArgs extends Common, Omit<None, "address"> {
  /** The person's number, E.164, +1 only. A change replaces: delete, then create. */
  address: Input<string>;
}

/** A Twilio number that takes part in a group MMS by itself. */
export interface ProjectedParticipantArgs extends Common, Omit<None, "projectedAddress"> {
  /** The Twilio number, E.164, a +1 long code of the account. A change replaces: delete, then create. */
  projectedAddress: Input<string>;
}

/**
 * Arguments of a {@link Participant}: exactly one kind of it. `adopt` also accepts the identity.
 *
 * A pair of address and proxyAddress is in one open conversation of the account at a time (Twilio error 50416); an identity is in a
 * conversation once (50433). Two of the same in one program fail at preview.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-participant-resource
 * @see https://www.twilio.com/docs/conversations/group-texting
 */
export type ParticipantArgs =
  | ProjectedParticipantArgs
  | GroupMmsParticipantArgs
  | MessengerParticipantArgs
  | RcsParticipantArgs
  | WhatsAppParticipantArgs
  | PooledSmsParticipantArgs
  | SmsParticipantArgs
  // Where a program declares no kind, TypeScript reports what the last member lacks. An intersection is the last one in every version.
  | (ChatParticipantArgs & Common);

/** What Twilio adds to a {@link Participant}. */
export interface ParticipantOutputs {
  /** `MB` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The id of its conversation, `IS…/CH…`. */
  conversation: string;
  /** Its conversation, `CH…`. */
  conversationSid: string;
  /** Its service, `IS…`. */
  chatServiceSid: string;
  /** Of a phone with a proxy, the addresses; `proxyAddress` is also the number that was chosen from `proxyAddresses`. */
  sms: { address: string; proxyAddress: string; proxyAddresses?: string[] } | undefined;
  /** The data of your application that the program declares. */
  attributes: Record<string, unknown> | undefined;
  /** Its role, `RL…`; a phone in a group MMS has none. */
  roleSid: string;
  /** Its address in Twilio's API. */
  url: string;
}

// All kinds as one, which is what a definition describes.
interface AnyParticipantArgs extends Common {
  identity?: string;
  projectedAddress?: string;
  address?: string;
  sms?: { address: string; proxyAddress?: string; proxyAddresses?: string[] };
  whatsapp?: { address: string; proxyAddress: string };
  rcs?: { address: string; proxyAddress: string };
  messenger?: { address: string; proxyAddress: string };
}

const fixed = (wire: string, from: (body: Body) => unknown, format: Format) => ({ wire, from, format, createOnly: true }) as const;
const binding = (type: Channel, key: string) => (body: Body) =>
  get(body, "messaging_binding.type") === type ? get(body, `messaging_binding.${key}`) : undefined;

const northAmerican = matching(/^\+1[2-9]\d{9}$/, "a number that can take part in a group MMS: +1 and ten digits, like +15558675310");
const groupNumber: Format = (value) => e164(value) ?? northAmerican(value);

// Twilio calls a group MMS binding "sms" too; only a missing proxy distinguishes it.
const hasProxy = (body: Body) => Boolean(get(body, "messaging_binding.proxy_address"));
const sms = (key: string) => (body: Body) => (hasProxy(body) ? binding("sms", key)(body) : undefined);

const pairRule = "a pair of address and proxyAddress is in one open conversation at a time";

/** @internal */
export const participant: Definition = define<AnyParticipantArgs, ParticipantOutputs>({
  type: "twilio/conversations:Participant",
  product: "conversations",
  sid: "MB",
  path: ([service, conversation]) => `/v1/Services/${service}/Conversations/${conversation}/Participants`,
  // A participant has an identity or addresses; both are unique in its conversation.
  list: {
    key: "participants",
    by: [
      ...["sms.address", "sms.proxyAddress", "whatsapp.address", "whatsapp.proxyAddress", "rcs.address", "rcs.proxyAddress"],
      ...["messenger.address", "messenger.proxyAddress", "address", "projectedAddress"],
    ],
    fetchBy: "identity",
  },
  deleteBeforeReplace: true,
  serialized: true,
  unique: [
    { by: ["conversation", "identity"], explain: "an identity is in a conversation once" },
    { by: ["sms.address", "sms.proxyAddress"], explain: pairRule },
    { by: ["whatsapp.address", "whatsapp.proxyAddress"], explain: pairRule },
    { by: ["rcs.address", "rcs.proxyAddress"], explain: pairRule },
    { by: ["messenger.address", "messenger.proxyAddress"], explain: pairRule },
  ],
  facts: participantFacts,
  fields: {
    conversation: { parent: "Conversation", required: true, format: path("Conversation", "IS", "CH") },
    identity: { createOnly: true, format: text({ min: 1, max: 256 }) },
    "sms.address": fixed("MessagingBinding.Address", sms("address"), e164),
    "sms.proxyAddress": { ...fixed("MessagingBinding.ProxyAddress", sms("proxy_address"), e164), reference: textNumber },
    "sms.proxyAddresses": { type: "list", local: "create", reference: textNumber, format: items(e164, { min: 1 }) },
    "whatsapp.address": fixed("MessagingBinding.Address", binding("whatsapp", "address"), whatsapp),
    "whatsapp.proxyAddress": {
      ...fixed("MessagingBinding.ProxyAddress", binding("whatsapp", "proxy_address"), whatsapp),
      reference: whatsappSender,
    },
    "rcs.address": fixed("MessagingBinding.Address", binding("rcs", "address"), rcsPerson),
    "rcs.proxyAddress": fixed("MessagingBinding.ProxyAddress", binding("rcs", "proxy_address"), rcsAgent),
    "messenger.address": fixed("MessagingBinding.Address", binding("messenger", "address"), messengerUser),
    "messenger.proxyAddress": fixed("MessagingBinding.ProxyAddress", binding("messenger", "proxy_address"), messengerPage),
    address: fixed("MessagingBinding.Address", (body) => (hasProxy(body) ? undefined : binding("sms", "address")(body)), groupNumber),
    projectedAddress: {
      ...fixed("MessagingBinding.ProjectedAddress", binding("sms", "projected_address"), groupNumber),
      reference: textNumber,
    },
    roleSid: { computed: true, reference: conversationRole, format: sid("RL") },
    attributes: { type: "json", format: json({ maxBytes: 4096 }) },
  },
  outputs: {
    conversationSid: (id) => id.split("/")[1] as string,
    chatServiceSid: (id) => id.split("/")[0] as string,
  },

  validate: kindProblems,
  resolveInputs: chosenProxy,
  normalizeInputs: keptProxy,
  another: anotherProxy,

  async explainConflict(news, { reason }, { twilio }) {
    const holder = conversationSidIn(reason);
    const [service] = news.conversation.split("/");
    // Twilio names the conversation but not its service: ours, or the default one, which needs no name.
    for (const place of holder ? [`/v1/Services/${service}`, "/v1"] : []) {
      const found = await describedAt(`${place}/Conversations/${holder}`, String(holder), twilio);
      if (found) return `The pair is bound in ${found}.`;
    }
    return undefined;
  },
});

/**
 * A member of a conversation: a person in a chat application, a phone, a user of WhatsApp, RCS or Messenger, a member of a group MMS.
 *
 * @example
 * new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
 * new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-participant-resource
 */
export class Participant extends resourceClass<ParticipantArgs, ParticipantOutputs>(participant) {}
