import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import { firstBlock } from "../core/lifecycle/catalog-facts";
import { isDefaultName, withoutDigest } from "../core/lifecycle/default-name";
import type { Props } from "../core/lifecycle/props";
import type { Body } from "../core/twilio/twilio";

/** A Terraform state also holds when the timers end; only their lengths can be declared. */
function conversationInTerraform(attributes: Body): { body: Body; args?: Props } {
  const { inactive, closed } = {
    inactive: attributes.timers_inactive,
    closed: attributes.timers_closed,
    ...firstBlock(attributes, "timers"),
  } as Props;
  const timers = { ...(inactive ? { inactive: String(inactive) } : {}), ...(closed ? { closed: String(closed) } : {}) };
  return { body: { ...attributes, timers: {} }, ...(Object.keys(timers).length > 0 ? { args: { timers } } : {}) };
}

export const conversationFacts: CatalogFacts = {
  singular: "conversation",
  contents: "messages",
  inherited: { messagingServiceSid: { path: () => "/v1/Configuration", key: "default_messaging_service_sid" } },
  export: {
    names: ({ friendly_name, unique_name }) => [friendly_name, withoutDigest(unique_name)],
    // Timers change the state, and another stack finds the conversation by its default name.
    omitted: ({ unique_name }) => ["state", ...(isDefaultName(unique_name) ? ["uniqueName"] : [])],
    isMarked: ({ unique_name }) => isDefaultName(unique_name),
    excluded: ({ state }) =>
      state === "closed" ? { what: "closed conversations", why: "nobody can change them; `archive` saves their messages" } : undefined,
    unreadable: ({ timers }) =>
      Object.keys((timers ?? {}) as Props).length > 0
        ? [{ property: "timers", why: "Twilio reports when they end, not how long they are: declare `timers` to manage them" }]
        : [],
  },
  terraform: {
    types: ["conversations_conversation", "conversations_conversations", "conversations_services_conversations"],
    parentKeys: ["conversation_sid"],
    read: conversationInTerraform,
  },
};
