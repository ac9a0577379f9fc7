import type { CatalogFacts } from "../core/lifecycle/catalog-facts";

/** The roles that Twilio creates with every service, by their names. */
export const twiliosRoles: ReadonlyMap<unknown, unknown> = new Map([
  ["service admin", "service"],
  ["service user", "service"],
  ["channel admin", "conversation"],
  ["channel user", "conversation"],
]);

export const conversationRoleFacts: CatalogFacts = {
  singular: "role",
  export: {
    isNamedAfterParent: true,
    excluded: ({ friendly_name: name, type }) =>
      twiliosRoles.has(name) && twiliosRoles.get(name) === type
        ? { what: "default roles", why: "Twilio creates them with every service; `adopt` one by its SID to change its permissions" }
        : undefined,
  },
  terraform: { types: ["conversations_role", "conversations_roles", "conversations_services_roles"] },
};
