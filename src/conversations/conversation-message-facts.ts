import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

/** The key in a message's attributes that holds the ownership mark. */
export const markKey = "pulumi";

export const conversationMessageFacts: CatalogFacts = {
  singular: "message",
  // A text may be long or private.
  titleProperties: [],
  verbs: { created: "sent", deleted: "deleted", retained: "left in the conversation" },
  ownAttributes: [markKey],
  // A program that repeats what people wrote would send it again elsewhere.
  export: { isLeftOut: true },
};
