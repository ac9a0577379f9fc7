import type { Input } from "@pulumi/pulumi";
import type { Format } from "../core/lifecycle/formats";
import { integer, items, oneOf, text, url } from "../core/lifecycle/formats";

export const events = [
  "onConversationUpdated",
  "onConversationRemoved",
  "onConversationStateUpdated",
  "onMessageAdded",
  "onMessageUpdated",
  "onMessageRemoved",
  "onDeliveryUpdated",
  "onParticipantAdded",
  "onParticipantUpdated",
  "onParticipantRemoved",
] as const;

/** An event of a conversation that a webhook can report after it has happened. */
export type ConversationEvent = (typeof events)[number];

/** Where a webhook sends its reports. */
export interface ReportTarget {
  /** The URL, http or https, up to 512 characters. Updated in place. */
  url: Input<string>;
  /** How the URL is requested. Default: `"POST"`. Updated in place. */
  method?: Input<"GET" | "POST"> | undefined;
  /** Also reports the messages from this index on, 0 or more. Sent at creation only; a later change does nothing. */
  replayAfter?: Input<number> | undefined;
}

/** A URL of the length that Twilio accepts for webhooks. */
export const shortUrl: Format = (value) => url(value) ?? text({ max: 512 })(value);
/** The field of a URL that receives reports. */
export const target = { wire: "Configuration.Url", from: "configuration.url", required: true, format: shortUrl } as const;
/** How the URL is requested. Twilio uses POST where nothing is declared, and returns the word as it was sent. */
export const method = {
  type: "keyword",
  wire: "Configuration.Method",
  from: "configuration.method",
  computed: true,
  cleared: "POST",
  format: oneOf("GET", "POST"),
} as const;
/** From which message on a new webhook reports. */
export const replayAfter = {
  type: "integer",
  wire: "Configuration.ReplayAfter",
  from: false,
  sentOnCreate: true,
  format: integer({ min: 0 }),
} as const;

const settingsEvents = [
  ...events,
  "onConversationAdded",
  "onUserAdded",
  "onUserUpdated",
  "onConversationAdd",
  "onConversationUpdate",
  "onConversationRemove",
  "onMessageAdd",
  "onMessageUpdate",
  "onMessageRemove",
  "onParticipantAdd",
  "onParticipantUpdate",
  "onParticipantRemove",
  "onUserUpdate",
] as const;

/**
 * An event that the webhooks of an account or a service can report: after it has happened (`onMessageAdded`) to `postWebhookUrl`, or before
 * (`onMessageAdd`) to `preWebhookUrl`.
 */
export type WebhookEvent = (typeof settingsEvents)[number];

/** The fields that the webhook settings of an account and of a service share. */
export const webhookSettings = {
  preWebhookUrl: { format: url },
  postWebhookUrl: { format: url },
  filters: { type: "set", format: items(oneOf(...settingsEvents)) },
  // Twilio has a method from the first update on, and no value that clears it.
  method: { type: "keyword", computed: true, format: oneOf("GET", "POST") },
} as const;
