import type { CustomResource, Input } from "@pulumi/pulumi";
import { type Body, type Context, type Definition, define, matchesNote, type Problem, type Props } from "../core/lifecycle/definition";
import { boolean, duration, json, oneOf, path, sid, text } from "../core/lifecycle/formats";
import { get } from "../core/lifecycle/props";
import { type CommonArgs, commonFields, resourceClass } from "../core/registration/resource";
import { UsageError } from "../core/twilio/errors";
import { describeConversation, guard, messagesOf } from "./guard";

/**
 * What you may set on a {@link Conversation}. `adopt` also takes the unique name.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-resource
 * @see https://www.twilio.com/docs/conversations/states-timers
 */
export interface ConversationArgs extends CommonArgs {
  /** The {@link ConversationService} that holds it, or its id. Default: the account's default service. A change replaces, messages are lost. */
  service?: Input<string> | CustomResource;
  /** Name for people, up to 256 characters. Changed in place; removing it clears it. */
  friendlyName?: Input<string>;
  /**
   * Name for programs, unique in the service, up to 256 characters, accepted by Twilio's API in place of the SID; a closed conversation keeps
   * it. Default: the resource's name with a mark of this stack (`hello~1a2b3c4`), by which a create whose answer was lost is found again.
   * Changed in place.
   */
  uniqueName?: Input<string>;
  /**
   * Where the mark lives by which a create whose answer was lost is found again: in the default of `uniqueName`, in plain sight. Whoever wants
   * a conversation without any unique name writes `"none-may-duplicate"`, and accepts that a create whose answer is lost may leave a second
   * conversation at Twilio. Default: `"uniqueName"`. Only a plain value is taken, no output. Matters where `uniqueName` is not given; a change
   * sets or clears the default name in place.
   */
  ownerMark?: "uniqueName" | "none-may-duplicate";
  /**
   * What your application wants to keep with it, as an object; up to 16,384 bytes as JSON. Only the keys declared here are managed: keys that
   * the application writes stay. Changed in place; a key that is removed here is removed at Twilio.
   */
  attributes?: Input<Record<string, unknown>>;
  /**
   * `"active"`, `"inactive"` or `"closed"`. Default: left to Twilio, which starts with `"active"` and follows the timers. A conversation cannot
   * begin closed, and a closed one can neither be reopened nor changed. Changed in place; removing it leaves
   * the state as it is.
   */
  state?: Input<"active" | "inactive" | "closed">;
  /** When the conversation changes its state by itself, counted from the last message. Twilio never tells these back, so drift is not seen. */
  timers?: Input<{
    /** From active to inactive: ISO 8601 duration, at least `PT1M`. Changed in place; removing it stops the timer. */
    inactive?: Input<string>;
    /** From inactive to closed: ISO 8601 duration, at least `PT10M`. Changed in place; removing it stops the timer. */
    closed?: Input<string>;
  }>;
  /**
   * The messaging service that its messages leave by, `MG…`. Default: the account's default messaging service. Changed in place;
   * removing it leaves the one that it has, since Twilio takes no conversation without.
   */
  messagingServiceSid?: Input<string>;
  /** How it is reached by other channels. */
  bindings?: Input<{
    /** By email. */
    email?: Input<{
      /** The address that mail to it comes from, `address@example.com`. Changed in place. */
      address?: Input<string>;
      /** The sender's name beside the address. Changed in place. */
      name?: Input<string>;
    }>;
  }>;
  /**
   * Allows deleting or replacing the conversation while it holds messages; they are lost. Default: `false`, which makes such a change an error
   * that says what would be lost. A change is recorded in place and sends nothing.
   */
  forceDestroy?: Input<boolean>;
}

/** What Twilio adds to a {@link Conversation}. */
export interface ConversationOutputs {
  /** `CH` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The service that holds it, `IS…`: what a chat token must be made for. */
  chatServiceSid: string;
  /** The messaging service that its messages leave by, `MG…`. */
  messagingServiceSid: string;
  /** Its unique name; `undefined` for a conversation that was adopted by its SID and is given none here. */
  uniqueName: string | undefined;
  /** Its state when it was last read. */
  state: "initializing" | "active" | "inactive" | "closed";
  /** Its address in Twilio's API. */
  url: string;
}

const guarded = guard({
  losses: messagesOf,
  why: (id, name) => `Twilio cannot move a conversation, so ${id}${name ? ` ("${name}")` : ""} would be deleted with`,
  instead: "Leave it where it is",
  holds: (id, { first, all }) => `Conversation ${id} holds ${first}; deleting it would delete ${all}.`,
});

export const conversation: Definition = define<ConversationArgs, ConversationOutputs>({
  type: "twilio/conversations:Conversation",
  product: "conversations",
  sid: "CH",
  path: ([service]) => (service ? `/v1/Services/${service}/Conversations` : "/v1/Conversations"),
  parentsOf: (body) => [body.chat_service_sid as string],
  autoname: "uniqueName",
  unnamed: ({ ownerMark }) => ownerMark === "none-may-duplicate",
  allowsDuplicates: ({ uniqueName }) => uniqueName === undefined,
  unique: [{ by: ["service", "uniqueName"], explain: "a unique name is used once in a service" }],
  fields: {
    service: { parent: "ConversationService", format: path("ConversationService", "IS") },
    friendlyName: { format: text({ max: 256 }) },
    uniqueName: { format: text({ min: 1, max: 256 }) },
    attributes: { type: "json", format: json({ maxBytes: 16_384 }) },
    state: { computed: true, format: oneOf("active", "inactive", "closed") },
    "timers.inactive": { type: "duration", from: false, cleared: "PT0S", format: duration({ minSeconds: 60 }) },
    "timers.closed": { type: "duration", from: false, cleared: "PT0S", format: duration({ minSeconds: 600 }) },
    messagingServiceSid: { computed: true, format: sid("MG") },
    "bindings.email.address": { from: ({ bindings }) => get(bindings, "email.address") ?? get(bindings, "email.projected_address") },
    "bindings.email.name": {},
    ownerMark: { local: "create", format: oneOf("uniqueName", "none-may-duplicate") },
    forceDestroy: { type: "boolean", local: "delete", format: boolean },
    ...commonFields,
    onDelete: { ...commonFields.onDelete, format: oneOf("delete", "retain") },
  },
  outputs: {},
  derived: {
    chatServiceSid: (id) => id.split("/")[0] as string,
    url: (id) => `https://conversations.twilio.com/v1/Services/${id.replace("/", "/Conversations/")}`,
  },

  // Twilio refuses timers on a create that does not name the state (50382).
  extra: (news): Record<string, string> => (news.timers !== undefined && news.state === undefined ? { State: "active" } : {}),

  validate(news, olds) {
    const problems: Problem[] = [];
    if (Object.keys(olds).length === 0 && news.adopt === undefined && news.state === "closed") {
      problems.push({
        property: "state",
        reason: 'is "closed", but a conversation cannot begin closed: create it first, then declare the state',
      });
    }
    if (/^CH[0-9a-fA-F]{32}$/.test(String(news.uniqueName))) {
      problems.push({ property: "uniqueName", reason: "has the form of a conversation's SID, which Twilio refuses: choose another name" });
    }
    return problems;
  },

  // Whether a conversation was adopted is settled once, so adding or removing `adopt` later gives and takes no default name.
  normalizeInputs(news, olds) {
    if (olds.adopt !== undefined && isDefaultName(news.uniqueName)) return { ...news, uniqueName: undefined };
    if (olds.adopt === undefined && news.adopt !== undefined && news.uniqueName === undefined && isDefaultName(olds.uniqueName)) {
      return { ...news, uniqueName: olds.uniqueName };
    }
    return news;
  },

  // The note tells that a name in the way is our own, made by a run that was interrupted; a default name carries this resource's mark.
  pendingCreateKey: ({ __urn, service, uniqueName }) =>
    __urn === undefined || uniqueName === undefined || isDefaultName(uniqueName)
      ? undefined
      : `conversation ${__urn} ${service} ${uniqueName}`,
  async findLost(news, context, note) {
    if (news.uniqueName === undefined || (!note && !isDefaultName(news.uniqueName))) return undefined;
    const found = await byUniqueName(news.uniqueName as string, news, context);
    return note && found && !matchesNote(note, found, context.twilio) ? undefined : found;
  },
  findByName: (name, news, context) => byUniqueName(name, news, context),
  async explainConflict({ uniqueName, service }, { code }, context) {
    const found = code === 50353 && typeof uniqueName === "string" ? await byUniqueName(uniqueName, { service }, context) : undefined;
    return found && `In the way is ${describeConversation(found)}; nothing says that this resource made it.`;
  },

  beforeDelete: guarded.beforeDelete,
  async refuse(change, context) {
    await guarded.refuse?.(change, context);
    const { id, olds, news, changed, replaces } = change;
    // A state that is no longer declared is left as it is.
    const sent = changed.filter((property) => !conversation.fields[property]?.local && !(property === "state" && news.state === undefined));
    if (olds.state !== "closed" || replaces.length > 0 || sent.length === 0) return;
    const wish = sent.includes("state") ? `cannot become ${JSON.stringify(news.state)} again` : `cannot be changed (${sent.join(", ")})`;
    throw new UsageError(
      `Conversation ${id} is closed, and a closed conversation ${wish}. Declare a new one, or leave this one as it is.`,
      "state",
    );
  },
});

/**
 * A thread of messages that participants share, whatever channel each of them uses.
 *
 * @example
 * const hello = new Conversation("hello", { service, friendlyName: "My First Conversation" });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-resource
 */
export class Conversation extends resourceClass<ConversationArgs, ConversationOutputs>(conversation) {}

const isDefaultName = (name: unknown): boolean => typeof name === "string" && /~[0-9a-f]{7}$/.test(name);

function byUniqueName(name: string, news: Props, { twilio }: Context): Promise<Body | undefined> {
  const collection = conversation.path(typeof news.service === "string" ? [news.service] : [], twilio.accountSid);
  const attempt = `Cannot look up the conversation "${name}"`;
  return twilio.send({ attempt, product: "conversations", method: "get", path: `${collection}/${encodeURIComponent(name)}` });
}
