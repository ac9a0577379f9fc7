import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

export const pushCredentialFacts: CatalogFacts = {
  plural: "push credentials",
  singular: "push credential",
  export: {
    excluded: ({ type }) =>
      type === "gcm" ? { what: "push credentials for GCM", why: "Google ended GCM in 2019: Twilio can send nothing with them" } : undefined,
  },
  terraform: { types: ["conversations_push_credential_apn", "conversations_push_credential_fcm", "conversations_credentials"] },
};
