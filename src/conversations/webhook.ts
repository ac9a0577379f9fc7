import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { items, oneOf, path, sid, text } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import type { Conversation } from "./conversation";
import type { ConversationEvent, ReportTarget } from "./webhook-target";
import { events, method, replayAfter, target } from "./webhook-target";

/**
 * Arguments of a {@link ConversationWebhook}: exactly one of `webhook`, `trigger` and `studio`. Switching between them replaces: delete, then create. `adopt` accepts
 * the SID.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-scoped-webhook-resource
 */
export interface ConversationWebhookArgs extends CommonArgs {
  /** The {@link Conversation} that it belongs to, or its id `IS…/CH…`. At most five webhooks per conversation. A change replaces. */
  conversation: Input<string> | Input<Conversation>;
  /** Reports events to a URL. */
  webhook?:
    | Input<
        ReportTarget & {
          /** The events to report, at least one. Their order does not matter. Updated in place. */
          filters: Input<Input<ConversationEvent>[]>;
        }
      >
    | undefined;
  /** Reports messages that contain a keyword to a URL. */
  trigger?:
    | Input<
        ReportTarget & {
          /** The keywords, one to five, each of 1 to 248 characters. Their order does not matter. Updated in place. */
          triggers: Input<Input<string>[]>;
        }
      >
    | undefined;
  /** Starts a Studio flow. */
  studio?:
    | Input<{
        /** The flow, `FW…`. Updated in place. */
        flowSid: Input<string>;
        /** Also passes on the messages from this index on, 0 or more. Sent at creation only; a later change does nothing. */
        replayAfter?: Input<number> | undefined;
      }>
    | undefined;
}

/** What Twilio adds to a {@link ConversationWebhook}. */
export interface ConversationWebhookOutputs {
  /** `WH` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The id of its conversation, `IS…/CH…`. */
  conversation: string;
  /** Its conversation, `CH…`. */
  conversationSid: string;
  /** Its service, `IS…`. */
  chatServiceSid: string;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const conversationWebhook: Definition = define<ConversationWebhookArgs, ConversationWebhookOutputs>({
  type: "twilio/conversations:ConversationWebhook",
  product: "conversations",
  sid: "WH",
  path: ([service, conversation]) => `/v1/Services/${service}/Conversations/${conversation}/Webhooks`,
  list: {
    key: "webhooks",
    by: ["webhook.url", "webhook.filters", "trigger.url", "trigger.triggers", "studio.flowSid"],
    maxPageSize: 5,
    allowsDuplicates: () => true,
  },
  groups: { names: ["webhook", "trigger", "studio"], by: "target" },
  atMost: 5,
  // With five webhooks, Twilio refuses the new one while the old one exists.
  deleteBeforeReplace: true,
  // Of equal webhooks, each create must see the ones before it.
  serialized: true,
  facts: { titleProperties: ["webhook.url", "trigger.url", "studio.flowSid"] },
  fields: {
    conversation: { parent: "Conversation", required: true, format: path("Conversation", "IS", "CH") },
    "webhook.url": target,
    "webhook.method": method,
    "webhook.filters": {
      type: "set",
      wire: "Configuration.Filters",
      from: "configuration.filters",
      required: true,
      format: items(oneOf(...events), { min: 1 }),
    },
    "webhook.replayAfter": replayAfter,
    "trigger.url": target,
    "trigger.method": method,
    "trigger.triggers": {
      type: "set",
      wire: "Configuration.Triggers",
      from: "configuration.triggers",
      required: true,
      format: items(text({ min: 1, max: 248 }), { min: 1, max: 5 }),
    },
    "trigger.replayAfter": replayAfter,
    "studio.flowSid": { wire: "Configuration.FlowSid", from: "configuration.flow_sid", required: true, format: sid("FW") },
    "studio.replayAfter": replayAfter,
  },
  outputs: {
    conversationSid: (id) => id.split("/")[1] as string,
    chatServiceSid: (id) => id.split("/")[0] as string,
  },
});

/**
 * Reports what happens in one conversation: events to a URL, keywords to a URL, or messages to a Studio flow. Changes made by Twilio's REST API
 * are reported only where the request asks for it; those by people always.
 *
 * @example
 * new ConversationWebhook("audit", { conversation: hello, webhook: { url, method: "POST", filters: ["onMessageAdded"] } });
 * new ConversationWebhook("help", { conversation: hello, trigger: { url, triggers: ["HELP"] } });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-scoped-webhook-resource
 */
export class ConversationWebhook extends resourceClass<ConversationWebhookArgs, ConversationWebhookOutputs>(conversationWebhook) {}
