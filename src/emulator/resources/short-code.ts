/** Short codes (SC) of an account. Twilio provisions them by contract and not by its API, so the main account has two samples. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { makeSid } from "../sid";
import type { Row } from "../store";
import { type AccountRecord, inAccount } from "./account";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

interface ShortCodeSettings {
  friendlyName: string;
  smsUrl: string | null;
  smsMethod: "GET" | "POST";
  smsFallbackUrl: string | null;
  smsFallbackMethod: "GET" | "POST";
}

export interface ShortCodeRecord extends Base, ShortCodeSettings {
  shortCode: string;
  isoCountry: string;
  /** The messaging service that sends from it, and since when. */
  messagingServiceSid: string | null;
  dateJoined: number;
}

export const shortCodeTable = defineTable<ShortCodeRecord>()({
  name: "shortCodes",
  sidPrefix: "SC",
  indexes: { account: (code) => code.accountSid, messagingService: (code) => code.messagingServiceSid ?? undefined },
  references: { accounts: { onCreate: addSamples }, messagingServices: { by: "messagingService", onDelete: removeFromService } },
});

const SAMPLES = ["70711", "70712"];

/** Their SIDs are fixed, so that they change no other SID. */
function addSamples(scope: Scope, created: Row): void {
  const { sid, ownerSid } = created as AccountRecord;
  if (sid !== ownerSid) return;
  const now = scope.domain.now();
  SAMPLES.forEach((shortCode, index) => {
    shortCodeTable.insert(scope, {
      sid: makeSid(scope.domain.credentials.seed, "SC", index),
      seq: index,
      accountSid: sid,
      dateCreated: now,
      dateUpdated: now,
      friendlyName: shortCode,
      smsUrl: null,
      smsMethod: "POST",
      smsFallbackUrl: null,
      smsFallbackMethod: "POST",
      shortCode,
      isoCountry: "US",
      messagingServiceSid: null,
      dateJoined: 0,
    });
  });
}

/** The short code stays with its account. */
export function removeFromService(scope: Scope, code: ShortCodeRecord): void {
  shortCodeTable.in(scope.domain).put({ ...code, messagingServiceSid: null });
}

function listShortCodes(scope: Scope, params: Params): ShortCodeRecord[] {
  const [friendlyName, shortCode] = [params.text("FriendlyName"), params.text("ShortCode")];
  const all = shortCodeTable.in(scope.domain).by.account(scope.accountSid);
  return all.filter((code) => (!friendlyName || code.friendlyName === friendlyName) && (!shortCode || code.shortCode.includes(shortCode)));
}

function updateShortCode(scope: Scope, code: ShortCodeRecord, params: Params): ShortCodeRecord {
  const friendlyName = params.text("FriendlyName");
  const changes = given<ShortCodeRecord>({
    friendlyName: friendlyName === undefined ? undefined : checkLength(friendlyName, 64, 20002),
    smsUrl: params.url("SmsUrl"),
    smsMethod: params.word("SmsMethod", ["GET", "POST"]),
    smsFallbackUrl: params.url("SmsFallbackUrl"),
    smsFallbackMethod: params.word("SmsFallbackMethod", ["GET", "POST"]),
  });
  return shortCodeTable.update(scope, code, changes);
}

const shortCodeBody = (code: ShortCodeRecord) => ({
  sid: code.sid,
  account_sid: code.accountSid,
  short_code: code.shortCode,
  friendly_name: code.friendlyName,
  api_version: "2010-04-01",
  sms_url: code.smsUrl,
  sms_method: code.smsMethod,
  sms_fallback_url: code.smsFallbackUrl,
  sms_fallback_method: code.smsFallbackMethod,
  date_created: rfc2822Date(code.dateCreated),
  date_updated: rfc2822Date(code.dateUpdated),
  uri: `/2010-04-01/Accounts/${code.accountSid}/SMS/ShortCodes/${code.sid}.json`,
});

export const shortCodeEndpoints: Endpoints = {
  tables: [shortCodeTable],
  routes: {
    api: crudRoutes(inAccount, {
      path: "/SMS/ShortCodes",
      id: "ShortCodeSid",
      key: "short_codes",
      list: ({ scope, params }) => listShortCodes(scope, params),
      body: shortCodeBody,
      fetch: ({ scope }, sid) => shortCodeTable.fetch(scope, sid),
      update: (code, { scope, params }) => updateShortCode(scope, code, params),
    }),
  },
};
