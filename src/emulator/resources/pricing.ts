/**
 * Prices of phone numbers: a sample in the format of Twilio's pricing API. The amounts resemble list prices, but
 * they are invented. A response header says so.
 */
import { NotFound } from "../errors";
import { v1Root } from "../http/crud";
import { ok, type Reply } from "../http/router";
import type { Endpoints } from "./endpoints";

/** When the sample was written. Sent as `X-Emulator-Sample-Prices`. */
const SAMPLE_DATE = "2025-06-01";

const HOST = "https://pricing.twilio.com";

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

function fetchPricedCountry(code: string): PricedCountry {
  const country = COUNTRIES.find((candidate) => candidate.sid === code.toUpperCase());
  if (!country) throw new NotFound();
  return country;
}

function pricedCountryBody(country: PricedCountry) {
  return { country: country.name, iso_country: country.sid, url: `${HOST}/v1/PhoneNumbers/Countries/${country.sid}` };
}

function pricesBody(country: PricedCountry) {
  return {
    ...pricedCountryBody(country),
    price_unit: "USD",
    phone_number_prices: Object.entries(country.prices).map(([number_type, price]) => ({
      number_type,
      base_price: price,
      current_price: price,
    })),
  };
}

/** The header keeps users from mistaking the amounts for Twilio's. */
function marked(reply: Reply): Reply {
  return { ...reply, headers: { "X-Emulator-Sample-Prices": SAMPLE_DATE } };
}

const root = v1Root(HOST);

export const pricingEndpoints: Endpoints = {
  routes: {
    pricing: [
      ...root.route("GET", "/PhoneNumbers/Countries", (call) =>
        marked(root.list(call, { key: "countries", rows: COUNTRIES, body: pricedCountryBody })),
      ),
      ...root.route("GET", "/PhoneNumbers/Countries/{IsoCountry}", ({ part }) =>
        marked(ok(pricesBody(fetchPricedCountry(part("IsoCountry"))))),
      ),
    ],
  },
};
