import type { Body } from "../core/twilio/twilio";
import type { WantedNumber } from "./wanted-number";

type Search = NonNullable<WantedNumber["search"]>;

// What the numbering plan calls each of Twilio's types; in North America, it does not separate local from mobile numbers.
const planTypes: Readonly<Record<string, readonly string[]>> = {
  local: ["FIXED_LINE", "FIXED_LINE_OR_MOBILE"],
  mobile: ["MOBILE", "FIXED_LINE_OR_MOBILE"],
  "toll-free": ["TOLL_FREE"],
};

/**
 * The conditions that a number of the account certainly does not meet, by the names of the search. Twilio does not say of an owned number
 * where it is, so a condition on a place, such as `inRegion`, is never among them.
 */
export function unmetConditions(body: Body, { areaCode, search }: WantedNumber): string[] {
  const number = String(body.phone_number);
  if (areaCode !== undefined) return hasAreaCode(number, areaCode) ? [] : ["areaCode"];
  if (search === undefined) return [];
  return [...placeAndType(number, search), ...capabilities(body, search), ...requirements(body, search)];
}

const hasAreaCode = (number: string, code: unknown) => number.startsWith(`+1${code}`);

function placeAndType(number: string, { country, type = "local", areaCode, contains }: Search): string[] {
  // Loaded on demand: only few runs find a number of their own.
  const plan = require("libphonenumber-js/max") as typeof import("libphonenumber-js/max");
  const parsed = plan.parsePhoneNumberFromString(number);
  const kind = parsed?.getType();
  const isOfCountry = () => {
    if (!parsed || !plan.isSupportedCountry(country)) return true;
    // The countries of one plan share its toll-free numbers.
    if (kind === "TOLL_FREE") return parsed.countryCallingCode === plan.getCountryCallingCode(country);
    return parsed.getPossibleCountries().includes(country);
  };
  return [
    ...(isOfCountry() ? [] : ["country"]),
    ...(kind === undefined || planTypes[type]?.includes(kind) ? [] : ["type"]),
    ...(areaCode === undefined || hasAreaCode(number, areaCode) ? [] : ["areaCode"]),
    ...(contains === undefined || patternOf(contains).test(number) ? [] : ["contains"]),
  ];
}

/** The digits that a letter stands for on a keypad. */
const keys = ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"];
const digitOf = (letter: string) => String(2 + keys.findIndex((group) => group.includes(letter.toLowerCase())));

/** `*` stands for one digit, `%` for several, a letter for its digit; `+` is the beginning and `$` the end of the number. */
function patternOf(contains: string): RegExp {
  const parts = [...contains].map((each) => {
    if (each === "*") return "\\d";
    if (each === "%") return "\\d*";
    if (each === "+") return "^\\+";
    return /[a-z]/i.test(each) ? digitOf(each) : each;
  });
  return new RegExp(parts.join(""));
}

function capabilities({ capabilities: has }: Body, search: Search): string[] {
  const known = (has ?? {}) as Record<string, boolean>;
  return (["sms", "mms", "voice", "fax"] as const)
    .filter((one) => search[`${one}Enabled`] !== undefined && known[one] !== undefined && known[one] !== search[`${one}Enabled`])
    .map((one) => `${one}Enabled`);
}

function requirements({ address_requirements: required, beta }: Body, search: Search): string[] {
  const excluded = {
    excludeAllAddressRequired: required === "any" || required === "local" || required === "foreign",
    excludeLocalAddressRequired: required === "local",
    excludeForeignAddressRequired: required === "foreign",
  };
  const unmet = Object.entries(excluded).filter(([name, isRequired]) => search[name as keyof typeof excluded] === true && isRequired);
  return [...unmet.map(([name]) => name), ...(search.beta === false && beta === true ? ["beta"] : [])];
}
