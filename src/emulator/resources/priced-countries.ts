/**
 * The countries whose prices the emulator knows: a sample in the format of Twilio's pricing API. The amounts resemble list
 * prices, but they are invented. A response header says so.
 */
import { NotFound } from "../errors";
import type { Reply } from "../http/router";

/** When the sample was written. Sent as `X-Emulator-Sample-Prices`. */
const SAMPLE_DATE = "2025-06-01";

export const PRICING_HOST = "https://pricing.twilio.com";

type PricedType = "local" | "mobile" | "toll free" | "national";

/** A mobile carrier with its codes. */
type Carrier = [name: string, mcc: string, mnc: string];

export interface PricedCountry {
  sid: string;
  seq: number;
  name: string;
  dialCode: string;
  /** The price of a number per month, by type. */
  numbers: Partial<Record<PricedType, string>>;
  /** The price of a text message to the country, to all of these carriers. */
  message: string;
  carriers: Carrier[];
  /** The price of a minute of a call to the country. */
  minute: string;
}

const SAMPLE: Omit<PricedCountry, "seq">[] = [
  {
    sid: "AU",
    name: "Australia",
    dialCode: "61",
    numbers: { local: "3.00", mobile: "6.50", "toll free": "16.00" },
    message: "0.0515",
    carriers: [["Telstra", "505", "01"]],
    minute: "0.0252",
  },
  {
    sid: "CA",
    name: "Canada",
    dialCode: "1",
    numbers: { local: "1.15", "toll free": "2.15" },
    message: "0.0083",
    carriers: [["Rogers", "302", "720"]],
    minute: "0.0140",
  },
  {
    sid: "FR",
    name: "France",
    dialCode: "33",
    numbers: { local: "1.15", mobile: "15.00", national: "1.15" },
    message: "0.0798",
    carriers: [["Orange", "208", "01"]],
    minute: "0.0181",
  },
  {
    sid: "DE",
    name: "Germany",
    dialCode: "49",
    numbers: { local: "1.15", mobile: "15.00" },
    message: "0.1120",
    carriers: [["Telekom", "262", "01"]],
    minute: "0.0169",
  },
  {
    sid: "IE",
    name: "Ireland",
    dialCode: "353",
    numbers: { local: "1.50" },
    message: "0.0925",
    carriers: [["Vodafone", "272", "01"]],
    minute: "0.0178",
  },
  {
    sid: "SE",
    name: "Sweden",
    dialCode: "46",
    numbers: { local: "1.15", mobile: "3.00", "toll free": "25.00" },
    message: "0.0640",
    carriers: [["Telia", "240", "01"]],
    minute: "0.0149",
  },
  {
    sid: "GB",
    name: "United Kingdom",
    dialCode: "44",
    numbers: { local: "1.15", mobile: "1.15", "toll free": "2.15" },
    message: "0.0524",
    carriers: [["EE", "234", "30"]],
    minute: "0.0158",
  },
  {
    sid: "US",
    name: "United States",
    dialCode: "1",
    numbers: { local: "1.15", "toll free": "2.15" },
    message: "0.0083",
    carriers: [
      ["AT&T", "310", "410"],
      ["T-Mobile", "310", "260"],
      ["Verizon", "311", "480"],
    ],
    minute: "0.0140",
  },
];

export const PRICED_COUNTRIES: PricedCountry[] = SAMPLE.map((country, seq) => ({ ...country, seq }));

export function fetchPricedCountry(code: string): PricedCountry {
  const country = PRICED_COUNTRIES.find((candidate) => candidate.sid === code.toUpperCase());
  if (!country) throw new NotFound();
  return country;
}

/** A list price, of which the account has no discount. */
export const priced = (amount: string) => ({ base_price: amount, current_price: amount });

/** What a message or a minute to a number of the country costs, for each type of number that is sold there. */
export function inboundPrices({ numbers }: PricedCountry, amounts: Record<"toll free" | "other", string>) {
  return Object.keys(numbers).map((number_type) => ({
    number_type,
    ...priced(number_type === "toll free" ? amounts["toll free"] : amounts.other),
  }));
}

/** The row of a country in a list. */
export const pricedCountryBody = (kind: string) => (country: PricedCountry) => ({
  country: country.name,
  iso_country: country.sid,
  url: `${PRICING_HOST}${kind}/Countries/${country.sid}`,
});

/** The header keeps users from mistaking the amounts for Twilio's. */
export function marked(reply: Reply): Reply {
  return { ...reply, headers: { "X-Emulator-Sample-Prices": SAMPLE_DATE } };
}
