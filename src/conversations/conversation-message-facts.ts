import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const conversationMessageFacts: CatalogFacts = {
  singular: "message",
  // A text may be long or private.
  titleProperties: [],
  verbs: { created: "sent", deleted: "deleted", retained: "left in the conversation" },
  export: { leftOut: "people wrote them, and a program that declares them would send them again elsewhere; `archive` saves them" },
};
