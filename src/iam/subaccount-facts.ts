import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const subaccountFacts: CatalogFacts = {
  plural: "subaccounts",
  singular: "subaccount",
  contents: "numbers and data",
  verbs: { created: "created", deleted: "closed", retained: "suspended or left as it is" },
  managedWith: "the account's auth token",
  export: {
    needsAuthToken: true,
    excluded: ({ status }) =>
      status === "closed" ? { what: "closed subaccounts", why: "Twilio never opens a closed account again" } : undefined,
    omitted: ({ status }) => (status === "active" ? ["status"] : []),
  },
  terraform: { types: ["account_sub_account"] },
};
