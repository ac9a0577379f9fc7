import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

/** The key in a message's attributes that holds the ownership mark. */
export const markKey = "pulumi";

export const conversationMessageFacts: CatalogFacts = {
  singular: "message",
  // A text may be long or private.
  titleProperties: [],
  verbs: { created: "sent", deleted: "deleted", retained: "left in the conversation" },
  ownAttributes: [markKey],
  export: { leftOut: "people wrote them, and a program that declares them would send them again elsewhere; `archive` saves them" },
};
