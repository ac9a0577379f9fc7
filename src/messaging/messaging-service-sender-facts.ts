import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const messagingServiceSenderFacts: CatalogFacts = {
  plural: "senders",
  singular: "sender",
  titleProperties: ["sender", "alphaSender"],
  verbs: { created: "added", deleted: "removed from its service", retained: "left in its service" },
  export: {
    isNamedAfterParent: true,
    names: ({ phone_number, short_code, alpha_sender, sender }) => [phone_number ?? short_code ?? alpha_sender ?? sender],
  },
  terraform: {
    types: [
      ...["phone_number", "short_code", "alpha_sender"].flatMap((kind) => [`messaging_${kind}`, `messaging_services_${kind}s`]),
      "messaging_services_channel_senders",
    ],
  },
};
