import type { CatalogFacts } from "../../core/lifecycle/catalog-entry";
import { isDefaultName } from "../../core/lifecycle/default-name";
import type { Body, Props } from "../../core/lifecycle/definition";
import { get } from "../../core/lifecycle/props";

// --- numbers/phone-number.ts

/** A number bought by this package carries its owner's name, `pulumi PROJECT/STACK/NAME`. */
const isOwnersMark = ({ friendly_name }: Body): boolean => /^pulumi \S+\//.test(String(friendly_name ?? ""));

/** Whether the friendly name is the one that Twilio gives: the number itself, or its last digits, in some notation. */
function isTwilioName({ friendly_name, phone_number }: Body): boolean {
  const digits = (text: unknown) => String(text ?? "").replace(/\D/g, "");
  const name = String(friendly_name ?? "");
  return /^[+()\d\s.-]*$/.test(name) && digits(phone_number).endsWith(digits(name));
}

/** RJPearson94/twilio keeps a number's URLs in blocks; twilio/twilio keeps Twilio's own names. */
function numberInTerraform(attributes: Body): { body: Body } {
  if (attributes.messaging === undefined) return { body: attributes };
  const prefixed = (name: string, from: Props) => Object.fromEntries(Object.entries(from).map(([key, value]) => [`${name}_${key}`, value]));
  const fax = firstBlock(attributes, "fax");
  const isFax = Object.values(fax).some((value) => value !== null && value !== "");
  const body = {
    ...attributes,
    status_callback: attributes.status_callback_url,
    ...prefixed("sms", firstBlock(attributes, "messaging")),
    ...prefixed("voice", isFax ? fax : firstBlock(attributes, "voice")),
    voice_receive_mode: isFax ? "fax" : "voice",
  };
  return { body };
}

/** The first block with a name; Terraform keeps blocks in lists. */
const firstBlock = (attributes: Body, name: string): Props => ((attributes[name] as Props[] | undefined) ?? [])[0] ?? {};

export const phoneNumberFacts: CatalogFacts = {
  plural: "numbers",
  listKey: "incoming_phone_numbers",
  titleProperties: ["phoneNumber", "friendlyName"],
  singular: "number",
  verbs: { created: "bought", deleted: "released", retained: "left in the account" },
  export: {
    adoptBy: "phoneNumber",
    names: (body) => [
      isTwilioName(body) ? undefined : String(body.friendly_name ?? "").replace(/^pulumi .*\//, ""),
      `number-${body.phone_number}`,
    ],
    omitted: (body) => (isTwilioName(body) || isOwnersMark(body) ? ["friendlyName"] : []),
    isMarked: isOwnersMark,
  },
  terraform: { types: ["phone_number", "api_accounts_incoming_phone_numbers"], read: numberInTerraform },
};

// --- conversations/service.ts

export const conversationServiceFacts: CatalogFacts = {
  plural: "services",
  listKey: "services",
  singular: "service",
  contents: "conversations",
  accountDefault: {
    path: () => "/v1/Configuration",
    key: "default_chat_service_sid",
    comment: "The account's default service, which is never deleted.",
  },
  terraform: { types: ["conversations_service", "conversations_services"], parentKeys: ["service_sid", "chat_service_sid"] },
};

// --- conversations/conversation.ts

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
  plural: "conversations",
  listKey: "conversations",
  singular: "conversation",
  contents: "messages",
  inherited: { messagingServiceSid: { path: () => "/v1/Configuration", key: "default_messaging_service_sid" } },
  export: {
    names: ({ friendly_name, unique_name }) => [friendly_name, String(unique_name ?? "").replace(/~[0-9a-f]{7}$/, "")],
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

// --- conversations/participant.ts

function participantInTerraform(attributes: Body): { body: Body } {
  const [address, proxy, projected] = ["address", "proxy_address", "projected_address"].map(
    (name) => attributes[`messaging_binding_${name}`] || undefined,
  );
  const type = String(address ?? "").startsWith("whatsapp:") ? "whatsapp" : "sms";
  const isBound = address !== undefined || projected !== undefined;
  const binding = isBound ? { type, address, proxy_address: proxy, projected_address: projected } : null;
  return { body: { ...attributes, messaging_binding: binding } };
}

export const participantFacts: CatalogFacts = {
  plural: "participants",
  listKey: "participants",
  titleProperties: ["identity", "sms.address", "whatsapp.address", "address", "projectedAddress"],
  singular: "participant",
  references: {
    "sms.proxyAddress": { to: "PhoneNumber", by: "phoneNumber" },
    "whatsapp.proxyAddress": { to: "PhoneNumber", by: "phoneNumber", prefix: "whatsapp:" },
    projectedAddress: { to: "PhoneNumber", by: "phoneNumber" },
  },
  inherited: { roleSid: { path: ([service]) => `/v1/Services/${service}/Configuration`, key: "default_conversation_role_sid" } },
  export: {
    isNamedAfterParent: true,
    names: ({ identity, messaging_binding: binding }) => {
      const who = identity || (get(binding, "address") ?? get(binding, "projected_address"));
      return [String(who).replace("whatsapp:+", "whatsapp-")];
    },
    unsupported: (body) => `participants by ${get(body, "messaging_binding.type") ?? "another channel"}`,
  },
  terraform: {
    types: ["conversations_conversations_participants", "conversations_services_conversations_participants"],
    read: participantInTerraform,
  },
};
