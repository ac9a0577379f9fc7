/** Webhooks of one conversation (WH). They send a request on events or keywords, or start a Studio flow. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { isSid } from "../sid";

import { inConversation } from "./conversation";
import type { ConversationRecord } from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { chatServiceSid, type PathForm } from "./service-path";
import { readFilters, SCOPED_EVENTS } from "./webhook-filters";

const TARGETS = ["webhook", "trigger", "studio"] as const;

interface ScopedWebhookSettings {
  url: string | null;
  /** Get or post, in the letters that were sent. */
  method: string;
  /** The events of the target `webhook`. */
  filters: string[];
  /** The keywords of the target `trigger`. */
  triggers: string[];
  /** The flow of the target `studio`. */
  flowSid: string | null;
}

export interface ScopedWebhookRecord extends Base, ScopedWebhookSettings {
  serviceSid: string;
  conversationSid: string;
  target: (typeof TARGETS)[number];
}

export type ScopedWebhookInput = Partial<ScopedWebhookSettings> & Pick<ScopedWebhookRecord, "target">;

declare module "../events" {
  interface DomainEvents {
    /** If `replayAfter` is not null, messages from this index on are sent to the new webhook. */
    scopedWebhookAdded: { webhook: ScopedWebhookRecord; replayAfter: number | null };
  }
}

declare module "./conversation-table" {
  interface DeletedWithConversation {
    webhooks: ScopedWebhookRecord[];
  }
}

export const scopedWebhookTable = defineTable<ScopedWebhookRecord>()({
  name: "scopedWebhooks",
  sidPrefix: "WH",
  indexes: { conversation: (webhook) => webhook.conversationSid },
  // The event about the conversation lists its webhooks.
  references: { conversations: { by: "conversation", onDelete: "cascade" } },
});

const DEFAULTS: ScopedWebhookSettings = { url: null, method: "post", filters: [], triggers: [], flowSid: null };
const MAX_WEBHOOKS = 5;
const MAX_TRIGGERS = 5;
const MAX_TRIGGER_LENGTH = 248;
const MAX_URL_LENGTH = 512;

function createScopedWebhook(scope: Scope, conversation: ConversationRecord, params: Params): ScopedWebhookRecord {
  const text = params.text("Target");
  if (!text) throw fail(50368);
  const target = TARGETS.find((candidate) => candidate === text.toLowerCase());
  if (!target) throw fail(50364);
  const replayAfter = params.integer("Configuration.ReplayAfter") ?? undefined;
  if (replayAfter !== undefined && replayAfter < 0) throw invalidParameter("Configuration.ReplayAfter", String(replayAfter));
  return addScopedWebhook(scope, conversation, { target, ...readSettings(params) }, replayAfter);
}

/** Adds a webhook. Messages from the index `replayAfter` on are sent to it as if they were new. */
export function addScopedWebhook(
  scope: Scope,
  conversation: ConversationRecord,
  input: ScopedWebhookInput,
  replayAfter?: number,
): ScopedWebhookRecord {
  const settings = checkComplete({ ...DEFAULTS, ...input });
  if (scopedWebhookTable.in(scope.domain).by.conversation(conversation.sid).length >= MAX_WEBHOOKS) throw fail(50361);
  const webhook = scopedWebhookTable.insert(scope, {
    serviceSid: conversation.serviceSid,
    conversationSid: conversation.sid,
    ...settings,
  });
  scope.domain.announce(scope, "scopedWebhookAdded", { webhook, replayAfter: replayAfter ?? null });
  return webhook;
}

/** Target and ReplayAfter cannot change: an update ignores them. */
function updateScopedWebhook(scope: Scope, webhook: ScopedWebhookRecord, params: Params): ScopedWebhookRecord {
  const settings = readSettings(params);
  checkComplete({ ...webhook, ...settings });
  return scopedWebhookTable.update(scope, webhook, settings);
}

function readSettings(params: Params): Partial<ScopedWebhookSettings> {
  const url = params.url("Configuration.Url");
  if (url && url.length > MAX_URL_LENGTH) throw fail(50372);
  const flowSid = params.nullable("Configuration.FlowSid");
  if (flowSid && !isSid("FW", flowSid)) throw fail(50367);
  return given<ScopedWebhookSettings>({
    url,
    method: params.word("Configuration.Method", ["get", "post"]) && params.text("Configuration.Method"),
    filters: readFilters(params, "Configuration.Filters", SCOPED_EVENTS, () => fail(50365)),
    triggers: params.all("Configuration.Triggers"),
    flowSid,
  });
}

/** Fails if a property that the target requires is missing. */
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
    if (triggers.length > MAX_TRIGGERS) throw fail(50362);
    if (triggers.some((trigger) => trigger === "" || trigger.length > MAX_TRIGGER_LENGTH)) throw fail(50366);
  }
  return webhook;
}

function fetchScopedWebhook(scope: Scope, conversation: ConversationRecord, sid: string): ScopedWebhookRecord {
  const webhook = scopedWebhookTable.in(scope.domain).get(sid);
  if (webhook?.conversationSid !== conversation.sid) throw new NotFound();
  return webhook;
}

function scopedWebhookBody(webhook: ScopedWebhookRecord, form: PathForm) {
  return {
    sid: webhook.sid,
    account_sid: webhook.accountSid,
    ...chatServiceSid(form, webhook.serviceSid),
    conversation_sid: webhook.conversationSid,
    target: webhook.target,
    configuration: configurationBody(webhook),
    date_created: isoDate(webhook.dateCreated),
    date_updated: isoDate(webhook.dateUpdated),
    url: `${form.root}/Conversations/${webhook.conversationSid}/Webhooks/${webhook.sid}`,
  };
}

/** Only the properties of the target. */
function configurationBody({ target, url, method, filters, triggers, flowSid }: ScopedWebhookRecord) {
  if (target === "studio") return { flow_sid: flowSid };
  return target === "webhook" ? { url, method, filters } : { url, method, triggers };
}

export const scopedWebhookEndpoints: Endpoints = {
  tables: [scopedWebhookTable],
  routes: {
    conversations: crudRoutes(inConversation, {
      path: "/Webhooks",
      id: "WebhookSid",
      key: "webhooks",
      maxPageSize: MAX_WEBHOOKS,
      list: ({ scope, conversation }) => scopedWebhookTable.in(scope.domain).by.conversation(conversation.sid),
      body: (webhook, { form }) => scopedWebhookBody(webhook, form),
      create: ({ scope, conversation, params }) => createScopedWebhook(scope, conversation, params),
      fetch: ({ scope, conversation }, sid) => fetchScopedWebhook(scope, conversation, sid),
      update: (webhook, { scope, params }) => updateScopedWebhook(scope, webhook, params),
      remove: (webhook, { scope }) => scopedWebhookTable.remove(scope, webhook),
    }),
  },
};
