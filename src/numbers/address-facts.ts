import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import { objectBySid } from "../core/lifecycle/referents";

export const addressFacts: CatalogFacts = {
  plural: "addresses",
  titleProperties: ["friendlyName", "customerName"],
  singular: "address",
  export: { names: ({ friendly_name, customer_name }) => [friendly_name, customer_name] },
  terraform: { types: ["account_address", "api_accounts_addresses"] },
};

/** An address of the account, by its SID. */
export const ownAddress = objectBySid("postal address", "api", (sid, account) => `/2010-04-01/Accounts/${account}/Addresses/${sid}.json`, {
  resource: "Address",
  output: "sid",
});
