import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

/** Services that Twilio itself creates in an account: for conversations, and for messages that name no service. */
const ofTwilio: readonly unknown[] = ["Default Messaging Service for Conversations", "[Auto-generated] Default Messaging Service"];

export const messagingServiceFacts: CatalogFacts = {
  plural: "messaging-services",
  singular: "messaging service",
  export: {
    excluded: ({ friendly_name }) =>
      ofTwilio.includes(friendly_name) ? { what: "default messaging services", why: "Twilio creates and uses them itself" } : undefined,
  },
  terraform: { types: ["messaging_service", "messaging_services"], parentKeys: ["messaging_service_sid", "service_sid"] },
};
