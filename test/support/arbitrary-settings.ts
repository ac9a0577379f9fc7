/** Arbitraries for the arguments of address configurations and settings. */
import fc from "fast-check";
import { addressConfiguration } from "../../src/conversations/address-configuration";
import { conversationServiceConfiguration } from "../../src/conversations/service-configuration";
import { conversationServiceNotification } from "../../src/conversations/service-notification";
import { conversationServiceWebhookConfiguration } from "../../src/conversations/service-webhook-configuration";
import { conversationWebhookConfiguration } from "../../src/conversations/webhook-configuration";
import type { Props } from "../../src/core/lifecycle/props";
import type { ArbitraryResource } from "./arbitrary-resource";

const name = fc.constantFrom("Front desk", "a/b", "50%", "PT60M", "…");
const word = fc.constantFrom("chime", "a b", "100%", "ä");
const url = fc.constantFrom("https://example.com/a", "https://example.com/b?c=d&e=%20f", "http://example.org:8080/");
const events = ["onMessageAdded", "onMessageUpdated", "onParticipantAdded", "onConversationStateUpdated"];
const sid = (prefix: string) => fc.constantFrom(prefix + "1".repeat(32), prefix + "a".repeat(32));
/** Optional properties, without empty groups, as programs declare them. */
const fields = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .record(model, { requiredKeys: [] })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => JSON.stringify(value) !== "{}")) as Props);

/** The arguments of an address configuration with any type of autocreation; a switch is an update. */
const addressArgs = fc
  .tuple(
    fc.constantFrom(
      ...[
        ["sms", "«number0»"],
        ["sms", "«number1»"],
        ["whatsapp", "whatsapp:«number0»"],
        ["email", "support@example.com"],
      ].map(([type, address]) => ({ type, address })),
    ),
    fc.oneof(
      fc.constant({ default: {} }),
      fc
        .record(
          { url, method: fc.constantFrom("GET", "POST"), filters: fc.uniqueArray(fc.constantFrom(...events), { minLength: 1 }) },
          { requiredKeys: ["url", "filters"] },
        )
        .map((webhook) => ({ webhook: webhook })),
      fc
        .record({ flowSid: sid("FW"), retryCount: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: ["flowSid"] })
        .map((studio) => ({ studio: studio })),
    ),
    fields({ friendlyName: name, conversationService: fc.constantFrom("«service»", "«otherService»") }),
    fc.boolean(),
  )
  .map(([where, autoCreation, rest, enabled]): Props => ({ ...where, autoCreation, enabled, ...rest }));

const webhookSettings = {
  preWebhookUrl: url,
  postWebhookUrl: url,
  filters: fc.uniqueArray(fc.constantFrom(...events, "onMessageAdd", "onConversationAdded"), { minLength: 1 }),
};
/** The settings of a service. */
const ofService = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fields(model).map((settings): Props => ({ service: "«service»", ...settings }));

/** The resources, by what they are. */
export const settingsResources: Record<string, ArbitraryResource> = {
  "an address configuration": {
    definition: addressConfiguration,
    args: addressArgs,
    drift: {
      enabled: { form: { "AutoCreation.Enabled": "false" }, at: "auto_creation.enabled" },
      friendlyName: { form: { FriendlyName: "theirs" }, at: "friendly_name" },
      autoCreation: { form: { "AutoCreation.Type": "default" }, at: "auto_creation.type" },
    },
    runs: 5,
  },
  "the account's webhooks": {
    definition: conversationWebhookConfiguration,
    args: fields({ ...webhookSettings, method: fc.constantFrom("GET", "POST"), target: fc.constantFrom("webhook", "flex") }),
    drift: { postWebhookUrl: { form: { PostWebhookUrl: "https://theirs.example.com" }, at: "post_webhook_url" } },
    runs: 4,
  },
  "a service's webhooks": {
    definition: conversationServiceWebhookConfiguration,
    args: ofService(webhookSettings),
    drift: { filters: { form: { Filters: "onUserAdded" }, at: "filters" } },
    runs: 3,
  },
  "a service's configuration": {
    definition: conversationServiceConfiguration,
    args: ofService({
      defaultConversationCreatorRoleSid: fc.constantFrom("«role»", "«otherRole»"),
      defaultConversationRoleSid: fc.constantFrom("«role»", "«otherRole»"),
      reachabilityEnabled: fc.boolean(),
    }),
    drift: { reachabilityEnabled: { form: { ReachabilityEnabled: "true" }, at: "reachability_enabled" } },
    runs: 3,
  },
  "a service's notifications": {
    definition: conversationServiceNotification,
    args: ofService({
      logEnabled: fc.boolean(),
      newMessage: fields({ enabled: fc.boolean(), template: word, withMedia: fields({ enabled: fc.boolean(), template: word }) }),
      addedToConversation: fields({ enabled: fc.boolean(), sound: word }),
    }),
    drift: { "newMessage.template": { form: { "NewMessage.Template": "theirs" }, at: "new_message.template" } },
    runs: 4,
  },
};
