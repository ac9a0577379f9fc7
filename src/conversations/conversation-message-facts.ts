import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const conversationMessageFacts: CatalogFacts = {
  singular: "message",
  // A text may be long or private.
  titleProperties: [],
  verbs: { created: "sent", deleted: "deleted", retained: "left in the conversation" },
  // A program that repeats what people wrote would send it again elsewhere.
  export: { isLeftOut: true },
};
