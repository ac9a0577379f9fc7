import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { duration, sid } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import type { MessagingService } from "../messaging";
import { conversationService, messagingService } from "./referents";
import type { ConversationService } from "./service";

/**
 * Arguments of a {@link ConversationConfiguration}. Every account has one configuration: it is neither created nor deleted, and a program
 * declares it at most once.
 *
 * @see https://www.twilio.com/docs/conversations/api/configuration-resource
 */
export interface ConversationConfigurationArgs {
  /** The account's SID `AC…`: adopts the configuration, so that destroy leaves the declared values. Matters at creation only. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * What destroying the resource does: `"restore"` sets the values that were found when the resource was created, `"retain"` leaves the
   * declared ones. Default: `"restore"`, but `"retain"` with `adopt`. A change is recorded in place and sends nothing.
   */
  onDelete?: Input<"restore" | "retain"> | undefined;
  /**
   * The {@link ConversationService} for conversations that name none, or its SID `IS…`. Updated in place; removing it restores the former
   * service. New conversations without `service` are created in the new default; existing ones stay.
   */
  defaultChatServiceSid?: Input<string> | Input<ConversationService> | undefined;
  /**
   * The {@link MessagingService} for conversations that name none, or its SID `MG…`. Updated in place; removing it restores the former one.
   */
  defaultMessagingServiceSid?: Input<string> | Input<MessagingService> | undefined;
  /**
   * How long after its last message a new conversation becomes inactive: ISO 8601 duration, at least `PT1M`. Updated in place; removing it
   * restores the former value. Existing conversations keep their timers.
   */
  defaultInactiveTimer?: Input<string> | undefined;
  /**
   * How long after that a new conversation becomes closed: ISO 8601 duration, at least `PT10M`. Updated in place; removing it restores the
   * former value. Existing conversations keep their timers.
   */
  defaultClosedTimer?: Input<string> | undefined;
}

/** What Twilio adds to a {@link ConversationConfiguration}. */
export interface ConversationConfigurationOutputs {
  /** The account's SID, `AC…`; also the resource's id. */
  sid: string;
  /** The account, `AC…`. */
  accountSid: string;
  /** The service for conversations that name none, `IS…`, as far as the program declares one. */
  defaultChatServiceSid: string | undefined;
  /** The messaging service for conversations that name none, `MG…`, as far as the program declares one. */
  defaultMessagingServiceSid: string | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const conversationConfiguration: Definition = define<ConversationConfigurationArgs, ConversationConfigurationOutputs>({
  type: "twilio/conversations:ConversationConfiguration",
  product: "conversations",
  sid: "AC",
  path: () => "/v1/Configuration",
  singleton: true,
  onDelete: ["restore", "retain"],
  unique: [{ by: [], explain: "an account has one configuration" }],
  facts: { plural: "configuration" },
  fields: {
    defaultChatServiceSid: { reference: conversationService, format: sid("IS") },
    defaultMessagingServiceSid: { reference: messagingService, format: sid("MG") },
    defaultInactiveTimer: { type: "duration", cleared: "PT0S", format: duration({ minSeconds: 60 }) },
    defaultClosedTimer: { type: "duration", cleared: "PT0S", format: duration({ minSeconds: 600 }) },
  },
});

/**
 * The account's settings for all Conversations: default services and default timers.
 *
 * @example
 * new ConversationConfiguration("account", { defaultInactiveTimer: "PT1H" });
 *
 * @see https://www.twilio.com/docs/conversations/api/configuration-resource
 */
export class ConversationConfiguration extends resourceClass<ConversationConfigurationArgs, ConversationConfigurationOutputs>(
  conversationConfiguration,
) {}
