/** Messages of the 2010 API (SM, MM): text messages to and from phones, including those of conversations. */
import { parseDate, rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import { crudRoutes } from "../http/crud";
import type { Params } from "../http/params";
import { created } from "../http/router";
import { accountTable, inAccount } from "./account";
import type { Endpoints } from "./endpoints";
import { type IncomingNumberRecord, numberTable } from "./incoming-number";
import { messagingServiceTable } from "./messaging-service";

export interface SmsRecord extends Base {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
  /** The media that were deleted from it. */
  removedMedia?: string[];
  direction: "inbound" | "outbound-api" | "outbound-reply";
  status: "accepted" | "queued" | "sent" | "delivered" | "failed" | "received" | "canceled";
  errorCode: number | null;
  messagingServiceSid: string | null;
  dateSent: number | null;
  /** The conversation message it carries, if any. */
  conversationSid: string | null;
  conversationMessageSid: string | null;
}

declare module "../events" {
  interface DomainEvents {
    smsReceived: { sms: SmsRecord };
    smsSent: { sms: SmsRecord };
    smsUpdated: { sms: SmsRecord };
  }
}

export const smsTable = defineTable<SmsRecord>()({
  name: "sms",
  indexes: {
    account: (sms) => sms.accountSid,
    pending: (sms) => (sms.status === "queued" || sms.status === "accepted" ? "" : undefined),
  },
});

const MAX_SMS_LENGTH = 1600;
const TO = /^(?:(?:whatsapp|messenger|rcs):)?\S+$/;
const E164 = /^\+[1-9]\d{6,14}$/;

type SmsInput = Pick<SmsRecord, "from" | "to" | "body"> & Partial<SmsRecord>;

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

/** Sends a text message through REST, from a number of the account or of a messaging service. */
function sendSms(scope: Scope, params: Params): SmsRecord {
  // Its parent may still read and move what a suspended account has.
  if (accountTable.in(scope.domain).get(scope.accountSid)?.status !== "active") throw fail(20005);
  const to = params.text("To");
  if (!to) throw fail(21604);
  if (!TO.test(to) || (!to.includes(":") && !E164.test(to))) throw fail(21211, { to: to.slice(0, 100) });
  const messagingServiceSid = params.text("MessagingServiceSid") || null;
  const from = params.text("From") || (messagingServiceSid === null ? undefined : poolNumber(scope, messagingServiceSid));
  if (!from) throw fail(21603);
  checkSender(scope, from);
  if (from === to) throw fail(21266, { to });
  const body = params.text("Body") ?? "";
  const mediaUrls = params.all("MediaUrl")?.filter((url) => url !== "") ?? [];
  const badUrl = mediaUrls.find((url) => !URL.canParse(url));
  if (badUrl !== undefined) throw invalidParameter("MediaUrl", badUrl);
  if (body === "" && mediaUrls.length === 0 && !params.text("ContentSid")) throw fail(21602);
  if ([...body].length > MAX_SMS_LENGTH) throw fail(21617);
  return addSms(scope, { from, to, body, mediaUrls, messagingServiceSid, status: messagingServiceSid === null ? "queued" : "accepted" });
}

function poolNumber(scope: Scope, messagingServiceSid: string): string {
  const service = messagingServiceTable.in(scope.domain).get(messagingServiceSid);
  if (service?.accountSid !== scope.accountSid) throw fail(21701);
  const number = numberTable.in(scope.domain).by.messagingService(messagingServiceSid)[0];
  if (!number) throw fail(21703);
  return number.phoneNumber;
}

function checkSender(scope: Scope, from: string): void {
  const phoneNumber = from.replace(/^whatsapp:/, "");
  if (!E164.test(phoneNumber)) throw fail(21212, { from: from.slice(0, 100) });
  const number: IncomingNumberRecord | undefined = numberTable.in(scope.domain).by.phoneNumber(phoneNumber)[0];
  if (number && number.accountSid !== scope.accountSid) throw fail(21660, { from, account: scope.accountSid });
  if (!number?.capabilities.sms) throw fail(21606, { from });
}

/** Marks a queued text message as delivered to its phone. */
export function deliver(scope: Scope, sms: SmsRecord): void {
  const now = scope.domain.now();
  const delivered = smsTable.in(scope.domain).put({ ...sms, status: "delivered", dateSent: sms.dateSent ?? now, dateUpdated: now });
  scope.domain.announce(scope, "smsUpdated", { sms: delivered });
}

/** Only two changes are allowed: emptying the body, and canceling what is still queued. */
function updateSms(scope: Scope, sms: SmsRecord, params: Params): SmsRecord {
  const body = params.text("Body");
  const status = params.word("Status", ["canceled"]);
  if (body !== undefined && body !== "") throw invalidParameter("Body", body);
  if (status !== undefined && sms.status !== "queued" && sms.status !== "accepted") throw invalidParameter("Status", status);
  const changes: Partial<SmsRecord> = { ...(body === undefined ? {} : { body }), ...(status === undefined ? {} : { status }) };
  const updated = smsTable.update(scope, sms, changes);
  scope.domain.announce(scope, "smsUpdated", { sms: updated });
  return updated;
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
function smsBody(sms: SmsRecord, { isNew = false } = {}) {
  const path = `/2010-04-01/Accounts/${sms.accountSid}/Messages/${sms.sid}`;
  const SEGMENT = 160;
  return {
    sid: sms.sid,
    account_sid: sms.accountSid,
    api_version: "2010-04-01",
    from: sms.from,
    to: sms.to,
    body: sms.body,
    direction: sms.direction,
    status: sms.status,
    error_code: sms.errorCode,
    error_message: null,
    messaging_service_sid: sms.messagingServiceSid,
    num_media: String(sms.mediaUrls.length - (sms.removedMedia?.length ?? 0)),
    num_segments: String(Math.max(1, Math.ceil(sms.body.length / SEGMENT))),
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
    api: [
      ...crudRoutes(inAccount, {
        path: "/Messages",
        id: "MessageSid",
        key: "messages",
        list: ({ scope, params }) => listSms(scope, params),
        body: (sms) => smsBody(sms),
        fetch: ({ scope }, sid) => smsTable.fetch(scope, sid),
        update: (sms, { scope, params }) => updateSms(scope, sms, params),
        remove: (sms, { scope }) => smsTable.remove(scope, sms),
      }),
      ...inAccount.route("POST", "/Messages.json", ({ scope, params }) => created(smsBody(sendSms(scope, params), { isNew: true }))),
    ],
  },
};
