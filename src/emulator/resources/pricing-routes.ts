/** The two routes of each kind of price: the countries, and the prices of one. */
import { v1List } from "../http/paging";
import { ok, type Route, route } from "../http/router";
import { fetchPricedCountry, marked, PRICED_COUNTRIES, PRICING_HOST, type PricedCountry, pricedCountryBody } from "./priced-countries";

/** `path` is that of the kind: `/v1/Messaging`. */
export function countryRoutes(path: string, prices: (country: PricedCountry) => object): Route[] {
  const body = pricedCountryBody(path);
  return [
    route("GET", `${path}/Countries`, (call) => marked(v1List(call, PRICING_HOST, { key: "countries", rows: PRICED_COUNTRIES, body }))),
    route("GET", `${path}/Countries/{IsoCountry}`, ({ part }) => {
      const country = fetchPricedCountry(part("IsoCountry"));
      return marked(ok({ ...body(country), price_unit: "USD", ...prices(country) }));
    }),
  ];
}
