import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const apiKeyFacts: CatalogFacts = {
  plural: "API keys",
  singular: "API key",
  contents: "access tokens signed with it",
  export: { isLeftOut: true },
};
