import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { text } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import { UsageError } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import { guard } from "./guard";
import { contentsOf, settingsOf } from "./service-contents";
import { conversationServiceFacts } from "./service-facts";

/**
 * Arguments of a {@link ConversationService}. `adopt` also accepts the exact friendly name, if only one service has it.
 *
 * @see https://www.twilio.com/docs/conversations/api/service-resource
 */
export interface ConversationServiceArgs extends CommonArgs {
  /** Name in the Console, 1 to 256 characters; need not be unique. Twilio cannot rename a service: a change replaces it. */
  friendlyName: Input<string>;
  /**
   * Allows a change that deletes the service while it holds conversations (with their messages), roles, webhooks, or users with data or a role of
   * their own; they are lost. Default: `false`: such a change is an error that lists what would be lost. A change is recorded in place and sends nothing. The account's default service is never
   * deleted.
   */
  forceDestroy?: Input<boolean> | undefined;
}

/** What Twilio adds to a {@link ConversationService}. */
export interface ConversationServiceOutputs {
  /** `IS` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns the service, `AC…`. */
  accountSid: string;
  /** The service's default roles. @see https://www.twilio.com/docs/conversations/api/service-configuration-resource */
  configuration: {
    /** The role of a conversation's creator in that conversation, `RL…`. */
    defaultConversationCreatorRoleSid: string;
    /** The role of participants in a conversation, `RL…`. */
    defaultConversationRoleSid: string;
    /** The role of users in the service, `RL…`. */
    defaultChatServiceRoleSid: string;
  };
  /** The service's address in Twilio's API. */
  url: string;
}

const guarded = guard({
  losses: contentsOf,
  why: (id, name) => `Twilio cannot rename a service: replacing "${name}" (${id}) deletes its contents:`,
  instead: "Keep the name",
  holds: (id, { first, all }) =>
    `ConversationService ${id} holds ${first}, which this stack does not manage. Deleting the service deletes ${all}.`,
});

/** @internal */
export const conversationService: Definition = define<ConversationServiceArgs, ConversationServiceOutputs>({
  type: "twilio/conversations:ConversationService",
  product: "conversations",
  sid: "IS",
  path: () => "/v1/Services",
  list: { key: "services", by: ["friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  facts: conversationServiceFacts,
  fields: {
    friendlyName: { required: true, createOnly: true, format: text({ min: 1, max: 256 }) },
    forceDestroy: { type: "boolean", local: "delete" },
  },
  outputs: { configuration: "configuration" },

  async complete(body, context) {
    const found = await settingsOf(String(body.sid), "Configuration", context);
    const configuration = {
      defaultConversationCreatorRoleSid: found?.default_conversation_creator_role_sid,
      defaultConversationRoleSid: found?.default_conversation_role_sid,
      defaultChatServiceRoleSid: found?.default_chat_service_role_sid,
    };
    return { ...body, configuration };
  },

  refuse: guarded.refuse,
  async beforeDelete(id, props, context) {
    const attempt = "Cannot read which service is the account's default";
    const account = await context.twilio.send({ attempt, product: "conversations", method: "get", path: "/v1/Configuration" });
    if (account?.default_chat_service_sid === undefined)
      throw new UsageError(`ConversationService ${id} is not deleted: Twilio does not say which service is the account's default.`);
    verifyNames(account, { account_sid: context.twilio.accountSid }, attempt, true);
    if (account.default_chat_service_sid !== id) return guarded.beforeDelete(id, props, context);
    context.log("info", `ConversationService ${id} is the account's default service and stays at Twilio, whatever onDelete says.`);
    return "keep";
  },
});

/**
 * Conversations, users and roles that are separate from those of other services.
 *
 * @example
 * const service = new ConversationService("support", { friendlyName: "Support" });
 * new Conversation("hello", { service });
 *
 * @see https://www.twilio.com/docs/conversations/api/service-resource
 */
export class ConversationService extends resourceClass<ConversationServiceArgs, ConversationServiceOutputs>(conversationService) {}
