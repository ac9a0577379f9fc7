import type { Input } from "@pulumi/pulumi";
import { boolean, e164, integer, matching, oneOf } from "../core/lifecycle/formats";

/**
 * Which number to buy. Every condition that is declared must hold.
 *
 * @see https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource
 */
export interface NumberSearch {
  /** Country, ISO 3166-1 alpha-2, such as `US`. */
  country: Input<string>;
  /** Type of number. Default: `"local"`. */
  type?: Input<"local" | "mobile" | "toll-free"> | undefined;
  /** Area code, three digits, US and Canada only. */
  areaCode?: Input<string> | undefined;
  /** Digits or letters in the number, 2 to 16 characters; `*` matches one digit, `%` several, `+` the start, `$` the end. */
  contains?: Input<string> | undefined;
  /** Near this number, E.164, US and Canada only. */
  nearNumber?: Input<string> | undefined;
  /** Near this place: latitude and longitude, `37.840699,-122.461853`, US and Canada only. */
  nearLatLong?: Input<string> | undefined;
  /** How near, in miles, 1 to 500. Default: 25. */
  distance?: Input<number> | undefined;
  /** Postal code, US and Canada only. */
  inPostalCode?: Input<string> | undefined;
  /** State or province, `CA`, US and Canada only. */
  inRegion?: Input<string> | undefined;
  /** City. */
  inLocality?: Input<string> | undefined;
  /** Rate center, US and Canada only. */
  inRateCenter?: Input<string> | undefined;
  /** Local access and transport area, three digits, US and Canada only. */
  inLata?: Input<string> | undefined;
  /** Can send and receive texts. */
  smsEnabled?: Input<boolean> | undefined;
  /** Can send and receive pictures. */
  mmsEnabled?: Input<boolean> | undefined;
  /** Can make and receive calls. */
  voiceEnabled?: Input<boolean> | undefined;
  /** Can send and receive faxes. */
  faxEnabled?: Input<boolean> | undefined;
  /** Excludes numbers that require any address. */
  excludeAllAddressRequired?: Input<boolean> | undefined;
  /** Excludes numbers that require an address in their own country. */
  excludeLocalAddressRequired?: Input<boolean> | undefined;
  /** Excludes numbers that require an address in another country. */
  excludeForeignAddressRequired?: Input<boolean> | undefined;
  /** `false` excludes numbers that are new to Twilio's platform. Default: `true`. */
  beta?: Input<boolean> | undefined;
}

const once = { local: "create" } as const;
const flag = { ...once, type: "boolean", format: boolean } as const;

/** The format of an area code. */
export const areaCode = matching(/^[2-9]\d\d$/, "an area code, three digits like 510");

/** The search's properties. Twilio reads them at purchase only. */
export const searchFields = {
  "search.country": { ...once, format: matching(/^[A-Z]{2}$/, "a country's two letters, like US") },
  "search.type": { ...once, format: oneOf("local", "mobile", "toll-free") },
  "search.areaCode": { ...once, format: areaCode },
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
} as const;
