/** IncomingPhoneNumbers (PN): the numbers an account owns. A number that is bought leaves the inventory; releasing it returns it. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { type Call, created } from "../http/router";
import type { AvailableNumber, NumberType } from "../numbers/inventory";
import { matchesPattern } from "../numbers/pattern";
import { accountTable, fetchAccount, inAccount } from "./account";
import { requireAddress } from "./address-table";
import { checkLength, checkSid } from "./checks";
import type { Endpoints } from "./endpoints";
import { requiresBundle } from "./regulation";

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
  capabilities: AvailableNumber["capabilities"];
  addressRequirements: AvailableNumber["addressRequirements"];
  beta: boolean;
  /** The messaging service that sends from this number, and since when. */
  messagingServiceSid: string | null;
  dateJoined: number;
}

export const numberTable = defineTable<IncomingNumberRecord>()({
  name: "numbers",
  sidPrefix: "PN",
  indexes: {
    account: (number) => number.accountSid,
    phoneNumber: (number) => number.phoneNumber,
    messagingService: (number) => number.messagingServiceSid ?? undefined,
  },
  references: {
    // An account that is closed releases its numbers.
    accounts: { by: "account", onDelete: "cascade" },
    messagingServices: { by: "messagingService", onDelete: leaveMessagingService },
  },
});

/** The number stays with its account, but leaves its messaging service. */
export function leaveMessagingService(scope: Scope, number: IncomingNumberRecord): void {
  numberTable.in(scope.domain).put({ ...number, messagingServiceSid: null });
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

/** The account must have the addresses that a request names. Bundles, identities and trunks are not modelled. */
function requireAddresses(scope: Scope, accountSid: string, { addressSid, emergencyAddressSid }: Partial<NumberSettings>): void {
  for (const sid of [addressSid, emergencyAddressSid]) if (sid) requireAddress(scope, accountSid, sid);
}

/** Buys a number from the inventory: a given one, or any in an area code. */
function buyNumber(scope: Scope, params: Params, type?: NumberType): IncomingNumberRecord {
  const chosen = chooseNumber(scope, params, type);
  const settings = readSettings(params);
  if (chosen.addressRequirements !== "none" && !settings.addressSid && !settings.bundleSid) throw fail(21631);
  if (requiresBundle(chosen) && !settings.bundleSid) throw fail(21649);
  requireAddresses(scope, scope.accountSid, settings);
  return numberTable.insert(scope, {
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

function chooseNumber(scope: Scope, params: Params, type: NumberType | undefined): AvailableNumber {
  const phoneNumber = params.text("PhoneNumber");
  const areaCode = params.text("AreaCode");
  if (phoneNumber && areaCode) throw fail(21421, { number: `${phoneNumber} (give either PhoneNumber or AreaCode, not both)` });
  if (areaCode && type === undefined) {
    if (!/^\d{3}$/.test(areaCode)) throw fail(21451, { area: areaCode.slice(0, 20) });
    const number = scope.domain.inventory.inAreaCode(areaCode).find((candidate) => isAvailable(scope, candidate));
    if (!number) throw fail(21452);
    return number;
  }
  if (!phoneNumber || !/^\+[1-9]\d{6,14}$/.test(phoneNumber)) throw fail(21421, { number: phoneNumber?.slice(0, 100) ?? "none given" });
  const number = scope.domain.inventory.get(phoneNumber);
  if (!number || (type !== undefined && number.type !== type) || !isAvailable(scope, number)) throw fail(21422, { number: phoneNumber });
  return number;
}

/** Whether no account owns the number. */
export function isAvailable(scope: Scope, number: AvailableNumber): boolean {
  return numberTable.in(scope.domain).by.phoneNumber(number.phoneNumber).length === 0;
}

/** Filters: PhoneNumber is a pattern, FriendlyName exact. */
function listNumbers(scope: Scope, params: Params, type?: NumberType): IncomingNumberRecord[] {
  const pattern = params.text("PhoneNumber");
  const friendlyName = params.text("FriendlyName");
  const beta = params.boolean("Beta");
  const origin = params.text("Origin");
  // Hosted numbers are not modelled: every number is Twilio's own.
  if (origin && origin !== "twilio") return [];
  return numberTable
    .in(scope.domain)
    .by.account(scope.accountSid)
    .filter((number) => type === undefined || number.type === type)
    .filter((number) => !pattern || matchesPattern(number.phoneNumber, pattern))
    .filter((number) => !friendlyName || number.friendlyName === friendlyName)
    .filter((number) => beta !== false || !number.beta);
}

/** Changes settings; `AccountSid` moves the number between an account and its subaccounts. */
function updateNumber({ scope, actorSid, params }: Call, number: IncomingNumberRecord): IncomingNumberRecord {
  const settings = readSettings(params);
  const target = params.text("AccountSid");
  const isTransfer = target !== undefined && target !== "" && target !== number.accountSid;
  if (isTransfer && !canReceive(scope.domain.scope(actorSid), target)) throw invalidParameter("AccountSid", target);
  requireAddresses(scope, isTransfer ? target : number.accountSid, settings);
  if (isTransfer) scope.domain.removeReferences(scope, numberTable, number);
  const moved: Partial<IncomingNumberRecord> = isTransfer ? { accountSid: target, messagingServiceSid: null } : {};
  return numberTable.update(scope, number, { ...settings, ...moved });
}

function canReceive(actor: Scope, sid: string): boolean {
  const account = accountTable.in(actor.domain).get(sid);
  return account !== undefined && account.status === "active" && fetchAccount(actor, sid) === account;
}

/** `/IncomingPhoneNumbers/Local.json` and the lists of the other types return the same body without `type`. */
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

const SUBTYPES: [segment: string, type: NumberType][] = [
  ["Local", "local"],
  ["Mobile", "mobile"],
  ["TollFree", "toll-free"],
];

/** The same lists, restricted to one type. */
const routesByType = SUBTYPES.flatMap(([segment, type]) => {
  const path = `/IncomingPhoneNumbers/${segment}.json`;
  const body = (number: IncomingNumberRecord) => numberBody(number, { withType: false });
  return [
    ...inAccount.route("GET", path, (call) =>
      inAccount.list(call, { key: "incoming_phone_numbers", rows: listNumbers(call.scope, call.params, type), body }),
    ),
    ...inAccount.route("POST", path, ({ scope, params }) => created(body(buyNumber(scope, params, type)))),
  ];
});

export const incomingNumberEndpoints: Endpoints = {
  tables: [numberTable],
  routes: {
    api: [
      ...routesByType,
      ...crudRoutes(inAccount, {
        path: "/IncomingPhoneNumbers",
        id: "PhoneNumberSid",
        key: "incoming_phone_numbers",
        list: ({ scope, params }) => listNumbers(scope, params),
        body: (number) => numberBody(number),
        create: ({ scope, params }) => buyNumber(scope, params),
        fetch: ({ scope }, sid) => numberTable.fetch(scope, sid),
        update: (number, call) => updateNumber(call, number),
        // The address configuration of the number goes with it.
        remove: (number, { scope }) => numberTable.remove(scope, number),
      }),
    ],
  },
};
