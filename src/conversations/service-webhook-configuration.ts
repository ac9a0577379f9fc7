import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { path } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import type { ConversationService } from "./service";
import type { WebhookSettings } from "./webhook-configuration";
import { webhookSettings } from "./webhook-target";

/**
 * Arguments of a {@link ConversationServiceWebhookConfiguration}. Every service has one: it is neither created nor deleted, and a program
 * declares it at most once for a service.
 *
 * @see https://www.twilio.com/docs/conversations/api/service-webhook-configuration-resource
 */
export interface ConversationServiceWebhookConfigurationArgs extends WebhookSettings {
  /** The service's SID `IS…`: adopts the settings, so that destroy leaves the declared values. Matters at creation only. */
  adopt?: CommonArgs["adopt"] | undefined;
  /** The {@link ConversationService} that it belongs to, or its id `IS…`. A change replaces: the former service gets its former values back. */
  service: Input<string> | Input<ConversationService>;
}

/** What Twilio adds to a {@link ConversationServiceWebhookConfiguration}. */
export interface ConversationServiceWebhookConfigurationOutputs {
  /** The service's SID, `IS…`; also the resource's id. */
  sid: string;
  /** The account that owns the service, `AC…`. */
  accountSid: string;
  /** Its service, `IS…`. */
  service: string;
  /** How both URLs are requested, `"GET"` or `"POST"`; `undefined` until a service has a method. */
  method: string | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const conversationServiceWebhookConfiguration: Definition = define<
  ConversationServiceWebhookConfigurationArgs,
  ConversationServiceWebhookConfigurationOutputs
>({
  type: "twilio/conversations:ConversationServiceWebhookConfiguration",
  product: "conversations",
  sid: "IS",
  path: ([service]) => `/v1/Services/${service}/Configuration/Webhooks`,
  singleton: true,
  onDelete: ["restore", "retain"],
  unique: [{ by: ["service"], explain: "a service has one webhook configuration" }],
  facts: { plural: "service webhooks", singular: "service webhook configuration" },
  fields: {
    service: { parent: "ConversationService", required: true, format: path("ConversationService", "IS") },
    ...webhookSettings,
  },
});

/**
 * Where Twilio reports the events of a service's conversations, and which events. They are called after those of the account
 * ({@link ConversationWebhookConfiguration}). An address configuration, which attaches a webhook to new conversations, neither changes them nor is
 * changed by them.
 *
 * @example
 * new ConversationServiceWebhookConfiguration("support", { service: support, postWebhookUrl: url, filters: ["onMessageAdded"] });
 *
 * @see https://www.twilio.com/docs/conversations/api/service-webhook-configuration-resource
 */
export class ConversationServiceWebhookConfiguration extends resourceClass<
  ConversationServiceWebhookConfigurationArgs,
  ConversationServiceWebhookConfigurationOutputs
>(conversationServiceWebhookConfiguration) {}
