import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import type { Body } from "../core/twilio/twilio";

/** One provider has a resource for each type of autocreation, the other one resource and a prefix before each attribute. */
function addressConfigurationInTerraform(attributes: Body): { body: Body } {
  const first = (...names: string[]) => names.map((name) => attributes[name]).find((value) => value !== undefined && value !== "");
  const url = first("auto_creation_webhook_url", "webhook_url");
  const flow = first("auto_creation_studio_flow_sid", "flow_sid");
  const auto_creation = {
    enabled: first("auto_creation_enabled", "enabled"),
    type: first("auto_creation_type") ?? (flow ? "studio" : url ? "webhook" : "default"),
    conversation_service_sid: first("auto_creation_conversation_service_sid", "service_sid"),
    webhook_url: url,
    webhook_method: first("auto_creation_webhook_method", "webhook_method"),
    webhook_filters: first("auto_creation_webhook_filters", "webhook_filters"),
    studio_flow_sid: flow,
    studio_retry_count: first("auto_creation_studio_retry_count", "retry_count"),
  };
  return { body: { ...attributes, auto_creation } };
}

export const addressConfigurationFacts: CatalogFacts = {
  plural: "address configurations",
  titleProperties: ["friendlyName", "address"],
  references: { address: { to: "PhoneNumber", by: "phoneNumber", prefix: "whatsapp:" } },
  drawnIn: "conversationService",
  export: { names: ({ friendly_name, type, address }) => [friendly_name, `${type}-${String(address).replace(/^[a-z:]+:/, "")}`] },
  terraform: {
    types: [
      "conversations_address_configuration_default",
      "conversations_address_configuration_studio",
      "conversations_address_configuration_webhook",
      "conversations_configuration_addresses",
    ],
    read: addressConfigurationInTerraform,
  },
};
