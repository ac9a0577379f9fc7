/** `Configuration/Webhooks`: where the events of an account or of a service are sent. Each has one. */
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { v1Root } from "../http/crud";
import { given, type Params } from "../http/params";
import { ok } from "../http/router";

import type { Endpoints } from "./endpoints";
import { CONVERSATIONS_HOST, type ServiceRecord } from "./service";
import { inNamedService } from "./service-path";
import { POST_EVENTS, PRE_EVENTS, readFilters } from "./webhook-filters";

interface WebhookSettings {
  preWebhookUrl: string | null;
  postWebhookUrl: string | null;
  /** Null until they are set. Then no event is sent. */
  filters: string[] | null;
  method: "GET" | "POST" | null;
  /** Only accounts have a target. `flex` is Twilio's contact center. */
  target: "webhook" | "flex";
}

/** Its SID is that of the account or the service. */
export interface WebhookConfigurationRecord extends Base, WebhookSettings {}

export const webhookConfigurationTable = defineTable<WebhookConfigurationRecord>()({
  name: "webhookConfigurations",
  indexes: { owner: (configuration) => configuration.sid },
  references: { services: { by: "owner", onDelete: "cascade" } },
});

const UNSET: WebhookSettings = { preWebhookUrl: null, postWebhookUrl: null, filters: null, method: null, target: "webhook" };

/** No filter, like no settings, is null. */
function readEvents(params: Params): string[] | null | undefined {
  const filters = readFilters(params, "Filters", [...PRE_EVENTS, ...POST_EVENTS], () => fail(50054));
  return filters?.length === 0 ? null : filters;
}

function readSettings(params: Params): Partial<WebhookSettings> {
  const method = params.text("Method")?.toUpperCase();
  if (method !== undefined && method !== "GET" && method !== "POST") throw fail(50055);
  return given<WebhookSettings>({
    preWebhookUrl: readUrl(params, "PreWebhookUrl", 50077),
    postWebhookUrl: readUrl(params, "PostWebhookUrl", 50078),
    filters: readEvents(params),
    method,
    target: params.word("Target", ["webhook", "flex"]),
  });
}

function readUrl(params: Params, name: string, wrong: number): string | null | undefined {
  try {
    return params.url(name);
  } catch {
    throw fail(wrong);
  }
}

export function updateWebhookConfiguration(scope: Scope, ownerSid: string, params: Params): WebhookConfigurationRecord {
  const settings = readSettings(params);
  const before = webhookConfigurationTable.in(scope.domain).get(ownerSid) ?? {
    ...scope.domain.base(scope.accountSid, "CF"),
    sid: ownerSid,
    ...UNSET,
  };
  return webhookConfigurationTable.update(scope, before, settings);
}

/** The published API has no null method, so an account that has set nothing shows the default. */
function accountWebhooksBody(scope: Scope) {
  const { preWebhookUrl, postWebhookUrl, filters, method, target } =
    webhookConfigurationTable.in(scope.domain).get(scope.accountSid) ?? UNSET;
  return {
    account_sid: scope.accountSid,
    pre_webhook_url: preWebhookUrl,
    post_webhook_url: postWebhookUrl,
    method: method ?? "POST",
    filters,
    target,
    url: `${CONVERSATIONS_HOST}/v1/Configuration/Webhooks`,
  };
}

/** All properties are null until they are set. */
function serviceWebhooksBody(scope: Scope, service: ServiceRecord, root: string) {
  const { preWebhookUrl, postWebhookUrl, filters, method } = webhookConfigurationTable.in(scope.domain).get(service.sid) ?? UNSET;
  return {
    account_sid: service.accountSid,
    chat_service_sid: service.sid,
    pre_webhook_url: preWebhookUrl,
    post_webhook_url: postWebhookUrl,
    filters,
    method,
    url: `${root}/Configuration/Webhooks`,
  };
}

const root = v1Root(CONVERSATIONS_HOST);

export const webhookConfigurationEndpoints: Endpoints = {
  tables: [webhookConfigurationTable],
  routes: {
    conversations: [
      // The second path is an older one that pages of Twilio and other clients still use.
      ...["/Configuration/Webhooks", "/Conversations/Webhooks"].flatMap((path) => [
        ...root.route("GET", path, ({ scope }) => ok(accountWebhooksBody(scope))),
        ...root.route("POST", path, ({ scope, params }) => {
          updateWebhookConfiguration(scope, scope.accountSid, params);
          return ok(accountWebhooksBody(scope));
        }),
      ]),
      ...inNamedService.route("GET", "/Configuration/Webhooks", ({ scope, service, form }) =>
        ok(serviceWebhooksBody(scope, service, form.root)),
      ),
      ...inNamedService.route("POST", "/Configuration/Webhooks", ({ scope, service, params, form }) => {
        updateWebhookConfiguration(scope, service.sid, params);
        return ok(serviceWebhooksBody(scope, service, form.root));
      }),
    ],
  },
};
