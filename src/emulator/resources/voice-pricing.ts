/** Prices of calls, to and from countries and single numbers: version 1, version 2, which adds origins, and trunks of version 2. */
import type { Scope } from "../domain";
import { NotFound } from "../errors";
import { type Call, ok, type Route, route } from "../http/router";
import type { Endpoints } from "./endpoints";
import { type IncomingNumberRecord, numberTable } from "./incoming-number";
import { inboundPrices, marked, PRICED_COUNTRIES, PRICING_HOST, type PricedCountry, priced } from "./priced-countries";
import { countryRoutes } from "./pricing-routes";

const INBOUND_MINUTE = { "toll free": "0.0220", other: "0.0085" };
const UNKNOWN = { number_type: null, base_price: null, current_price: null };
const ANYWHERE = ["ALL"];

const inbound = (country: PricedCountry) => inboundPrices(country, INBOUND_MINUTE);
const describe = (country: PricedCountry, what: string) => ({
  friendly_name: `${what} Minute - ${country.name}`,
  ...priced(country.minute),
});
/** Trunks have no list price. */
const undiscounted = <P extends { base_price: string | null }>(price: P) => ({ ...price, base_price: null });

const v1Prices = (country: PricedCountry) => ({
  outbound_prefix_prices: [{ prefixes: [country.dialCode], ...describe(country, "Programmable Outbound") }],
  inbound_call_prices: inbound(country),
});

const prefixed = (country: PricedCountry, what: string) => ({
  destination_prefixes: [country.dialCode],
  origination_prefixes: ANYWHERE,
  ...describe(country, what),
});

const v2Prices = (country: PricedCountry) => ({
  outbound_prefix_prices: [prefixed(country, "Programmable Outbound")],
  inbound_call_prices: inbound(country),
});

const terminating = (country: PricedCountry) => ({
  terminating_prefix_prices: [undiscounted(prefixed(country, "Outbound Trunking"))],
});

const trunkPrices = (country: PricedCountry) => ({
  ...terminating(country),
  originating_call_prices: inbound(country).map(undiscounted),
});

/** The account's own number, if this is one. */
function ownNumber({ domain, accountSid }: Scope, number: string): IncomingNumberRecord | undefined {
  return numberTable
    .in(domain)
    .by.phoneNumber(number)
    .find((owned) => owned.accountSid === accountSid);
}

/** The country of a number. Where two share a code, the country of the account's own number decides, else the larger one. */
function countryOf(scope: Scope, number: string): PricedCountry {
  const own = ownNumber(scope, number)?.isoCountry;
  const inCode = PRICED_COUNTRIES.filter(({ dialCode }) => /^\+\d{7,15}$/.test(number) && number.startsWith(`+${dialCode}`));
  const country = inCode.find(({ sid }) => sid === own) ?? inCode.at(-1);
  if (!country) throw new NotFound();
  return country;
}

/** What a call to the number costs. Only for a number of the account. */
function inboundPriceOf(scope: Scope, country: PricedCountry, number: string) {
  const owned = ownNumber(scope, number);
  if (!owned) return UNKNOWN;
  return inbound(country).find(({ number_type }) => number_type === owned.type.replace("-", " ")) ?? UNKNOWN;
}

interface Kind {
  path: string;
  /** The names of the called number and of the number that calls, where the version has it. */
  names: (call: Call, number: string) => object;
  prices: (scope: Scope, country: PricedCountry, number: string) => object;
}

const bothNumbers = ({ params }: Call, destination_number: string) => ({
  destination_number,
  origination_number: params.text("OriginationNumber") || null,
});

const KINDS: Kind[] = [
  {
    path: "/v1/Voice/Numbers",
    names: (_call, number) => ({ number }),
    prices: (scope, country, number) => ({
      outbound_call_price: priced(country.minute),
      inbound_call_price: inboundPriceOf(scope, country, number),
    }),
  },
  {
    path: "/v2/Voice/Numbers",
    names: bothNumbers,
    prices: (scope, country, number) => ({
      outbound_call_prices: [{ ...priced(country.minute), origination_prefixes: ANYWHERE }],
      inbound_call_price: inboundPriceOf(scope, country, number),
    }),
  },
  {
    path: "/v2/Trunking/Numbers",
    names: bothNumbers,
    prices: (scope, country, number) => ({
      ...terminating(country),
      originating_call_price: undiscounted(inboundPriceOf(scope, country, number)),
    }),
  },
];

const numberRoute = ({ path, names, prices }: Kind): Route =>
  route("GET", `${path}/{Number}`, (call) => {
    const number = call.part("Number");
    const country = countryOf(call.scope, number);
    const body = { country: country.name, iso_country: country.sid, price_unit: "USD", url: `${PRICING_HOST}${path}/${number}` };
    return marked(ok({ ...names(call, number), ...body, ...prices(call.scope, country, number) }));
  });

export const voicePricingEndpoints: Endpoints = {
  routes: {
    pricing: [
      ...countryRoutes("/v1/Voice", v1Prices),
      ...countryRoutes("/v2/Voice", v2Prices),
      ...countryRoutes("/v2/Trunking", trunkPrices),
      ...KINDS.map(numberRoute),
    ],
  },
};
