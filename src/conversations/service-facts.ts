import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const conversationServiceFacts: CatalogFacts = {
  singular: "service",
  contents: "conversations",
  accountDefault: {
    path: () => "/v1/Configuration",
    key: "default_chat_service_sid",
    comment: "The account's default service, which is never deleted.",
  },
  terraform: { types: ["conversations_service", "conversations_services"], parentKeys: ["service_sid", "chat_service_sid"] },
};
