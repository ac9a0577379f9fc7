import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import { get } from "../core/lifecycle/props";
import type { Body } from "../core/twilio/twilio";

function participantInTerraform(attributes: Body): { body: Body } {
  const [address, proxy, projected] = ["address", "proxy_address", "projected_address"].map(
    (name) => attributes[`messaging_binding_${name}`] || undefined,
  );
  const type = /^(whatsapp|rcs|messenger):/.exec(String(address ?? ""))?.[1] ?? "sms";
  const isBound = address !== undefined || projected !== undefined;
  const binding = isBound ? { type, address, proxy_address: proxy, projected_address: projected } : null;
  return { body: { ...attributes, messaging_binding: binding } };
}

export const participantFacts: CatalogFacts = {
  titleProperties: ["identity", "sms.address", "whatsapp.address", "rcs.address", "messenger.address", "address", "projectedAddress"],
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
      return [String(who).replace(/^(whatsapp|rcs|messenger):\+?/, "$1-")];
    },
    unsupported: (body) => `participants by ${get(body, "messaging_binding.type") ?? "another channel"}`,
  },
  terraform: {
    types: ["conversations_conversations_participants", "conversations_services_conversations_participants"],
    read: participantInTerraform,
  },
};
