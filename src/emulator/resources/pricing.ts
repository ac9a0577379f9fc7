/** Prices of phone numbers and of messages. */
import type { Endpoints } from "./endpoints";
import { inboundPrices, type PricedCountry, priced } from "./priced-countries";
import { countryRoutes } from "./pricing-routes";

const INBOUND_MESSAGE = { "toll free": "0.0083", other: "0.0075" };

const numberPrices = ({ numbers }: PricedCountry) => ({
  phone_number_prices: Object.entries(numbers).map(([number_type, amount]) => ({ number_type, ...priced(amount) })),
});

/** A message costs the same to every carrier and from every type of number. */
const messagePrices = (country: PricedCountry) => ({
  inbound_sms_prices: inboundPrices(country, INBOUND_MESSAGE),
  outbound_sms_prices: country.carriers.map(([carrier, mcc, mnc]) => ({
    carrier,
    mcc,
    mnc,
    prices: Object.keys(country.numbers).map((number_type) => ({ number_type, ...priced(country.message) })),
  })),
});

export const pricingEndpoints: Endpoints = {
  routes: { pricing: [...countryRoutes("/v1/PhoneNumbers", numberPrices), ...countryRoutes("/v1/Messaging", messagePrices)] },
};
