/** pricing.twilio.com/v1: what phone numbers cost. */
import { v1List } from "../http/paging";
import { ok, type Reply, type Route, route } from "../http/router";
import { fetchPricedCountry, listPricedCountries, pricedCountryBody, pricesBody, SAMPLE_DATE } from "../resources/pricing";

const HOST = "https://pricing.twilio.com";
const ROOT = `${HOST}/v1`;

/** Nobody should take these amounts for Twilio's. */
function marked(reply: Reply): Reply {
  return { ...reply, headers: { "X-Emulator-Sample-Prices": SAMPLE_DATE } };
}

export const pricingRoutes: Route[] = [
  route("GET", "/v1/PhoneNumbers/Countries", (call) =>
    marked(
      v1List(call, HOST, { key: "countries", rows: listPricedCountries(), body: (country) => pricedCountryBody(country, ROOT), max: 1000 }),
    ),
  ),
  route("GET", "/v1/PhoneNumbers/Countries/{IsoCountry}", (call) =>
    marked(ok(pricesBody(fetchPricedCountry(call.part("IsoCountry")), ROOT))),
  ),
];
