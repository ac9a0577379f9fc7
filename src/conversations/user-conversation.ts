import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { integer, matching, oneOf, path } from "../core/lifecycle/formats";
import { isUnknown, parentIdOf } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import type { Conversation } from "./conversation";
import type { ConversationUser } from "./user";

/**
 * Arguments of a {@link UserConversation}. A user has these settings in each conversation that it takes part in: they begin and end with the
 * participant. A program declares them at most once for a user and a conversation.
 *
 * @see https://www.twilio.com/docs/conversations/api/user-conversation-resource
 */
export interface UserConversationArgs {
  /** The id `IS…/US…/CH…`: adopts the settings, so that destroy leaves the declared values. Matters at creation only. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * What destroying the resource does: `"restore"` sets the values that were found when the resource was created, `"retain"` leaves the
   * declared ones. Neither removes the user from the conversation. Default: `"restore"`, but `"retain"` with `adopt`. A change is recorded in
   * place and sends nothing.
   */
  onDelete?: Input<"restore" | "retain"> | undefined;
  /** The {@link ConversationUser}, or its id `IS…/US…`. A change replaces: the former settings get their former values back. */
  user: Input<string> | Input<ConversationUser>;
  /**
   * The {@link Conversation}, or its id `IS…/CH…`, in the user's service. Pass `conversation` of the Participant with the user's identity, so
   * that the user takes part before it has settings. A change replaces: the former settings get their former values back.
   */
  conversation: Input<string> | Input<Conversation>;
  /**
   * Whether the user gets push notifications about the conversation: `"default"` or `"muted"`. Twilio's default: `"default"`. Updated in
   * place; removing it restores the former value. The user can change it in the application, which a refresh shows.
   */
  notificationLevel?: Input<"default" | "muted"> | undefined;
  /**
   * The index of the last message that the user has read, 0 or more, at most that of the last message. Updated in place, but only forward: a
   * value below what the user has read does nothing, and neither does removing it. Destroy does not restore it.
   */
  lastReadMessageIndex?: Input<number> | undefined;
  /**
   * When the user read it, ISO 8601. Twilio's default: the time of the update. Twilio does not return it, so drift is not detected. Updated in
   * place; removing it does nothing.
   */
  lastReadTimestamp?: Input<string> | undefined;
}

/** What Twilio adds to a {@link UserConversation}. */
export interface UserConversationOutputs {
  /** The conversation's SID, `CH…`. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The id of the user, `IS…/US…`. */
  user: string;
  /** The id of the conversation, `IS…/CH…`. */
  conversation: string;
  /** The participant that the user is in the conversation, `MB…`. */
  participantSid: string;
  /** The index of the last message that the user has read; `undefined` before it has read any. */
  lastReadMessageIndex: number | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const userConversation: Definition = define<UserConversationArgs, UserConversationOutputs>({
  type: "twilio/conversations:UserConversation",
  product: "conversations",
  sid: "CH",
  path: ([service, user, conversation]) => `/v1/Services/${service}/Users/${user}/Conversations/${conversation}`,
  singleton: true,
  onDelete: ["restore", "retain"],
  unique: [{ by: ["user", "conversation"], explain: "a user has one set of settings in a conversation" }],
  facts: {
    plural: "user conversations",
    singular: "membership settings",
    titleProperties: ["notificationLevel"],
    export: { leftOut: "users choose them in the application, and a program that declares them would revert their next choice" },
    absent:
      "a user has settings where it takes part. To have it take part, declare a Participant with its identity and pass that resource's " +
      "conversation: `conversation: participant.conversation`",
  },
  fields: {
    user: { parent: "ConversationUser", required: true, format: path("ConversationUser", "IS", "US") },
    conversation: { parent: "Conversation", required: true, format: path("Conversation", "IS", "CH") },
    notificationLevel: { cleared: "default", format: oneOf("default", "muted") },
    lastReadMessageIndex: { type: "integer", computed: true, format: integer({ min: 0 }) },
    lastReadTimestamp: {
      from: false,
      computed: true,
      format: matching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/, "an ISO 8601 time, 2026-01-31T12:00:00Z"),
    },
  },
  outputs: { participantSid: "participant_sid" },

  parentsOf: (body) => [body.chat_service_sid, body.user_sid, body.conversation_sid] as string[],

  validate({ user, conversation }) {
    if ([user, conversation].some((one) => typeof one !== "string" || isUnknown(one))) return [];
    const service = parentIdOf(user);
    if (parentIdOf(conversation) === service) return [];
    return [{ property: "conversation", reason: `must be in the user's service, ${service}; received ${conversation}` }];
  },

  // The user reads on in the application: what is read stays read.
  normalizeInputs(news, olds) {
    const [live, wanted] = [olds.lastReadMessageIndex, news.lastReadMessageIndex];
    return live !== undefined && wanted !== undefined && wanted < live ? { ...news, lastReadMessageIndex: live } : news;
  },
});

/**
 * The settings of a user in a conversation: whether the user gets notifications, and what the user has read.
 *
 * @example
 * const member = new Participant("ada", { conversation: hello, identity: ada.identity });
 * new UserConversation("ada", { user: ada, conversation: member.conversation, notificationLevel: "muted" });
 *
 * @see https://www.twilio.com/docs/conversations/api/user-conversation-resource
 */
export class UserConversation extends resourceClass<UserConversationArgs, UserConversationOutputs>(userConversation) {}
