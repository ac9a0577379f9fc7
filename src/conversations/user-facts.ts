import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import type { Body } from "../core/twilio/twilio";

/** Whether somebody gave a user data of its own. */
export const hasOwnData = ({ identity, friendly_name: name, attributes }: Body): boolean =>
  (Boolean(name) && name !== identity) || !["", "{}", "null"].includes(String(attributes ?? "").replace(/\s/g, ""));

export const conversationUserFacts: CatalogFacts = {
  titleProperties: ["identity", "friendlyName"],
  singular: "user",
  inherited: { roleSid: { path: ([service]) => `/v1/Services/${service}/Configuration`, key: "default_chat_service_role_sid" } },
  export: {
    isNamedAfterParent: true,
    names: ({ identity }) => [identity],
    excluded: (body, inherited) =>
      hasOwnData(body) || !inherited.includes("roleSid")
        ? undefined
        : { what: "users without data or a role of their own", why: "Twilio creates a user for each new identity" },
  },
  terraform: { types: ["conversations_user", "conversations_users", "conversations_services_users"] },
};
