/** conversations.twilio.com/v1: webhooks of accounts, services and conversations, and what incoming addresses do. */
import { v1List } from "../http/paging";
import { created, noContent, ok, type Route, route } from "../http/router";
import * as addresses from "../resources/address-configuration";
import * as scoped from "../resources/scoped-webhook";
import { fetchService } from "../resources/service";
import * as webhooks from "../resources/webhook-configuration";
import { HOST, inConversation, ROOT } from "./conversations";

/** Largest page of each list: as many webhooks as a conversation can have. */
const MOST_WEBHOOKS = 5;
const MOST_ADDRESSES = 50;

export const webhookRoutes: Route[] = [
  route("GET", "/v1/Configuration/Webhooks", ({ at }) => ok(webhooks.accountWebhooksBody(at, ROOT))),
  route("POST", "/v1/Configuration/Webhooks", ({ at, params }) => {
    webhooks.updateWebhookConfiguration(at, at.accountSid, params);
    return ok(webhooks.accountWebhooksBody(at, ROOT));
  }),
  route("GET", "/v1/Services/{ServiceSid}/Configuration/Webhooks", ({ at, part }) =>
    ok(webhooks.serviceWebhooksBody(at, fetchService(at, part("ServiceSid")), ROOT)),
  ),
  route("POST", "/v1/Services/{ServiceSid}/Configuration/Webhooks", ({ at, params, part }) => {
    const service = fetchService(at, part("ServiceSid"));
    webhooks.updateWebhookConfiguration(at, service.sid, params);
    return ok(webhooks.serviceWebhooksBody(at, service, ROOT));
  }),

  ...inConversation("GET", "/Webhooks", (call) =>
    v1List(call, HOST, {
      key: "webhooks",
      rows: call.at.domain.find.webhooksOf(call.conversation.sid),
      body: (webhook) => scoped.scopedWebhookBody(webhook, call.place),
      max: MOST_WEBHOOKS,
    }),
  ),
  ...inConversation("POST", "/Webhooks", ({ at, conversation, params, place }) =>
    created(scoped.scopedWebhookBody(scoped.createScopedWebhook(at, conversation, params), place)),
  ),
  ...inConversation("GET", "/Webhooks/{WebhookSid}", ({ at, conversation, part, place }) =>
    ok(scoped.scopedWebhookBody(scoped.fetchScopedWebhook(at, conversation, part("WebhookSid")), place)),
  ),
  ...inConversation("POST", "/Webhooks/{WebhookSid}", ({ at, conversation, params, part, place }) => {
    const webhook = scoped.fetchScopedWebhook(at, conversation, part("WebhookSid"));
    return ok(scoped.scopedWebhookBody(scoped.updateScopedWebhook(at, webhook, params), place));
  }),
  ...inConversation("DELETE", "/Webhooks/{WebhookSid}", ({ at, conversation, part }) => {
    at.domain.scopedWebhooks.delete(scoped.fetchScopedWebhook(at, conversation, part("WebhookSid")).sid);
    return noContent();
  }),

  route("GET", "/v1/Configuration/Addresses", (call) =>
    v1List(call, HOST, {
      key: "address_configurations",
      rows: addresses.listAddressConfigurations(call.at, call.params),
      body: (configuration) => addresses.addressConfigurationBody(configuration, ROOT),
      max: MOST_ADDRESSES,
    }),
  ),
  route("POST", "/v1/Configuration/Addresses", ({ at, params }) =>
    created(addresses.addressConfigurationBody(addresses.createAddressConfiguration(at, params), ROOT)),
  ),
  route("GET", "/v1/Configuration/Addresses/{AddressSid}", ({ at, part }) =>
    ok(addresses.addressConfigurationBody(addresses.fetchAddressConfiguration(at, part("AddressSid")), ROOT)),
  ),
  route("POST", "/v1/Configuration/Addresses/{AddressSid}", ({ at, params, part }) => {
    const configuration = addresses.fetchAddressConfiguration(at, part("AddressSid"));
    return ok(addresses.addressConfigurationBody(addresses.updateAddressConfiguration(at, configuration, params), ROOT));
  }),
  route("DELETE", "/v1/Configuration/Addresses/{AddressSid}", ({ at, part }) => {
    at.domain.addressConfigurations.delete(addresses.fetchAddressConfiguration(at, part("AddressSid")).sid);
    return noContent();
  }),
];
