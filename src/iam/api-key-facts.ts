import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const apiKeyFacts: CatalogFacts = {
  plural: "API keys",
  singular: "API key",
  contents: "access tokens signed with it",
  managedWith: "the account's auth token, a main API key or a restricted one with the permissions /twilio/iam/api-keys/…",
  export: { leftOut: "Twilio shows a key's secret only when it is created: declare a new ApiKey, and delete the old key" },
};
