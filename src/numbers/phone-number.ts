import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition, Problem } from "../core/lifecycle/definition";
import { e164, either, oneOf, sid, text, url } from "../core/lifecycle/formats";
import { isUnknown, type Props } from "../core/lifecycle/props";
import { isDeclared } from "../core/lifecycle/wire";
import { resourceClass } from "../core/registration/resource";
import type { TwimlApp } from "../iam/twiml-app";
import { twimlApplication } from "../iam/twiml-app-facts";
import { releasedKey } from "./account-number";
import type { Address } from "./address";
import { ownAddress } from "./address-facts";
import { numberForSale } from "./number-for-sale";
import { isMarkOfAnother, owned, ownersMark } from "./number-search";
import { findBought, isPinned } from "./own-numbers";
import { phoneNumberFacts } from "./phone-number-facts";
import { anotherNumber, chooseNumber, purchase } from "./purchase";
import { detachEmergencyAddress } from "./release";
import type { NumberSearch } from "./search-args";
import { areaCode, searchFields } from "./search-args";
import { phoneNumberType } from "./wanted-number";

/**
 * Arguments of a {@link PhoneNumber}: exactly one of `phoneNumber`, `areaCode`, `search` and `adopt`, and how the number behaves.
 *
 * @see https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
 */
export interface PhoneNumberArgs {
  /** Buys this number, E.164. A change replaces. */
  phoneNumber?: Input<string> | undefined;
  /** Buys a local number with this area code, three digits, US or Canada. Matters at creation only; a later change does nothing. */
  areaCode?: Input<string> | undefined;
  /** Buys a number that meets these conditions. They matter at creation only; a later change does nothing. */
  search?: Input<NumberSearch> | undefined;
  /** Adopts a number of the account: its SID `PN…` or the number in E.164. Matters at creation only; a later change does nothing. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * What destroying the resource does: `"retain"` keeps the number in the account, which goes on paying its monthly price; `"release"` returns
   * it to Twilio, where it can be bought again for at most ten days. Default: `"retain"`. A change is recorded in place.
   */
  onDelete?: Input<"retain" | "release"> | undefined;
  /**
   * Name in the Console, up to 64 characters. Default: project, stack and resource name, by which the number is found again after a run was
   * interrupted or the resource was destroyed. Updated in place.
   */
  friendlyName?: Input<string> | undefined;
  /** Requested for each incoming message that no conversation takes. Updated in place; removing it clears it. */
  smsUrl?: Input<string> | undefined;
  /** How `smsUrl` is requested. Default: `"POST"`. Updated in place. */
  smsMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested when `smsUrl` fails. Updated in place; removing it clears it. */
  smsFallbackUrl?: Input<string> | undefined;
  /** How `smsFallbackUrl` is requested. Default: `"POST"`. Updated in place. */
  smsFallbackMethod?: Input<"GET" | "POST"> | undefined;
  /** A {@link TwimlApp} for messages, or its SID `AP…`; its URLs replace the SMS URLs. Updated in place; removing it clears it. */
  smsApplicationSid?: Input<string> | Input<TwimlApp> | undefined;
  /** Requested for each incoming call. Updated in place; removing it clears it. */
  voiceUrl?: Input<string> | undefined;
  /** How `voiceUrl` is requested. Default: `"POST"`. Updated in place. */
  voiceMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested when `voiceUrl` fails. Updated in place; removing it clears it. */
  voiceFallbackUrl?: Input<string> | undefined;
  /** How `voiceFallbackUrl` is requested. Default: `"POST"`. Updated in place. */
  voiceFallbackMethod?: Input<"GET" | "POST"> | undefined;
  /** A {@link TwimlApp} for calls, or its SID `AP…`; excludes `trunkSid`. Updated in place; removing it clears it. */
  voiceApplicationSid?: Input<string> | Input<TwimlApp> | undefined;
  /** Looks up the caller's name, at a price per call. Default: `false`. Updated in place. */
  voiceCallerIdLookup?: Input<boolean> | undefined;
  /** Whether incoming calls are received as voice or fax. Default: `"voice"`. Updated in place. */
  voiceReceiveMode?: Input<"voice" | "fax"> | undefined;
  /** Requested when a call's status changes. Updated in place; removing it clears it. */
  statusCallback?: Input<string> | undefined;
  /** How `statusCallback` is requested. Default: `"POST"`. Updated in place. */
  statusCallbackMethod?: Input<"GET" | "POST"> | undefined;
  /** SIP trunk that takes the calls, `TK…`; excludes `voiceApplicationSid`. Updated in place; removing it clears it. */
  trunkSid?: Input<string> | undefined;
  /** Whether emergency calls may be made from it. Default: left to Twilio. Updated in place. */
  emergencyStatus?: Input<"Active" | "Inactive"> | undefined;
  /** Address for emergency calls: an {@link Address}, or its SID `AD…`. Updated in place; removing it clears it. */
  emergencyAddressSid?: Input<string> | Input<Address> | undefined;
  /** Address of the owner: an {@link Address}, or its SID `AD…`; some countries require one. Updated in place; removing it clears it. */
  addressSid?: Input<string> | Input<Address> | undefined;
  /** Identity of the owner, `RI…`; some countries require one. Updated in place; removing it clears it. */
  identitySid?: Input<string> | undefined;
  /** Regulatory bundle, `BU…`; some countries require one. Updated in place; removing it clears it. */
  bundleSid?: Input<string> | undefined;
}

/** What Twilio adds to a {@link PhoneNumber}. */
export interface PhoneNumberOutputs {
  /** `PN` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The number, E.164. Known from the first preview on. */
  phoneNumber: string;
  /** Name in the Console. */
  friendlyName: string;
  /** What it can do. */
  capabilities: { voice: boolean; sms: boolean; mms: boolean; fax: boolean };
  /** Which address its use requires. */
  addressRequirements: "none" | "any" | "local" | "foreign";
  /** Whether it is new to Twilio's platform. */
  beta: boolean;
  /** `"twilio"` for a number bought there, `"hosted"` for one brought along. */
  origin: string;
}

const method = { computed: true, cleared: "POST", format: oneOf("GET", "POST") } as const;
const address = { format: url };
const sidOf = (prefix: string) => ({ format: sid(prefix) });

// In other countries Twilio ignores such a condition, and would sell a number that does not meet it.
const northAmerican = ["areaCode", "nearNumber", "nearLatLong", "inPostalCode", "inRegion", "inRateCenter", "inLata"];
const ways = ["phoneNumber", "areaCode", "search", "adopt"] as const;

/** What Twilio needs in order to sell a number; the rest follows once it is certain whose it is. */
const neededToBuy = ["PhoneNumber", "AddressSid", "IdentitySid", "BundleSid"];

/** @internal */
export const phoneNumber: Definition = define<PhoneNumberArgs, PhoneNumberOutputs>({
  type: phoneNumberType,
  product: "api",
  sid: "PN",
  path: (_parents, account) => `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers`,
  list: { key: "incoming_phone_numbers", by: ["phoneNumber"] },
  onDelete: ["retain", "release"],
  unique: [{ by: ["phoneNumber"], explain: "a number is bought once" }],
  facts: phoneNumberFacts,
  fields: {
    phoneNumber: { createOnly: true, reference: numberForSale, format: e164 },
    areaCode: { local: "create", format: areaCode },
    ...searchFields,
    adopt: { local: "create", format: either(sid("PN"), e164) },
    friendlyName: { computed: true, format: text({ max: 64 }) },
    smsUrl: address,
    smsMethod: method,
    smsFallbackUrl: address,
    smsFallbackMethod: method,
    smsApplicationSid: { reference: twimlApplication, ...sidOf("AP") },
    voiceUrl: address,
    voiceMethod: method,
    voiceFallbackUrl: address,
    voiceFallbackMethod: method,
    voiceApplicationSid: { reference: twimlApplication, ...sidOf("AP") },
    voiceCallerIdLookup: { type: "boolean", computed: true, cleared: "false" },
    voiceReceiveMode: { computed: true, cleared: "voice", format: oneOf("voice", "fax") },
    statusCallback: address,
    statusCallbackMethod: method,
    trunkSid: sidOf("TK"),
    emergencyStatus: { computed: true, cleared: "Inactive", format: oneOf("Active", "Inactive") },
    emergencyAddressSid: { ...sidOf("AD"), reference: ownAddress },
    addressSid: { ...sidOf("AD"), reference: ownAddress },
    identitySid: sidOf("RI"),
    bundleSid: sidOf("BU"),
  },
  outputs: { capabilities: "capabilities", addressRequirements: "address_requirements", beta: "beta", origin: "origin" },

  validate(news) {
    const given = ways.filter((way) => news[way] !== undefined);
    const problems: Problem[] = [];
    const exactlyOne = `declare exactly one of \`${ways.join("`, `")}\``;
    if (given.length === 0) problems.push({ property: "search", reason: `is missing: ${exactlyOne}` });
    if (given.length > 1)
      problems.push({ property: given[1] as string, reason: `must not be declared together with \`${given[0]}\`: ${exactlyOne}` });
    const search = news.search as Props | undefined;
    if (search !== undefined && !isUnknown(search) && search.country === undefined) {
      problems.push({ property: "search.country", reason: "is missing: declare the country's two letters, like US" });
    }
    if (/^(?!US|CA)[A-Z]{2}$/.test(String(search?.country))) {
      for (const condition of northAmerican.filter((name) => search?.[name] !== undefined)) {
        problems.push({ property: `search.${condition}`, reason: "is for US and CA only: remove it, or search in one of them" });
      }
    }
    if (news.trunkSid !== undefined && news.voiceApplicationSid !== undefined) {
      problems.push({
        property: "trunkSid",
        reason: "must not be declared together with `voiceApplicationSid`: only one can take the calls",
      });
    }
    return problems;
  },

  resolveInputs: chooseNumber,
  normalizeInputs(news, olds, owner) {
    // A name that is no longer declared returns to the mark, and the mark follows the resource's URN. An adopted number has none.
    const isOld = olds.adopt === undefined && isMarkOfAnother(olds.friendlyName, owner);
    const isMarked = news.friendlyName === undefined && owner.urn !== undefined && (isOld || isDeclared(olds, "friendlyName"));
    const friendlyName = isMarked ? ownersMark(owner) : news.friendlyName;
    return { ...news, friendlyName, ...(isPinned(news) ? { phoneNumber: olds.phoneNumber } : {}) };
  },
  findOwn: findBought,
  findByName: (number, _news, { twilio }) => owned(twilio, number),
  // The mark is part of the purchase itself. A name that the program declares replaces it afterwards, except for a number that it names.
  createForm(form, _news, owner) {
    // Nothing else: a purchase of a number that somebody buys at the same moment may be carried out as an update of it.
    const bought = Object.fromEntries(Object.entries(form).filter(([key]) => neededToBuy.includes(key)));
    return owner.urn === undefined ? bought : { ...bought, FriendlyName: ownersMark(owner) };
  },
  purchase,
  another: anotherNumber,

  async beforeDelete(id, { phoneNumber: number }, { twilio, notes, log }) {
    await detachEmergencyAddress(id, twilio);
    notes.write(releasedKey(String(number)), {});
    log("info", `${number} (${id}) is released; it can be bought again for at most ten days.`);
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
