/**
 * Prices of phone numbers: a sample in the form of Twilio's pricing API. The amounts are made to look like
 * list prices and are none; the answer says so in a header.
 */
import { NotFound } from "../errors";

/** When the sample was written; sent as `X-Emulator-Sample-Prices`. */
export const SAMPLE_DATE = "2025-06-01";

type PricedType = "local" | "mobile" | "toll free" | "national";

interface PricedCountry {
  sid: string;
  seq: number;
  name: string;
  prices: Partial<Record<PricedType, string>>;
}

const SAMPLE: [code: string, name: string, prices: PricedCountry["prices"]][] = [
  ["AU", "Australia", { local: "3.00", mobile: "6.50", "toll free": "16.00" }],
  ["CA", "Canada", { local: "1.15", "toll free": "2.15" }],
  ["FR", "France", { local: "1.15", mobile: "15.00", national: "1.15" }],
  ["DE", "Germany", { local: "1.15", mobile: "15.00" }],
  ["IE", "Ireland", { local: "1.50" }],
  ["SE", "Sweden", { local: "1.15", mobile: "3.00", "toll free": "25.00" }],
  ["GB", "United Kingdom", { local: "1.15", mobile: "1.15", "toll free": "2.15" }],
  ["US", "United States", { local: "1.15", "toll free": "2.15" }],
];

const COUNTRIES: PricedCountry[] = SAMPLE.map(([sid, name, prices], seq) => ({ sid, seq, name, prices }));

export function listPricedCountries(): PricedCountry[] {
  return COUNTRIES;
}

export function fetchPricedCountry(code: string): PricedCountry {
  const country = COUNTRIES.find((candidate) => candidate.sid === code.toUpperCase());
  if (!country) throw new NotFound();
  return country;
}

export function pricedCountryBody(country: PricedCountry, root: string) {
  return { country: country.name, iso_country: country.sid, url: `${root}/PhoneNumbers/Countries/${country.sid}` };
}

export function pricesBody(country: PricedCountry, root: string) {
  return {
    ...pricedCountryBody(country, root),
    price_unit: "USD",
    phone_number_prices: Object.entries(country.prices).map(([number_type, price]) => ({
      number_type,
      base_price: price,
      current_price: price,
    })),
  };
}
