import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { oneOf } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import type { WebhookEvent } from "./webhook-target";
import { webhookSettings } from "./webhook-target";

/** The webhook settings that accounts and services have alike. */
export interface WebhookSettings {
  /**
   * What destroying the resource does: `"restore"` sets the values that were found when the resource was created, `"retain"` leaves the
   * declared ones. Default: `"restore"`, but `"retain"` with `adopt`. A change is recorded in place and sends nothing.
   */
  onDelete?: Input<"restore" | "retain"> | undefined;
  /**
   * The URL that Twilio asks before a change, http or https. It has five seconds to answer: a 4xx or 5xx response rejects the change, a
   * JSON object may amend it. Updated in place; removing it restores the former value.
   */
  preWebhookUrl?: Input<string> | undefined;
  /** The URL that Twilio reports to after a change, http or https. Updated in place; removing it restores the former value. */
  postWebhookUrl?: Input<string> | undefined;
  /**
   * The events to report. Without an event, nothing is called: `onMessageAdd` and other events before a change go to `preWebhookUrl`,
   * `onMessageAdded` and others after it to `postWebhookUrl`. Their order does not matter. Updated in place; removing it restores the
   * former value.
   */
  filters?: Input<Input<WebhookEvent>[]> | undefined;
  /**
   * How both URLs are requested. Updated in place; removing it restores the former value. Where there was none, the current one stays, because
   * Twilio cannot clear it. Twilio uses POST where none is set.
   */
  method?: Input<"GET" | "POST"> | undefined;
}

/**
 * Arguments of a {@link ConversationWebhookConfiguration}. Every account has one: it is neither created nor deleted, and a program declares it
 * at most once.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-webhook-resource
 */
export interface ConversationWebhookConfigurationArgs extends WebhookSettings {
  /** The account's SID `AC…`: adopts the settings, so that destroy leaves the declared values. Matters at creation only. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * Who is asked and told: `"webhook"`, the URLs, or `"flex"`, Twilio's contact center Flex. Updated in place; removing it restores the former
   * value.
   */
  target?: Input<"webhook" | "flex"> | undefined;
}

/** What Twilio adds to a {@link ConversationWebhookConfiguration}. */
export interface ConversationWebhookConfigurationOutputs {
  /** The account's SID, `AC…`; also the resource's id. */
  sid: string;
  /** The account, `AC…`. */
  accountSid: string;
  /** How both URLs are requested, `"GET"` or `"POST"`. */
  method: string;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const conversationWebhookConfiguration: Definition = define<
  ConversationWebhookConfigurationArgs,
  ConversationWebhookConfigurationOutputs
>({
  type: "twilio/conversations:ConversationWebhookConfiguration",
  product: "conversations",
  sid: "AC",
  path: () => "/v1/Configuration/Webhooks",
  singleton: true,
  onDelete: ["restore", "retain"],
  unique: [{ by: [], explain: "an account has one webhook configuration" }],
  facts: {
    plural: "account webhooks",
    singular: "webhook configuration",
    // Without a URL, the method says nothing.
    export: { omitted: (body) => (body.pre_webhook_url || body.post_webhook_url ? [] : ["method"]) },
  },
  fields: {
    ...webhookSettings,
    target: { type: "keyword", cleared: "webhook", format: oneOf("webhook", "flex") },
  },
});

/**
 * Where Twilio reports the events of all conversations of the account, and which events. Changes made by Twilio's REST API are reported only where the
 * request asks for it; those by people always. The webhooks of a service and of a conversation are called beside these.
 *
 * @example
 * new ConversationWebhookConfiguration("account", { postWebhookUrl: url, method: "POST", filters: ["onMessageAdded"] });
 *
 * @see https://www.twilio.com/docs/conversations/conversations-webhooks
 */
export class ConversationWebhookConfiguration extends resourceClass<
  ConversationWebhookConfigurationArgs,
  ConversationWebhookConfigurationOutputs
>(conversationWebhookConfiguration) {}
