/** Messages of the 2010 API (SM, MM): what was sent to handsets and what came from them, conversations' copies included. */
import { parseDate, rfc2822Date } from "../dates";
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import type { Params } from "../http/params";
import { changed, invalid, owned } from "./checks";
import type { IncomingNumberRecord } from "./incoming-number";

export interface SmsRecord extends Base {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
  direction: "inbound" | "outbound-api" | "outbound-reply";
  status: "accepted" | "queued" | "sent" | "delivered" | "failed" | "received" | "canceled";
  errorCode: number | null;
  messagingServiceSid: string | null;
  dateSent: number | null;
  /** The conversation message it carries, if any. */
  conversationSid: string | null;
  conversationMessageSid: string | null;
}

const LONGEST_SMS = 1600;
const TO = /^(?:(?:whatsapp|messenger|rcs):)?\S+$/;
const E164 = /^\+[1-9]\d{6,14}$/;

type SmsInput = Pick<SmsRecord, "from" | "to" | "body"> & Partial<SmsRecord>;

/** Keeps a text and announces it. */
export function addSms(at: Scope, input: SmsInput): SmsRecord {
  const prefix = input.mediaUrls?.length ? "MM" : "SM";
  const sms = at.domain.sms.put({
    ...at.domain.base(at.accountSid, prefix),
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
  at.domain.announce(at, sms.direction === "inbound" ? "smsReceived" : "smsSent", { sms });
  return sms;
}

/** Sends a text by REST. The sender is a number of the account, or one of a messaging service's. */
export function sendSms(at: Scope, params: Params): SmsRecord {
  const to = params.text("To");
  if (!to) throw fail(21604);
  if (!TO.test(to) || (!to.includes(":") && !E164.test(to))) throw fail(21211, { to: to.slice(0, 100) });
  const messagingServiceSid = params.text("MessagingServiceSid") || null;
  const from = params.text("From") || (messagingServiceSid === null ? undefined : poolNumber(at, messagingServiceSid));
  if (!from) throw fail(21603);
  checkSender(at, from);
  if (from === to) throw fail(21266, { to });
  const body = params.text("Body") ?? "";
  const mediaUrls = params.all("MediaUrl")?.filter((url) => url !== "") ?? [];
  const badUrl = mediaUrls.find((url) => !URL.canParse(url));
  if (badUrl !== undefined) throw invalid("MediaUrl", badUrl);
  if (body === "" && mediaUrls.length === 0 && !params.text("ContentSid")) throw fail(21602);
  if ([...body].length > LONGEST_SMS) throw fail(21617);
  return addSms(at, { from, to, body, mediaUrls, messagingServiceSid, status: messagingServiceSid === null ? "queued" : "accepted" });
}

function poolNumber(at: Scope, messagingServiceSid: string): string {
  const service = at.domain.messagingServices.get(messagingServiceSid);
  if (service?.accountSid !== at.accountSid) throw fail(21701);
  const number = at.domain.find.sendersOf(messagingServiceSid)[0];
  if (!number) throw fail(21703);
  return number.phoneNumber;
}

function checkSender(at: Scope, from: string): void {
  const phoneNumber = from.replace(/^whatsapp:/, "");
  if (!E164.test(phoneNumber)) throw fail(21212, { from: from.slice(0, 100) });
  const number: IncomingNumberRecord | undefined = at.domain.find.numberCalled(phoneNumber)[0];
  if (number && number.accountSid !== at.accountSid) throw fail(21660, { from, account: at.accountSid });
  if (!number?.capabilities.sms) throw fail(21606, { from });
}

/** What the network does by itself: queued texts reach their handset. */
export function deliver(at: Scope, sms: SmsRecord): void {
  const now = at.domain.now();
  const delivered = at.domain.sms.put({ ...sms, status: "delivered", dateSent: sms.dateSent ?? now, dateUpdated: now });
  at.domain.announce(at, "smsUpdated", { sms: delivered });
}

export function fetchSms(at: Scope, sid: string): SmsRecord {
  return owned(at.accountSid, at.domain.sms.get(sid));
}

/** Only two things can change: the body may be emptied, and what has not left may be cancelled. */
export function updateSms(at: Scope, sms: SmsRecord, params: Params): SmsRecord {
  const body = params.text("Body");
  const status = params.word("Status", ["canceled"]);
  if (body !== undefined && body !== "") throw invalid("Body", body);
  if (status !== undefined && sms.status !== "queued" && sms.status !== "accepted") throw invalid("Status", status);
  const changes: Partial<SmsRecord> = { ...(body === undefined ? {} : { body }), ...(status === undefined ? {} : { status }) };
  const updated = at.domain.sms.put(changed(sms, changes, at.domain.now()));
  at.domain.announce(at, "smsUpdated", { sms: updated });
  return updated;
}

/** Filters To, From, DateSent, `DateSent<` and `DateSent>`; a date means its whole day. */
export function listSms(at: Scope, params: Params): SmsRecord[] {
  const to = params.text("To");
  const from = params.text("From");
  const on = readDay(params, "DateSent");
  const before = readDay(params, "DateSent<");
  const after = readDay(params, "DateSent>");
  return at.domain.find
    .smsOf(at.accountSid)
    .filter((sms) => (!to || sms.to === to) && (!from || sms.from === from))
    .filter((sms) => on === undefined || day(sms.dateSent) === on)
    .filter((sms) => before === undefined || (sms.dateSent !== null && day(sms.dateSent) <= before))
    .filter((sms) => after === undefined || day(sms.dateSent) >= after);
}

function day(ms: number | null): string {
  return ms === null ? "" : new Date(ms).toISOString().slice(0, 10);
}

function readDay(params: Params, name: string): string | undefined {
  const text = params.text(name);
  if (!text) return undefined;
  const ms = parseDate(text);
  if (ms === undefined) throw invalid(name, text);
  return day(ms);
}

export function smsBody(sms: SmsRecord) {
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
    num_media: String(sms.mediaUrls.length),
    num_segments: String(Math.max(1, Math.ceil(sms.body.length / SEGMENT))),
    price: null,
    price_unit: "USD",
    date_created: rfc2822Date(sms.dateCreated),
    date_sent: sms.dateSent === null ? null : rfc2822Date(sms.dateSent),
    date_updated: rfc2822Date(sms.dateUpdated),
    uri: `${path}.json`,
    subresource_uris: { media: `${path}/Media.json` },
  };
}
