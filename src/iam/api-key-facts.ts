import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const apiKeyFacts: CatalogFacts = {
  plural: "API keys",
  singular: "API key",
  contents: "access tokens signed with it",
  managedWith: "the account's auth token, a main API key or a restricted one with the permissions /twilio/iam/api-keys/…",
  export: { isLeftOut: true },
};
