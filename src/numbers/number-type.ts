import type { Context } from "../core/lifecycle/definition";
import type { Props } from "../core/lifecycle/props";
import { monthlyPrice } from "./number-search";

/** What a number's price depends on: its country, `US`, and Twilio's type of number. */
export interface NumberType {
  readonly country: string;
  readonly type: "local" | "mobile" | "toll-free";
}

const types: Readonly<Record<string, NumberType["type"]>> = { FIXED_LINE: "local", MOBILE: "mobile", TOLL_FREE: "toll-free" };

/** Country and type of a number, by the numbering plan; nothing where the plan leaves them open. */
export function typeOfNumber(number: unknown): NumberType | undefined {
  if (typeof number !== "string" || !number.startsWith("+")) return undefined;
  // Loaded on demand: only few runs need it.
  const plan = require("libphonenumber-js/max") as typeof import("libphonenumber-js/max");
  const parsed = plan.parsePhoneNumberFromString(number);
  const kind = parsed?.getType() ?? "";
  // In North America, the plan does not separate local from mobile numbers, and Twilio sells them as local.
  const type = kind === "FIXED_LINE_OR_MOBILE" && parsed?.countryCallingCode === "1" ? "local" : types[kind];
  const country = parsed?.country;
  return country === undefined || type === undefined ? undefined : { country, type };
}

/** What a number of the account costs: `1.15 USD a month`. */
export async function monthlyCost({ phoneNumber }: Props, { twilio }: Context): Promise<string | undefined> {
  const found = typeOfNumber(phoneNumber);
  const price = found && (await monthlyPrice(twilio, found.country, found.type));
  return price && `${price.amount} ${price.currency} a month`;
}
