import type { Input } from "@pulumi/pulumi";
import { type Definition, define, type Props } from "../core/lifecycle/definition";
import { boolean, e164, either, integer, matching, oneOf, sid, text, url } from "../core/lifecycle/formats";
import { isUnknown } from "../core/lifecycle/props";
import { createForm, isDeclared } from "../core/lifecycle/wire";
import { type CommonArgs, resourceClass } from "../core/registration/resource";
import { owned, ownersMark } from "./number-search";
import { buy, findBought, isPinned, settle } from "./purchase";
import { detachEmergencyAddress } from "./release";

/**
 * Which number to buy. Each condition that is given must hold.
 *
 * @see https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource
 */
export interface NumberSearch {
  /** Country, ISO 3166-1 alpha-2 such as `US`. */
  country: Input<string>;
  /** Kind of number. Default: `"local"`. */
  type?: Input<"local" | "mobile" | "toll-free">;
  /** Area code, digits, US and Canada only. */
  areaCode?: Input<string>;
  /** Digits or letters in it, 2 to 16 characters; `*` stands for one digit, `%` for several, `+` for the start, `$` for the end. */
  contains?: Input<string>;
  /** Close to this number, E.164, US and Canada only. */
  nearNumber?: Input<string>;
  /** Close to this place: latitude and longitude, `37.840699,-122.461853`, US and Canada only. */
  nearLatLong?: Input<string>;
  /** How close, in miles, 1 to 500. Default: 25. */
  distance?: Input<number>;
  /** Postal code, US and Canada only. */
  inPostalCode?: Input<string>;
  /** State or province, `CA`, US and Canada only. */
  inRegion?: Input<string>;
  /** City. */
  inLocality?: Input<string>;
  /** Rate centre, US and Canada only. */
  inRateCenter?: Input<string>;
  /** Local access and transport area, three digits, US and Canada only. */
  inLata?: Input<string>;
  /** Can text. */
  smsEnabled?: Input<boolean>;
  /** Can send pictures. */
  mmsEnabled?: Input<boolean>;
  /** Can call. */
  voiceEnabled?: Input<boolean>;
  /** Can fax. */
  faxEnabled?: Input<boolean>;
  /** Leaves out numbers that want any address. */
  excludeAllAddressRequired?: Input<boolean>;
  /** Leaves out numbers that want an address in their own country. */
  excludeLocalAddressRequired?: Input<boolean>;
  /** Leaves out numbers that want an address in another country. */
  excludeForeignAddressRequired?: Input<boolean>;
  /** `false` leaves out numbers that are new to Twilio's platform. Default: `true`. */
  beta?: Input<boolean>;
}

/**
 * What you may set on a {@link PhoneNumber}: exactly one of `phoneNumber`, `areaCode`, `search` and `adopt`, and how the number behaves.
 *
 * @see https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
 */
export interface PhoneNumberArgs extends Pick<CommonArgs, "adopt"> {
  /** Buys this number, E.164. A change replaces. */
  phoneNumber?: Input<string>;
  /** Buys a local number with this area code, three digits, US or Canada. Matters at creation only; a later change does nothing. */
  areaCode?: Input<string>;
  /** Buys a number that fulfils these conditions. They matter at creation only; a later change does nothing. */
  search?: Input<NumberSearch>;
  /**
   * Takes over a number that the account has: its SID `PN…` or the number in E.164. Matters at creation only; a later change does nothing.
   */
  adopt?: Input<string>;
  /**
   * What destroying the resource does: `"retain"` keeps the number in the account, where it goes on costing its monthly price; `"release"`
   * gives it back to Twilio, from where it can be bought again for ten days at most. Default: `"retain"`. A change is recorded in place.
   */
  onDelete?: Input<"retain" | "release">;
  /**
   * Name shown in the Console, up to 64 characters. Default: project, stack and name of the resource, by which the number is found again when a
   * run was interrupted or the resource was destroyed. Changed in place.
   */
  friendlyName?: Input<string>;
  /** Called for each incoming message that no conversation takes. Changed in place; removing it clears it. */
  smsUrl?: Input<string>;
  /** How `smsUrl` is called. Default: `"POST"`. Changed in place. */
  smsMethod?: Input<"GET" | "POST">;
  /** Called when `smsUrl` fails. Changed in place; removing it clears it. */
  smsFallbackUrl?: Input<string>;
  /** How `smsFallbackUrl` is called. Default: `"POST"`. Changed in place. */
  smsFallbackMethod?: Input<"GET" | "POST">;
  /** TwiML application for messages, `AP…`; its URLs take the place of the SMS URLs. Changed in place; removing it clears it. */
  smsApplicationSid?: Input<string>;
  /** Called for each incoming call. Changed in place; removing it clears it. */
  voiceUrl?: Input<string>;
  /** How `voiceUrl` is called. Default: `"POST"`. Changed in place. */
  voiceMethod?: Input<"GET" | "POST">;
  /** Called when `voiceUrl` fails. Changed in place; removing it clears it. */
  voiceFallbackUrl?: Input<string>;
  /** How `voiceFallbackUrl` is called. Default: `"POST"`. Changed in place. */
  voiceFallbackMethod?: Input<"GET" | "POST">;
  /** TwiML application for calls, `AP…`; excludes `trunkSid`. Changed in place; removing it clears it. */
  voiceApplicationSid?: Input<string>;
  /** Looks up the caller's name, at a price for each call. Default: `false`. Changed in place. */
  voiceCallerIdLookup?: Input<boolean>;
  /** Whether incoming calls are taken as voice or fax. Default: `"voice"`. Changed in place. */
  voiceReceiveMode?: Input<"voice" | "fax">;
  /** Called when a call's status changes. Changed in place; removing it clears it. */
  statusCallback?: Input<string>;
  /** How `statusCallback` is called. Default: `"POST"`. Changed in place. */
  statusCallbackMethod?: Input<"GET" | "POST">;
  /** SIP trunk that takes the calls, `TK…`; excludes `voiceApplicationSid`. Changed in place; removing it clears it. */
  trunkSid?: Input<string>;
  /** Whether emergency calls may be made from it. Default: left to Twilio. Changed in place. */
  emergencyStatus?: Input<"Active" | "Inactive">;
  /** Address for emergency calls, `AD…`. Changed in place; removing it clears it. */
  emergencyAddressSid?: Input<string>;
  /** Address of the owner, `AD…`; some countries want one. Changed in place; removing it clears it. */
  addressSid?: Input<string>;
  /** Identity of the owner, `RI…`; some countries want one. Changed in place; removing it clears it. */
  identitySid?: Input<string>;
  /** Regulatory bundle, `BU…`; some countries want one. Changed in place; removing it clears it. */
  bundleSid?: Input<string>;
}

/** What Twilio adds to a {@link PhoneNumber}. */
export interface PhoneNumberOutputs {
  /** `PN` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The number, E.164. Known from the first preview on. */
  phoneNumber: string;
  /** Name shown in the Console. */
  friendlyName: string;
  /** What it can do. */
  capabilities: { voice: boolean; sms: boolean; mms: boolean; fax: boolean };
  /** Which address its use wants. */
  addressRequirements: "none" | "any" | "local" | "foreign";
  /** Whether it is new to Twilio's platform. */
  beta: boolean;
  /** `"twilio"` for a number bought there, `"hosted"` for one brought along. */
  origin: string;
}

const method = { computed: true, cleared: "POST", format: oneOf("GET", "POST") } as const;
const address = { format: url };
const reference = (prefix: string) => ({ format: sid(prefix) });
const once = { local: "create" } as const;
const flag = { ...once, shape: "boolean", format: boolean } as const;

// Elsewhere such a condition does not count, and a number would be bought that does not fulfil it.
const northAmerican = ["areaCode", "nearNumber", "nearLatLong", "inPostalCode", "inRegion", "inRateCenter", "inLata"];

export const phoneNumber: Definition = define<PhoneNumberArgs, PhoneNumberOutputs>({
  type: "twilio/numbers:PhoneNumber",
  product: "api",
  sid: "PN",
  path: (_parents, account) => `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers`,
  suffix: ".json",
  owned: true,
  retainByDefault: true,
  unique: [{ by: ["phoneNumber"], explain: "a number is bought once" }],
  fields: {
    phoneNumber: { createOnly: true, format: e164 },
    areaCode: { ...once, format: matching(/^[2-9]\d\d$/, "an area code, three digits like 510") },
    "search.country": { ...once, format: matching(/^[A-Z]{2}$/, "a country's two letters, like US") },
    "search.type": { ...once, format: oneOf("local", "mobile", "toll-free") },
    "search.areaCode": { ...once, format: matching(/^[2-9]\d\d$/, "an area code, three digits like 510") },
    "search.contains": { ...once, format: matching(/^[+]?[0-9a-zA-Z*%]{2,16}[$]?$/, "2 to 16 digits, letters, * or %, like 510555****") },
    "search.nearNumber": { ...once, format: e164 },
    "search.nearLatLong": { ...once, format: matching(/^-?\d+(\.\d+)?,-?\d+(\.\d+)?$/, "latitude,longitude, like 37.840699,-122.461853") },
    "search.distance": { ...once, type: "integer", format: integer({ min: 1, max: 500 }) },
    "search.inPostalCode": once,
    "search.inRegion": once,
    "search.inLocality": once,
    "search.inRateCenter": once,
    "search.inLata": { ...once, format: matching(/^\d{3}$/, "a LATA, three digits like 722") },
    "search.smsEnabled": flag,
    "search.mmsEnabled": flag,
    "search.voiceEnabled": flag,
    "search.faxEnabled": flag,
    "search.excludeAllAddressRequired": flag,
    "search.excludeLocalAddressRequired": flag,
    "search.excludeForeignAddressRequired": flag,
    "search.beta": flag,
    adopt: { ...once, format: either(sid("PN"), e164) },
    onDelete: { local: "delete", format: oneOf("retain", "release") },
    friendlyName: { computed: true, format: text({ max: 64 }) },
    smsUrl: address,
    smsMethod: method,
    smsFallbackUrl: address,
    smsFallbackMethod: method,
    smsApplicationSid: reference("AP"),
    voiceUrl: address,
    voiceMethod: method,
    voiceFallbackUrl: address,
    voiceFallbackMethod: method,
    voiceApplicationSid: reference("AP"),
    voiceCallerIdLookup: { computed: true, cleared: "false", type: "boolean", format: boolean },
    voiceReceiveMode: { computed: true, cleared: "voice", format: oneOf("voice", "fax") },
    statusCallback: address,
    statusCallbackMethod: method,
    trunkSid: reference("TK"),
    emergencyStatus: { computed: true, cleared: "Inactive", format: oneOf("Active", "Inactive") },
    emergencyAddressSid: reference("AD"),
    addressSid: reference("AD"),
    identitySid: reference("RI"),
    bundleSid: reference("BU"),
  },
  outputs: { capabilities: "capabilities", addressRequirements: "address_requirements", beta: "beta", origin: "origin" },

  validate(news) {
    const ways = ["phoneNumber", "areaCode", "search", "adopt"];
    const given = ways.filter((way) => news[way] !== undefined);
    const problems = [];
    if (given.length === 0) problems.push({ property: "search", reason: `is missing: give one of \`${ways.join("`, `")}\`` });
    if (given.length > 1)
      problems.push({
        property: given[1] as string,
        reason: `does not go with \`${given[0]}\`: give exactly one of \`${ways.join("`, `")}\``,
      });
    const search = news.search as Props | undefined;
    if (search !== undefined && !isUnknown(news.search) && search.country === undefined) {
      problems.push({ property: "search.country", reason: "is missing: the country's two letters, like US" });
    }
    if (/^(?!US|CA)[A-Z]{2}$/.test(String(search?.country))) {
      for (const condition of northAmerican.filter((name) => search?.[name] !== undefined)) {
        problems.push({ property: `search.${condition}`, reason: "is for US and CA only: leave it out, or search there" });
      }
    }
    if (news.trunkSid !== undefined && news.voiceApplicationSid !== undefined) {
      problems.push({ property: "trunkSid", reason: "does not go with `voiceApplicationSid`: Twilio lets one of them take the calls" });
    }
    return problems;
  },

  resolveInputs: settle,
  normalizeInputs(news, olds) {
    // A name that is no longer declared makes room for the one that the number was bought under.
    const named = news.friendlyName !== undefined || news.__urn === undefined || !isDeclared(olds, "friendlyName");
    const friendlyName = named ? news.friendlyName : ownersMark(news.__urn as string);
    return { ...news, friendlyName, ...(isPinned(news) ? { phoneNumber: olds.phoneNumber } : {}) };
  },
  pendingCreateKey: ({ __urn, phoneNumber }) => (__urn === undefined ? undefined : `number ${__urn} ${phoneNumber}`),
  findLost: (news, context, note) => findBought(news, context, note),
  findByName: (name, _news, { twilio }) => owned(twilio, name),
  create: (news, context, pending) => buy(news, createForm(phoneNumber, news), context, pending),

  async beforeDelete(id, props, { twilio, log }) {
    await detachEmergencyAddress(id, twilio);
    log("info", `${props.phoneNumber} (${id}) goes back to Twilio; for ten days at most it can be bought again.`, props.__urn);
    return undefined;
  },
});

/**
 * A phone number of the account.
 *
 * @example
 * const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
 *
 * @see https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
 */
export class PhoneNumber extends resourceClass<PhoneNumberArgs, PhoneNumberOutputs>(phoneNumber) {}
