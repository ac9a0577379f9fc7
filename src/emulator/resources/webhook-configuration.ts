/** Where an account's or a service's events are reported: `Configuration/Webhooks`, one of each. */
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import { given, type Params } from "../http/params";
import { changed } from "./checks";
import type { ServiceRecord } from "./service";
import { POST_EVENTS, PRE_EVENTS, readFilters } from "./webhook-filters";

interface WebhookSettings {
  preWebhookUrl: string | null;
  postWebhookUrl: string | null;
  /** Null until they are set: then nothing is reported. */
  filters: string[] | null;
  method: "GET" | "POST" | null;
  /** Only accounts have one; `flex` is Twilio's own contact centre. */
  target: "webhook" | "flex";
}

/** Under the SID of the account, or of the service, whose events they are. */
export interface WebhookConfigurationRecord extends Base, WebhookSettings {}

const UNSET: WebhookSettings = { preWebhookUrl: null, postWebhookUrl: null, filters: null, method: null, target: "webhook" };

function readSettings(params: Params): Partial<WebhookSettings> {
  const method = params.text("Method")?.toUpperCase();
  if (method !== undefined && method !== "GET" && method !== "POST") throw fail(50055);
  return given<WebhookSettings>({
    preWebhookUrl: readUrl(params, "PreWebhookUrl", 50077),
    postWebhookUrl: readUrl(params, "PostWebhookUrl", 50078),
    filters: readFilters(params, "Filters", [...PRE_EVENTS, ...POST_EVENTS], () => fail(50054)),
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

export function updateWebhookConfiguration(at: Scope, ownerSid: string, params: Params): WebhookConfigurationRecord {
  const settings = readSettings(params);
  const before = at.domain.webhookConfigurations.get(ownerSid) ?? { ...at.domain.base(at.accountSid, "CF"), sid: ownerSid, ...UNSET };
  return at.domain.webhookConfigurations.put(changed<WebhookConfigurationRecord>(before, settings, at.domain.now()));
}

/** Published as never null, so an account that has set nothing shows what would hold. */
export function accountWebhooksBody(at: Scope, root: string) {
  const { preWebhookUrl, postWebhookUrl, filters, method, target } = at.domain.webhookConfigurations.get(at.accountSid) ?? UNSET;
  return {
    account_sid: at.accountSid,
    pre_webhook_url: preWebhookUrl,
    post_webhook_url: postWebhookUrl,
    method: method ?? "POST",
    filters,
    target,
    url: `${root}/Configuration/Webhooks`,
  };
}

/** All null until set. */
export function serviceWebhooksBody(at: Scope, service: ServiceRecord, root: string) {
  const { preWebhookUrl, postWebhookUrl, filters, method } = at.domain.webhookConfigurations.get(service.sid) ?? UNSET;
  return {
    account_sid: service.accountSid,
    chat_service_sid: service.sid,
    pre_webhook_url: preWebhookUrl,
    post_webhook_url: postWebhookUrl,
    filters,
    method,
    url: `${root}/Services/${service.sid}/Configuration/Webhooks`,
  };
}
