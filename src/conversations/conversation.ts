import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { areOfOneResource, defaultName, isDefaultName, nextDefaultName } from "../core/lifecycle/default-name";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { duration, json, oneOf, path, sid, text } from "../core/lifecycle/formats";
import { get } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import type { MessagingService } from "../messaging";
import { conversationFacts } from "./conversation-facts";
import { describedAt, guard, messagesOf, refuseChangeOfClosed } from "./guard";
import type { JsonObject } from "./json-object";
import { messagingService } from "./referents";
import type { ConversationService } from "./service";

/**
 * Arguments of a {@link Conversation}. `adopt` also accepts the unique name.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-resource
 * @see https://www.twilio.com/docs/conversations/states-timers
 */
export interface ConversationArgs extends CommonArgs {
  /** The {@link ConversationService} that holds it, or its id. Default: the account's default service. A change replaces; messages are lost. */
  service?: Input<string> | Input<ConversationService> | undefined;
  /** Name for people, up to 256 characters. Updated in place; removing it clears the name. */
  friendlyName?: Input<string> | undefined;
  /**
   * Name for programs, unique in the service, up to 256 characters; Twilio's API accepts it in place of the SID. A closed conversation keeps it.
   * Default: the resource's name and a mark of this stack (`hello~1a2b3c4`), which recovers a create whose response was lost. Updated in
   * place.
   */
  uniqueName?: Input<string> | undefined;
  /**
   * Where to store the ownership mark, which recovers a create whose response was lost. `"uniqueName"` (default): in the default unique name.
   * `"none-may-duplicate"`: nowhere; a create whose response is lost may then leave a second conversation at Twilio. A plain value, not an
   * output. Matters only without `uniqueName`; a change sets or clears the default name in place.
   */
  ownerMark?: "uniqueName" | "none-may-duplicate" | undefined;
  /**
   * Data of your application, as an object of up to 16,384 bytes as JSON. Only the keys declared here are managed; keys that the application
   * writes stay. Updated in place; a key that is removed here is removed at Twilio.
   */
  attributes?: Input<JsonObject> | undefined;
  /**
   * `"active"`, `"inactive"` or `"closed"`. Default: left to Twilio, which starts with `"active"` and follows the timers. A conversation cannot
   * be created closed; a closed one can neither be reopened nor changed. Updated in place; removing it leaves the state as it is.
   */
  state?: Input<"active" | "inactive" | "closed"> | undefined;
  /** When the conversation changes its state by itself, counted from the last message. Twilio never returns these, so drift is not detected. */
  timers?:
    | Input<{
        /** From active to inactive: ISO 8601 duration, at least `PT1M`. Updated in place; removing it stops the timer. */
        inactive?: Input<string> | undefined;
        /** From inactive to closed: ISO 8601 duration, at least `PT10M`. Updated in place; removing it stops the timer. */
        closed?: Input<string> | undefined;
      }>
    | undefined;
  /**
   * The {@link MessagingService} that sends its messages, or its SID `MG…`. Default: the account's default messaging service. Updated in place;
   * removing it leaves the current one, since a conversation always has one.
   */
  messagingServiceSid?: Input<string> | Input<MessagingService> | undefined;
  /** How other channels reach it. */
  bindings?:
    | Input<{
        /** By email. */
        email?:
          | Input<{
              /** The address that its email comes from, `address@example.com`. Updated in place. */
              address?: Input<string> | undefined;
              /** The sender's name beside the address. Updated in place. */
              name?: Input<string> | undefined;
            }>
          | undefined;
      }>
    | undefined;
  /**
   * Allows a change that deletes the conversation while it holds messages; they are lost. Default: `false`: such a change is an error that
   * says what would be lost. A change is recorded in place and sends nothing.
   */
  forceDestroy?: Input<boolean> | undefined;
}

/** What Twilio adds to a {@link Conversation}. */
export interface ConversationOutputs {
  /** `CH` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The `service` that the program declares, as its id; `undefined` for the account's default service. */
  service: string | undefined;
  /** The service that holds it, `IS…`; a chat token must be made for this service. */
  chatServiceSid: string;
  /** The messaging service that sends its messages, `MG…`. */
  messagingServiceSid: string;
  /** Its unique name; `undefined` for a conversation that was adopted by its SID and has none. */
  uniqueName: string | undefined;
  /** The data of your application that the program declares. */
  attributes: Record<string, unknown> | undefined;
  /** Its state when it was last read. */
  state: "initializing" | "active" | "inactive" | "closed";
  /** Its address in Twilio's API. */
  url: string;
}

const guarded = guard({
  losses: messagesOf,
  why: (id, name) => `Twilio cannot move a conversation: replacing ${id}${name ? ` ("${name}")` : ""} deletes`,
  instead: "Leave it where it is",
  holds: (id, { first, all }) => `Conversation ${id} holds ${first}. Deleting it deletes ${all}.`,
});

/** @internal */
export const conversation: Definition = define<ConversationArgs, ConversationOutputs>({
  type: "twilio/conversations:Conversation",
  product: "conversations",
  sid: "CH",
  path: ([service]) => (service ? `/v1/Services/${service}/Conversations` : "/v1/Conversations"),
  list: { key: "conversations", by: ["uniqueName"], fetchBy: "uniqueName", allowsDuplicates: ({ uniqueName }) => uniqueName === undefined },
  unique: [{ by: ["service", "uniqueName"], explain: "a unique name occurs once in a service" }],
  facts: conversationFacts,
  fields: {
    service: { parent: "ConversationService", format: path("ConversationService", "IS") },
    friendlyName: { format: text({ max: 256 }) },
    uniqueName: { format: text({ min: 1, max: 256 }) },
    attributes: { type: "json", format: json({ maxBytes: 16_384 }) },
    state: { computed: true, format: oneOf("active", "inactive", "closed") },
    "timers.inactive": { type: "duration", from: false, cleared: "PT0S", format: duration({ minSeconds: 60 }) },
    "timers.closed": { type: "duration", from: false, cleared: "PT0S", format: duration({ minSeconds: 600 }) },
    messagingServiceSid: { computed: true, reference: messagingService, format: sid("MG") },
    "bindings.email.address": { from: ({ bindings }) => get(bindings, "email.address") ?? get(bindings, "email.projected_address") },
    "bindings.email.name": {},
    ownerMark: { local: "create", format: oneOf("uniqueName", "none-may-duplicate") },
    forceDestroy: { type: "boolean", local: "delete" },
  },
  outputs: { chatServiceSid: (id) => id.split("/")[0] as string },

  parentsOf: (body) => [body.chat_service_sid as string],

  addDefaults(args, { name, urn, place }) {
    const isNamed = args.uniqueName !== undefined || args.adopt !== undefined || args.ownerMark === "none-may-duplicate";
    return isNamed ? args : { ...args, uniqueName: defaultName(name, urn, place) };
  },

  // Twilio refuses timers on a create that does not declare the state (50382).
  createForm: (form, news) => (news.timers !== undefined && news.state === undefined ? { ...form, State: "active" } : form),

  validate(news, olds) {
    const isNew = Object.keys(olds).length === 0 && news.adopt === undefined;
    const early = { property: "state", reason: 'must not be "closed" at creation: create the conversation first, then declare the state' };
    const sidLike = { property: "uniqueName", reason: `must not look like a conversation's SID; received "${news.uniqueName}"` };
    return [...(isNew && news.state === "closed" ? [early] : []), ...(sid("CH")(news.uniqueName) === undefined ? [sidLike] : [])];
  },

  // The name stays where the stack's organization or backend has changed: only a new URN makes a new mark.
  resolveInputs: async (news, olds) =>
    areOfOneResource(olds.uniqueName, news.uniqueName) ? { ...news, uniqueName: olds.uniqueName } : news,

  // Whether a conversation was adopted is decided once: to add or remove `adopt` later neither sets nor clears a default name.
  normalizeInputs(news, olds) {
    if (areOfOneResource(olds.uniqueName, news.uniqueName)) return { ...news, uniqueName: olds.uniqueName };
    const former = isDefaultName(olds.uniqueName) ? olds.uniqueName : undefined;
    if (olds.adopt !== undefined && isDefaultName(news.uniqueName)) return { ...news, uniqueName: former };
    return former !== undefined && news.adopt !== undefined && news.uniqueName === undefined ? { ...news, uniqueName: former } : news;
  },

  isMarked: ({ uniqueName }) => isDefaultName(uniqueName),
  // A conversation that a renamed stack has not updated yet still has the name.
  another: (news) =>
    isDefaultName(news.uniqueName) ? { ...news, uniqueName: nextDefaultName(String(news.uniqueName), String(news.uniqueName)) } : undefined,

  async explainConflict({ uniqueName, service }, { code }, { twilio }) {
    if (code !== 50353 || uniqueName === undefined) return undefined;
    const path = `${conversation.path(service ? [service] : [], twilio.accountSid)}/${encodeURIComponent(uniqueName)}`;
    const found = await describedAt(path, `"${uniqueName}"`, twilio);
    return found && `The name belongs to ${found}; nothing shows that this resource created it.`;
  },

  beforeDelete: guarded.beforeDelete,
  async refuse(change, context) {
    await guarded.refuse(change, context);
    refuseChangeOfClosed(change);
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
