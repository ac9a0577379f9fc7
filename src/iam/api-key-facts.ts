import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const apiKeyFacts: CatalogFacts = {
  plural: "API keys",
  singular: "API key",
  contents: "access tokens signed with it",
  export: { leftOut: "Twilio shows a key's secret only when it is created: declare a new ApiKey, and delete the old key" },
};
