import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { path } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import type { ConversationService } from "./service";

/** A push notification to the members of a conversation. */
export interface PushNotification {
  /** Whether it is sent. Twilio's default: `false`. Updated in place; removing it restores the former value. */
  enabled?: Input<boolean> | undefined;
  /**
   * Its text. Twilio replaces `${CONVERSATION}`, `${PARTICIPANT}` and, in `newMessage`, `${MESSAGE}`. Write it in quotes: in a template
   * literal (backticks), TypeScript itself would replace the variables, or fail to compile. Twilio's default: a text of its own. Updated in
   * place; removing it restores the former text.
   */
  template?: Input<string> | undefined;
  /** The name of the sound that the phone plays. Twilio's default: none. Updated in place; removing it restores the former value. */
  sound?: Input<string> | undefined;
}

/** The push notification of a new message. */
export interface NewMessageNotification extends PushNotification {
  /** Whether it carries the number of unread conversations for the app's badge. Twilio's default: `false`. Updated in place. */
  badgeCountEnabled?: Input<boolean> | undefined;
  /** What is different for a message with media. */
  withMedia?:
    | Input<{
        /** Whether it has a text of its own. Twilio's default: `false`. Updated in place; removing it restores the former value. */
        enabled?: Input<boolean> | undefined;
        /**
         * Its text, with `${MEDIA}` and `${MEDIA_COUNT}` beside the other variables; in quotes, not in backticks. Updated in place; removing it
         * restores the former text.
         */
        template?: Input<string> | undefined;
      }>
    | undefined;
}

/**
 * Arguments of a {@link ConversationServiceNotification}. Every service has one: it is neither created nor deleted, and a program declares it
 * at most once for a service. What is not declared is not managed.
 *
 * @see https://www.twilio.com/docs/conversations/api/service-notification-resource
 */
export interface ConversationServiceNotificationArgs {
  /** The service's SID `IS…`: adopts the settings, so that destroy leaves the declared values. Matters at creation only. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * What destroying the resource does: `"restore"` sets the values that were found when the resource was created, `"retain"` leaves the
   * declared ones. Default: `"restore"`, but `"retain"` with `adopt`. A change is recorded in place and sends nothing.
   */
  onDelete?: Input<"restore" | "retain"> | undefined;
  /** The {@link ConversationService} that it belongs to, or its id `IS…`. A change replaces: the former service gets its former values back. */
  service: Input<string> | Input<ConversationService>;
  /** Whether Twilio logs the notifications that it sends. Twilio's default: `false`. Updated in place. */
  logEnabled?: Input<boolean> | undefined;
  /** Tells the other members of a conversation about a new message. */
  newMessage?: Input<NewMessageNotification> | undefined;
  /** Tells a user who was added to a conversation. */
  addedToConversation?: Input<PushNotification> | undefined;
  /** Tells a user who was removed from a conversation. */
  removedFromConversation?: Input<PushNotification> | undefined;
}

/** What Twilio adds to a {@link ConversationServiceNotification}. */
export interface ConversationServiceNotificationOutputs {
  /** The service's SID, `IS…`; also the resource's id. */
  sid: string;
  /** The account that owns the service, `AC…`. */
  accountSid: string;
  /** Its service, `IS…`. */
  service: string;
  /** Its address in Twilio's API. */
  url: string;
}

const flag = { type: "boolean", cleared: "false" } as const;

/** @internal */
export const conversationServiceNotification: Definition = define<
  ConversationServiceNotificationArgs,
  ConversationServiceNotificationOutputs
>({
  type: "twilio/conversations:ConversationServiceNotification",
  product: "conversations",
  sid: "IS",
  path: ([service]) => `/v1/Services/${service}/Configuration/Notifications`,
  singleton: true,
  onDelete: ["restore", "retain"],
  unique: [{ by: ["service"], explain: "a service has one set of notifications" }],
  facts: { plural: "service notifications", singular: "service notifications" },
  fields: {
    service: { parent: "ConversationService", required: true, format: path("ConversationService", "IS") },
    logEnabled: flag,
    "newMessage.enabled": flag,
    "newMessage.template": {},
    "newMessage.sound": {},
    "newMessage.badgeCountEnabled": flag,
    "newMessage.withMedia.enabled": flag,
    "newMessage.withMedia.template": {},
    "addedToConversation.enabled": flag,
    "addedToConversation.template": {},
    "addedToConversation.sound": {},
    "removedFromConversation.enabled": flag,
    "removedFromConversation.template": {},
    "removedFromConversation.sound": {},
  },
});

/**
 * The push notifications of a service. They reach a phone that has registered with the SDK, through the account's push credentials.
 *
 * @example
 * new ConversationServiceNotification("support", {
 *   service: support,
 *   newMessage: { enabled: true, template: "${PARTICIPANT}: ${MESSAGE}" }, // in quotes, so that the variables reach Twilio
 * });
 *
 * @see https://www.twilio.com/docs/conversations/push-notification-configuration
 */
export class ConversationServiceNotification extends resourceClass<
  ConversationServiceNotificationArgs,
  ConversationServiceNotificationOutputs
>(conversationServiceNotification) {}
