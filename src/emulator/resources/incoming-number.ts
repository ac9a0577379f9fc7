/** IncomingPhoneNumbers (PN): the numbers an account owns. A bought number leaves the stock, a released one returns. */
import { rfc2822Date } from "../dates";
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import { given, type Params } from "../http/params";
import { matchesPattern } from "../numbers/pattern";
import type { NumberType, StockNumber } from "../numbers/stock";
import { fetchAccount } from "./account";
import { forgetAddresses } from "./address-configuration";
import { changed, checkLength, checkSid, invalid, owned } from "./checks";

type Method = "GET" | "POST";

interface NumberSettings {
  friendlyName: string;
  apiVersion: string;
  smsUrl: string | null;
  smsMethod: Method;
  smsFallbackUrl: string | null;
  smsFallbackMethod: Method;
  smsApplicationSid: string | null;
  voiceUrl: string | null;
  voiceMethod: Method;
  voiceFallbackUrl: string | null;
  voiceFallbackMethod: Method;
  voiceApplicationSid: string | null;
  voiceCallerIdLookup: boolean;
  voiceReceiveMode: "voice" | "fax";
  statusCallback: string | null;
  statusCallbackMethod: Method;
  trunkSid: string | null;
  emergencyStatus: "Active" | "Inactive";
  emergencyAddressSid: string | null;
  addressSid: string | null;
  identitySid: string | null;
  bundleSid: string | null;
}

export interface IncomingNumberRecord extends Base, NumberSettings {
  phoneNumber: string;
  isoCountry: string;
  type: NumberType;
  capabilities: StockNumber["capabilities"];
  addressRequirements: StockNumber["addressRequirements"];
  beta: boolean;
  /** The messaging service it sends for, and since when. */
  messagingServiceSid: string | null;
  dateJoined: number;
}

const METHODS = ["GET", "POST"] as const;

function readSettings(params: Params): Partial<NumberSettings> {
  const friendlyName = params.text("FriendlyName");
  const sid = (name: string, prefix: string) => {
    const value = params.nullable(name);
    return value ? checkSid(prefix, value, name) : value;
  };
  const settings = given<NumberSettings>({
    friendlyName: friendlyName === undefined ? undefined : checkLength(friendlyName, 64, 20002),
    apiVersion: params.word("ApiVersion", ["2010-04-01", "2008-08-01"]),
    smsUrl: params.url("SmsUrl"),
    smsMethod: params.word("SmsMethod", METHODS),
    smsFallbackUrl: params.url("SmsFallbackUrl"),
    smsFallbackMethod: params.word("SmsFallbackMethod", METHODS),
    smsApplicationSid: sid("SmsApplicationSid", "AP"),
    voiceUrl: params.url("VoiceUrl"),
    voiceMethod: params.word("VoiceMethod", METHODS),
    voiceFallbackUrl: params.url("VoiceFallbackUrl"),
    voiceFallbackMethod: params.word("VoiceFallbackMethod", METHODS),
    voiceApplicationSid: sid("VoiceApplicationSid", "AP"),
    voiceCallerIdLookup: params.boolean("VoiceCallerIdLookup"),
    voiceReceiveMode: params.word("VoiceReceiveMode", ["voice", "fax"]),
    statusCallback: params.url("StatusCallback"),
    statusCallbackMethod: params.word("StatusCallbackMethod", METHODS),
    trunkSid: sid("TrunkSid", "TK"),
    emergencyStatus: params.word("EmergencyStatus", ["Active", "Inactive"]),
    emergencyAddressSid: sid("EmergencyAddressSid", "AD"),
    addressSid: sid("AddressSid", "AD"),
    identitySid: sid("IdentitySid", "RI"),
    bundleSid: sid("BundleSid", "BU"),
  });
  // A trunk and a voice application exclude each other: setting one clears the other.
  if (settings.trunkSid) return { ...settings, voiceApplicationSid: null };
  if (settings.voiceApplicationSid) return { ...settings, trunkSid: null };
  return settings;
}

const DEFAULTS: Omit<NumberSettings, "friendlyName"> = {
  apiVersion: "2010-04-01",
  smsUrl: null,
  smsMethod: "POST",
  smsFallbackUrl: null,
  smsFallbackMethod: "POST",
  smsApplicationSid: null,
  voiceUrl: null,
  voiceMethod: "POST",
  voiceFallbackUrl: null,
  voiceFallbackMethod: "POST",
  voiceApplicationSid: null,
  voiceCallerIdLookup: false,
  voiceReceiveMode: "voice",
  statusCallback: null,
  statusCallbackMethod: "POST",
  trunkSid: null,
  emergencyStatus: "Inactive",
  emergencyAddressSid: null,
  addressSid: null,
  identitySid: null,
  bundleSid: null,
};

/** Buys a number of the stock: a given one, or any in an area code. */
export function buyNumber(at: Scope, params: Params, type?: NumberType): IncomingNumberRecord {
  const chosen = chooseNumber(at, params, type);
  const settings = readSettings(params);
  if (chosen.addressRequirements !== "none" && !settings.addressSid && !settings.bundleSid) throw fail(21631);
  return at.domain.numbers.put({
    ...at.domain.base(at.accountSid, "PN"),
    ...DEFAULTS,
    friendlyName: chosen.friendlyName,
    ...settings,
    phoneNumber: chosen.phoneNumber,
    isoCountry: chosen.isoCountry,
    type: chosen.type,
    capabilities: chosen.capabilities,
    addressRequirements: chosen.addressRequirements,
    beta: chosen.beta,
    messagingServiceSid: null,
    dateJoined: 0,
  });
}

function chooseNumber(at: Scope, params: Params, type: NumberType | undefined): StockNumber {
  const phoneNumber = params.text("PhoneNumber");
  const areaCode = params.text("AreaCode");
  if (phoneNumber && areaCode) throw fail(21421, { number: `${phoneNumber} (give either PhoneNumber or AreaCode, not both)` });
  if (areaCode && type === undefined) {
    if (!/^\d{3}$/.test(areaCode)) throw fail(21451, { area: areaCode.slice(0, 20) });
    const number = at.domain.stock.inAreaCode(areaCode).find((candidate) => isAvailable(at, candidate));
    if (!number) throw fail(21452);
    return number;
  }
  if (!phoneNumber || !/^\+[1-9]\d{6,14}$/.test(phoneNumber)) throw fail(21421, { number: phoneNumber?.slice(0, 100) ?? "none given" });
  const number = at.domain.stock.get(phoneNumber);
  if (!number || (type !== undefined && number.type !== type) || !isAvailable(at, number)) throw fail(21422, { number: phoneNumber });
  return number;
}

/** Whether nobody has bought it. */
export function isAvailable(at: Scope, number: StockNumber): boolean {
  return at.domain.find.numberCalled(number.phoneNumber).length === 0;
}

export function fetchNumber(at: Scope, sid: string): IncomingNumberRecord {
  return owned(at.accountSid, at.domain.numbers.get(sid));
}

/** Filters: PhoneNumber is a pattern, FriendlyName exact. */
export function listNumbers(at: Scope, params: Params, type?: NumberType): IncomingNumberRecord[] {
  const pattern = params.text("PhoneNumber");
  const friendlyName = params.text("FriendlyName");
  const beta = params.boolean("Beta");
  const origin = params.text("Origin");
  // Hosted numbers are not modelled: every number is Twilio's own.
  if (origin && origin !== "twilio") return [];
  return at.domain.find
    .numbersOf(at.accountSid)
    .filter((number) => type === undefined || number.type === type)
    .filter((number) => !pattern || matchesPattern(number.phoneNumber, pattern))
    .filter((number) => !friendlyName || number.friendlyName === friendlyName)
    .filter((number) => beta !== false || !number.beta);
}

/** Changes settings; `AccountSid` moves the number between an account and its subaccounts. */
export function updateNumber(at: Scope, actorSid: string, number: IncomingNumberRecord, params: Params): IncomingNumberRecord {
  const settings = readSettings(params);
  const target = params.text("AccountSid");
  const isTransfer = target !== undefined && target !== "" && target !== number.accountSid;
  if (isTransfer && !canReceive(at.domain.scope(actorSid), target)) throw invalid("AccountSid", target);
  if (isTransfer) forgetAddresses(at, number.accountSid, number.phoneNumber);
  const moved: Partial<IncomingNumberRecord> = isTransfer ? { accountSid: target, messagingServiceSid: null } : {};
  return at.domain.numbers.put(changed(number, { ...settings, ...moved }, at.domain.now()));
}

function canReceive(actor: Scope, sid: string): boolean {
  const account = actor.domain.accounts.get(sid);
  return account !== undefined && account.status === "active" && fetchAccount(actor, sid) === account;
}

/** Releases the number: it leaves its messaging service, loses its address configuration and is for sale again. */
export function releaseNumber(at: Scope, number: IncomingNumberRecord): void {
  forgetAddresses(at, number.accountSid, number.phoneNumber);
  at.domain.numbers.delete(number.sid);
}

/** `/IncomingPhoneNumbers/Local.json` and its like answer the same body without `type`. */
export function numberBody(number: IncomingNumberRecord, { withType = true } = {}) {
  return {
    sid: number.sid,
    account_sid: number.accountSid,
    phone_number: number.phoneNumber,
    friendly_name: number.friendlyName,
    api_version: number.apiVersion,
    beta: number.beta,
    origin: "twilio",
    status: "in-use",
    ...(withType ? { type: number.type } : {}),
    capabilities: number.capabilities,
    address_requirements: number.addressRequirements,
    address_sid: number.addressSid,
    identity_sid: number.identitySid,
    bundle_sid: number.bundleSid,
    sms_url: number.smsUrl,
    sms_method: number.smsMethod,
    sms_fallback_url: number.smsFallbackUrl,
    sms_fallback_method: number.smsFallbackMethod,
    sms_application_sid: number.smsApplicationSid,
    voice_url: number.voiceUrl,
    voice_method: number.voiceMethod,
    voice_fallback_url: number.voiceFallbackUrl,
    voice_fallback_method: number.voiceFallbackMethod,
    voice_application_sid: number.voiceApplicationSid,
    voice_caller_id_lookup: number.voiceCallerIdLookup,
    voice_receive_mode: number.voiceReceiveMode,
    status_callback: number.statusCallback,
    status_callback_method: number.statusCallbackMethod,
    trunk_sid: number.trunkSid,
    emergency_status: number.emergencyStatus,
    emergency_address_sid: number.emergencyAddressSid,
    emergency_address_status: number.emergencyAddressSid === null ? "unregistered" : "registered",
    date_created: rfc2822Date(number.dateCreated),
    date_updated: rfc2822Date(number.dateUpdated),
    uri: `/2010-04-01/Accounts/${number.accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
  };
}
