import type { Output, Unwrap } from "@pulumi/pulumi";
import { e164, either, matching, text } from "../core/lifecycle/formats";
import type { Props } from "../core/lifecycle/props";
import type { Question } from "../core/look-ups/ask";
import { ask, askOutput } from "../core/look-ups/ask";
import { listFields, listObjects } from "../core/look-ups/list";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { Session } from "../core/look-ups/session";
import type { ListArgs, LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import { UsageError } from "../core/twilio/errors";
import type { Body } from "../core/twilio/twilio";
import { candidates, monthlyPrice, pricesOf } from "./number-search";
import type { MonthlyPrice } from "./offer";
import type { PhoneNumberArgs, PhoneNumberOutputs } from "./phone-number";
import { phoneNumber } from "./phone-number";
import type { NumberSearch } from "./search-args";
import { searchFields } from "./search-args";

/** Which number of the account to read: `sid` or `phoneNumber`. */
export interface GetPhoneNumberArgs {
  /** Its SID, `PN…`. */
  sid?: string | undefined;
  /** The number, E.164. */
  phoneNumber?: string | undefined;
}

/** A number of the account as Twilio has it. */
export type GetPhoneNumberResult = LookUpResult<PhoneNumberArgs, PhoneNumberOutputs, "areaCode" | "search">;

/**
 * Reads a number of the account.
 *
 * @example
 * const desk = await getPhoneNumber({ phoneNumber: "+14155550100" });
 */
export function getPhoneNumber(args: GetPhoneNumberArgs, options?: LookUpOptions): Promise<GetPhoneNumberResult> {
  return lookUp(phoneNumber, args, options);
}

/** {@link getPhoneNumber} for arguments that are outputs. */
export function getPhoneNumberOutput(args: LookUpInputs<GetPhoneNumberArgs>, options?: LookUpOutputOptions): Output<GetPhoneNumberResult> {
  return lookUpOutput(phoneNumber, args, options);
}

/** Which numbers of the account to list. */
export interface GetPhoneNumbersArgs extends ListArgs {
  /** Their exact name in the Console. */
  friendlyName?: string | undefined;
  /** A part of the number: digits, or `*` for one digit. */
  phoneNumber?: string | undefined;
}

const owned: Question = {
  name: "getPhoneNumbers",
  fields: {
    ...listFields,
    friendlyName: { format: text({ min: 1, max: 64 }) },
    phoneNumber: { format: either(e164, matching(/^\+?[0-9*]{2,16}$/, "2 to 16 digits or *, like 415*******")) },
  },
  answer: ({ friendlyName: FriendlyName, phoneNumber: PhoneNumber, limit }, session) =>
    listObjects(phoneNumber, { limit }, session, { query: { FriendlyName, PhoneNumber } }),
};

/**
 * Lists the numbers of the account.
 *
 * @example
 * const numbers = await getPhoneNumbers({ friendlyName: "proxy" });
 */
export function getPhoneNumbers(args: GetPhoneNumbersArgs = {}, options?: LookUpOptions): Promise<GetPhoneNumberResult[]> {
  return ask(owned, args, options);
}

/** {@link getPhoneNumbers} for arguments that are outputs. */
export function getPhoneNumbersOutput(
  args: LookUpInputs<GetPhoneNumbersArgs> = {},
  options?: LookUpOutputOptions,
): Output<GetPhoneNumberResult[]> {
  return askOutput(owned, args, options);
}

/** Which numbers for sale to list: the conditions of `search` of a PhoneNumber. */
export type GetAvailablePhoneNumbersArgs = Unwrap<NumberSearch> & ListArgs;

/** A number that Twilio sells. Another customer may buy it at any time. */
export interface AvailablePhoneNumber {
  /** The number, E.164. */
  readonly phoneNumber: string;
  /** The number as people write it. */
  readonly friendlyName: string;
  /** Its country, ISO 3166-1 alpha-2. */
  readonly isoCountry: string;
  /** Its state or province. */
  readonly region: string | undefined;
  /** Its city. */
  readonly locality: string | undefined;
  /** Its postal code. */
  readonly postalCode: string | undefined;
  /** What it can do. */
  readonly capabilities: { readonly voice: boolean; readonly sms: boolean; readonly mms: boolean; readonly fax: boolean };
  /** Which address its use requires. */
  readonly addressRequirements: "none" | "any" | "local" | "foreign";
  /** Whether it is new to Twilio's platform. */
  readonly beta: boolean;
  /** What it costs a month, without taxes; `undefined` where Twilio does not report it. */
  readonly price: MonthlyPrice | undefined;
}

const forSale: Question = {
  name: "getAvailablePhoneNumbers",
  fields: {
    ...listFields,
    ...Object.fromEntries(Object.entries(searchFields).map(([name, { local: _, ...field }]) => [name.slice("search.".length), field])),
  },
  answer: findForSale,
};

async function findForSale({ limit, ...search }: Props, { twilio }: Session): Promise<AvailablePhoneNumber[]> {
  const problems = phoneNumber.validate?.({ search }, {}) ?? [];
  if (problems.length > 0)
    throw new UsageError(problems.map(({ property, reason }) => `\`${property.replace("search.", "")}\` ${reason}`).join("; "));
  const conditions = search as unknown as Unwrap<NumberSearch>;
  const { country, type = "local" } = conditions;
  const found = await candidates(twilio, { search: conditions }, limit === undefined ? {} : { PageSize: String(limit) });
  // A look-up works where prices cannot be read, as does a purchase.
  const price = found.length > 0 ? await monthlyPrice(twilio, country, type).catch(() => undefined) : undefined;
  return found.slice(0, (limit as number | undefined) ?? found.length).map((body) => available(body, price));
}

function available(body: Body, price: MonthlyPrice | undefined): AvailablePhoneNumber {
  const place = (key: string) => (body[key] ?? undefined) as string | undefined;
  const can = Object.entries((body.capabilities ?? {}) as Record<string, boolean>).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    phoneNumber: String(body.phone_number),
    friendlyName: String(body.friendly_name),
    isoCountry: String(body.iso_country),
    region: place("region"),
    locality: place("locality"),
    postalCode: place("postal_code"),
    capabilities: { voice: false, sms: false, mms: false, fax: false, ...Object.fromEntries(can) },
    addressRequirements: body.address_requirements as AvailablePhoneNumber["addressRequirements"],
    beta: body.beta === true,
    price,
  };
}

/**
 * Lists numbers that Twilio sells: one page, in an order that differs from call to call. To buy one, use `search` of a PhoneNumber, which keeps the
 * number that it chose: a number from this list may be another one in the next run.
 *
 * @example
 * const found = await getAvailablePhoneNumbers({ country: "US", areaCode: "415", smsEnabled: true, limit: 5 });
 */
export function getAvailablePhoneNumbers(args: GetAvailablePhoneNumbersArgs, options?: LookUpOptions): Promise<AvailablePhoneNumber[]> {
  return ask(forSale, args, options);
}

/** {@link getAvailablePhoneNumbers} for arguments that are outputs. */
export function getAvailablePhoneNumbersOutput(
  args: LookUpInputs<GetAvailablePhoneNumbersArgs>,
  options?: LookUpOutputOptions,
): Output<AvailablePhoneNumber[]> {
  return askOutput(forSale, args, options);
}

/** Which country's prices to read. */
export interface GetPhoneNumberPricesArgs {
  /** The country, ISO 3166-1 alpha-2, such as `US`. */
  country: string;
}

/** What numbers of a country cost a month, without taxes. */
export interface GetPhoneNumberPricesResult {
  /** The country, ISO 3166-1 alpha-2. */
  readonly id: string;
  /** The country's name. */
  readonly countryName: string;
  /** The currency, such as `USD`. */
  readonly currency: string;
  /** The price of each type of number, as decimals. */
  readonly prices: readonly {
    /** Twilio's word for the type: `"local"`, `"mobile"`, `"national"` or `"toll free"`. */
    readonly numberType: string;
    /** The list price. */
    readonly basePrice: string;
    /** The account's price. */
    readonly currentPrice: string;
  }[];
}

const prices: Question = {
  name: "getPhoneNumberPrices",
  fields: { country: { required: true, format: searchFields["search.country"].format } },
  async answer({ country }, { twilio, place }): Promise<GetPhoneNumberPricesResult> {
    const found = await pricesOf(twilio, String(country));
    if (!found) throw new UsageError(`there are no prices of ${country} at ${place}: Twilio sells no numbers there. Check the country.`);
    const listed = found.prices.map((one) => ({
      numberType: String(one.number_type),
      basePrice: String(one.base_price),
      currentPrice: String(one.current_price),
    }));
    return { id: String(country), countryName: found.name, currency: found.currency, prices: listed };
  },
};

/**
 * Reads what numbers of a country cost a month.
 *
 * @example
 * const { currency, prices } = await getPhoneNumberPrices({ country: "US" });
 */
export function getPhoneNumberPrices(args: GetPhoneNumberPricesArgs, options?: LookUpOptions): Promise<GetPhoneNumberPricesResult> {
  return ask(prices, args, options);
}

/** {@link getPhoneNumberPrices} for arguments that are outputs. */
export function getPhoneNumberPricesOutput(
  args: LookUpInputs<GetPhoneNumberPricesArgs>,
  options?: LookUpOutputOptions,
): Output<GetPhoneNumberPricesResult> {
  return askOutput(prices, args, options);
}
