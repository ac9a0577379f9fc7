/** Webhooks of one conversation (WH): told of what has happened, by a request, a Studio flow, or when a keyword is said. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { isSid } from "../sid";
import { changed, invalid } from "./checks";
import type { ConversationRecord } from "./conversation";
import { type Place, scopedPart } from "./place";
import { readFilters, SCOPED_EVENTS } from "./webhook-filters";

const TARGETS = ["webhook", "trigger", "studio"] as const;

interface ScopedWebhookSettings {
  url: string | null;
  method: "get" | "post";
  /** For the target `webhook`: the events. */
  filters: string[];
  /** For the target `trigger`: the keywords. */
  triggers: string[];
  /** For the target `studio`. */
  flowSid: string | null;
}

export interface ScopedWebhookRecord extends Base, ScopedWebhookSettings {
  serviceSid: string;
  conversationSid: string;
  target: (typeof TARGETS)[number];
}

/** What a new webhook is made of. */
export type ScopedWebhookInput = Partial<ScopedWebhookSettings> & Pick<ScopedWebhookRecord, "target">;

const DEFAULTS: ScopedWebhookSettings = { url: null, method: "post", filters: [], triggers: [], flowSid: null };
const MOST_WEBHOOKS = 5;
const MOST_TRIGGERS = 5;
const LONGEST_TRIGGER = 248;
const LONGEST_URL = 512;

export function createScopedWebhook(at: Scope, conversation: ConversationRecord, params: Params): ScopedWebhookRecord {
  const text = params.text("Target");
  if (!text) throw fail(50368);
  const target = TARGETS.find((candidate) => candidate === text.toLowerCase());
  if (!target) throw fail(50364);
  const replayAfter = params.integer("Configuration.ReplayAfter") ?? undefined;
  if (replayAfter !== undefined && replayAfter < 0) throw invalid("Configuration.ReplayAfter", String(replayAfter));
  return addScopedWebhook(at, conversation, { target, ...readSettings(params) }, replayAfter);
}

/** Adds a webhook; messages from the index `replayAfter` on are reported to it as if they were new. */
export function addScopedWebhook(
  at: Scope,
  conversation: ConversationRecord,
  input: ScopedWebhookInput,
  replayAfter?: number,
): ScopedWebhookRecord {
  const settings = checkComplete({ ...DEFAULTS, ...input });
  if (at.domain.find.webhooksOf(conversation.sid).length >= MOST_WEBHOOKS) throw fail(50361);
  const webhook = at.domain.scopedWebhooks.put({
    ...at.domain.base(at.accountSid, "WH"),
    serviceSid: conversation.serviceSid,
    conversationSid: conversation.sid,
    ...settings,
  });
  at.domain.announce(at, "scopedWebhookAdded", { webhook, replayAfter: replayAfter ?? null });
  return webhook;
}

/** The target cannot change. */
export function updateScopedWebhook(at: Scope, webhook: ScopedWebhookRecord, params: Params): ScopedWebhookRecord {
  return at.domain.scopedWebhooks.put(checkComplete(changed<ScopedWebhookRecord>(webhook, readSettings(params), at.domain.now())));
}

function readSettings(params: Params): Partial<ScopedWebhookSettings> {
  const url = params.url("Configuration.Url");
  if (url && url.length > LONGEST_URL) throw fail(50372);
  const flowSid = params.nullable("Configuration.FlowSid");
  if (flowSid && !isSid("FW", flowSid)) throw fail(50367);
  return given<ScopedWebhookSettings>({
    url,
    method: params.word("Configuration.Method", ["get", "post"]),
    filters: readFilters(params, "Configuration.Filters", SCOPED_EVENTS, () => fail(50365)),
    triggers: params.all("Configuration.Triggers"),
    flowSid,
  });
}

/** Refuses what lacks something that its target needs. */
function checkComplete<T extends ScopedWebhookSettings & Pick<ScopedWebhookRecord, "target">>(webhook: T): T {
  const { target, url, filters, triggers, flowSid } = webhook;
  if (target === "studio") {
    if (flowSid === null) throw fail(50367);
    return webhook;
  }
  if (url === null) throw fail(50369);
  if (target === "webhook" && filters.length === 0) throw fail(50370);
  if (target === "trigger") {
    if (triggers.length === 0) throw fail(50371);
    if (triggers.length > MOST_TRIGGERS) throw fail(50362);
    if (triggers.some((trigger) => trigger === "" || trigger.length > LONGEST_TRIGGER)) throw fail(50366);
  }
  return webhook;
}

export function fetchScopedWebhook(at: Scope, conversation: ConversationRecord, sid: string): ScopedWebhookRecord {
  const webhook = at.domain.scopedWebhooks.get(sid);
  if (webhook?.conversationSid !== conversation.sid) throw new NotFound();
  return webhook;
}

export function scopedWebhookBody(webhook: ScopedWebhookRecord, place: Place) {
  return {
    sid: webhook.sid,
    account_sid: webhook.accountSid,
    ...scopedPart(place, webhook.serviceSid),
    conversation_sid: webhook.conversationSid,
    target: webhook.target,
    configuration: configurationBody(webhook),
    date_created: isoDate(webhook.dateCreated),
    date_updated: isoDate(webhook.dateUpdated),
    url: `${place.root}/Conversations/${webhook.conversationSid}/Webhooks/${webhook.sid}`,
  };
}

/** Only what the target knows. */
function configurationBody({ target, url, method, filters, triggers, flowSid }: ScopedWebhookRecord) {
  if (target === "studio") return { flow_sid: flowSid };
  return target === "webhook" ? { url, method, filters } : { url, method, triggers };
}
