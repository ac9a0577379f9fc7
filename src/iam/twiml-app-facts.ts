import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import { objectBySid } from "../core/lifecycle/referents";

export const twimlAppFacts: CatalogFacts = {
  plural: "twiml-apps",
  singular: "TwiML app",
  export: { omitted: ({ api_version }) => (api_version === "2010-04-01" ? ["apiVersion"] : []) },
  terraform: { types: ["api_accounts_applications"] },
};

/** An application that a property names. */
export const twimlApplication = objectBySid(
  "TwiML application",
  "api",
  (sid, account) => `/2010-04-01/Accounts/${account}/Applications/${sid}.json`,
  { resource: "TwimlApp", output: "sid" },
);
