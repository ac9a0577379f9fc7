/** Messages of the 2010 API (SM, MM): text messages to and from phones, including those of conversations. sms-create.ts creates them. */
import { parseDate, rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import { crudRoutes } from "../http/crud";
import type { Params } from "../http/params";
import { inAccount } from "./account";
import type { Endpoints } from "./endpoints";

export type SmsStatus = "scheduled" | "accepted" | "queued" | "sent" | "delivered" | "failed" | "received" | "canceled";

export interface SmsRecord extends Base {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
  /** The media that were deleted from it. */
  removedMedia?: string[];
  direction: "inbound" | "outbound-api" | "outbound-reply";
  status: SmsStatus;
  errorCode: number | null;
  messagingServiceSid: string | null;
  dateSent: number | null;
  /** The conversation message it carries, if any. */
  conversationSid: string | null;
  conversationMessageSid: string | null;
  /** Whether its messaging service chooses the sender. Until it is queued, responses do not show it. */
  choosesSender?: boolean;
  /** When a scheduled message is due. */
  sendAt?: number;
  /** Where its statuses are reported. Without it, the application decides, then the messaging service. */
  statusCallback?: string | null;
  applicationSid?: string | null;
}

declare module "../events" {
  interface DomainEvents {
    smsReceived: { sms: SmsRecord };
    smsSent: { sms: SmsRecord };
    /** `previous` is its status before the change. */
    smsUpdated: { sms: SmsRecord; previous: SmsStatus };
  }
}

export const smsTable = defineTable<SmsRecord>()({
  name: "sms",
  indexes: {
    account: (sms) => sms.accountSid,
    pending: (sms) => (sms.status === "queued" || sms.status === "accepted" ? "" : undefined),
    scheduled: (sms) => (sms.status === "scheduled" ? "" : undefined),
  },
});

export type SmsInput = Pick<SmsRecord, "from" | "to" | "body"> & Partial<SmsRecord>;

/** Stores a text message and announces it. */
export function addSms(scope: Scope, input: SmsInput): SmsRecord {
  const sms = smsTable.insert(scope, {
    ...scope.domain.base(scope.accountSid, input.mediaUrls?.length ? "MM" : "SM"),
    mediaUrls: [],
    direction: "outbound-api",
    status: "queued",
    errorCode: null,
    messagingServiceSid: null,
    dateSent: null,
    conversationSid: null,
    conversationMessageSid: null,
    ...input,
  });
  scope.domain.announce(scope, sms.direction === "inbound" ? "smsReceived" : "smsSent", { sms });
  return sms;
}

/** Moves a text message to another status and announces it. */
export function changeStatus(scope: Scope, sms: SmsRecord, status: SmsStatus, changes: Partial<SmsRecord> = {}): SmsRecord {
  const updated = smsTable.update(scope, sms, { ...changes, status });
  scope.domain.announce(scope, "smsUpdated", { sms: updated, previous: sms.status });
  return updated;
}

/** Sends a pending text message to its phone, through each status that Twilio reports. The text of a conversation has receipts instead. */
export function deliver(scope: Scope, sms: SmsRecord): void {
  const queued = sms.status === "accepted" ? changeStatus(scope, sms, "queued") : sms;
  const dateSent = sms.dateSent ?? scope.domain.now();
  const sent = sms.conversationSid === null ? changeStatus(scope, queued, "sent", { dateSent }) : queued;
  changeStatus(scope, sent, "delivered", { dateSent });
}

/** Only two changes are allowed: emptying the body, and canceling what is scheduled. */
function updateSms(scope: Scope, sms: SmsRecord, params: Params): SmsRecord {
  const body = params.text("Body");
  const status = params.word("Status", ["canceled"]);
  if (body !== undefined && body !== "") throw invalidParameter("Body", body);
  if (status !== undefined && sms.status !== "scheduled") throw fail(30409);
  return changeStatus(scope, sms, status ?? sms.status, body === undefined ? {} : { body });
}

/** Filters by To, From, DateSent, `DateSent<` and `DateSent>`. A date means its whole day. */
function listSms(scope: Scope, params: Params): SmsRecord[] {
  const to = params.text("To");
  const from = params.text("From");
  const isSentThen = dayFilter(params, "DateSent");
  return smsTable
    .in(scope.domain)
    .by.account(scope.accountSid)
    .filter((sms) => (!to || sms.to === to) && (!from || sms.from === from))
    .filter((sms) => isSentThen(sms.dateSent));
}

/** Reads the filters of a date: `Name`, `Name<` and `Name>`, each a day. */
export function dayFilter(params: Params, name: string): (ms: number | null) => boolean {
  const on = readDay(params, name);
  const before = readDay(params, `${name}<`);
  const after = readDay(params, `${name}>`);
  return (ms) =>
    (on === undefined || day(ms) === on) &&
    (before === undefined || (ms !== null && day(ms) <= before)) &&
    (after === undefined || day(ms) >= after);
}

function day(ms: number | null): string {
  return ms === null ? "" : new Date(ms).toISOString().slice(0, 10);
}

function readDay(params: Params, name: string): string | undefined {
  const text = params.text(name);
  if (!text) return undefined;
  const ms = parseDate(text);
  if (ms === undefined) throw invalidParameter(name, text);
  return day(ms);
}

/** The response to a new message has no link to its feedback. */
export function smsBody(sms: SmsRecord, { isNew = false } = {}) {
  const path = `/2010-04-01/Accounts/${sms.accountSid}/Messages/${sms.sid}`;
  const SEGMENT = 160;
  const isWaiting = sms.status === "scheduled" || sms.status === "accepted";
  return {
    sid: sms.sid,
    account_sid: sms.accountSid,
    api_version: "2010-04-01",
    from: isWaiting && sms.choosesSender ? null : sms.from,
    to: sms.to,
    body: sms.body,
    direction: sms.direction,
    status: sms.status,
    error_code: sms.errorCode,
    error_message: null,
    messaging_service_sid: sms.messagingServiceSid,
    num_media: String(sms.mediaUrls.length - (sms.removedMedia?.length ?? 0)),
    num_segments: sms.status === "scheduled" ? "0" : String(Math.max(1, Math.ceil(sms.body.length / SEGMENT))),
    price: null,
    price_unit: "USD",
    date_created: rfc2822Date(sms.dateCreated),
    date_sent: sms.dateSent === null ? null : rfc2822Date(sms.dateSent),
    date_updated: rfc2822Date(sms.dateUpdated),
    uri: `${path}.json`,
    subresource_uris: { media: `${path}/Media.json`, ...(isNew ? {} : { feedback: `${path}/Feedback.json` }) },
  };
}

export const smsEndpoints: Endpoints = {
  tables: [smsTable],
  routes: {
    api: crudRoutes(inAccount, {
      path: "/Messages",
      id: "MessageSid",
      key: "messages",
      list: ({ scope, params }) => listSms(scope, params),
      body: (sms) => smsBody(sms),
      fetch: ({ scope }, sid) => smsTable.fetch(scope, sid),
      update: (sms, { scope, params }) => updateSms(scope, sms, params),
      remove: (sms, { scope }) => smsTable.remove(scope, sms),
    }),
  },
};
