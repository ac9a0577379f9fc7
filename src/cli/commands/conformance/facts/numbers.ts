import { area, docs, refusal } from "../fact";
import { absent } from "../terms";

const LOCAL = "api:/AvailablePhoneNumbers/US/Local.json";
const PRICING = docs("phone-numbers/pricing");

/** The search for numbers, and prices. */
export const numberFacts = area("numbers", "phone-numbers/api/availablephonenumber-resource", [
  {
    id: "search",
    says: "A search returns numbers and its URI, and no pages",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const { body } = await lab.get(LOCAL, { PageSize: "1" });
      lab.expect("properties", Object.keys(body).sort(), ["available_phone_numbers", "uri"]);
    },
  },
  {
    id: "search-item",
    says: "A number for sale has a place, capabilities and requirements",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const [item] = (await lab.get(LOCAL, { PageSize: "1" })).body.available_phone_numbers as Record<string, unknown>[];
      lab.keys(item, "friendly_name", "phone_number", "lata", "rate_center", "latitude", "longitude", "locality", "region", "postal_code");
      lab.has(item, { iso_country: "US", address_requirements: "none", beta: false, phone_number: /^\+1\d{10}$/ });
    },
  },
  {
    id: "search-area-code",
    says: "A search by area code returns only numbers with it",
    certainty: "documented",
    needs: "read",
    check: async (lab) => {
      const found = (await lab.get(LOCAL, { AreaCode: "415", PageSize: "5" })).body.available_phone_numbers as { phone_number: string }[];
      lab.expect(
        "area codes other than 415",
        found.map((one) => one.phone_number.slice(2, 5)).filter((code) => code !== "415"),
        [],
      );
    },
  },
  {
    id: "search-most",
    says: "A search returns at most 30 numbers",
    certainty: "observed",
    needs: "read",
    check: async (lab) => {
      const { body } = await lab.get(LOCAL, { PageSize: "100" });
      lab.expect("whether there are at most 30", (body.available_phone_numbers as unknown[]).length <= 30, true);
    },
  },
  {
    id: "search-pattern-short",
    says: "A pattern of one character is refused (400)",
    certainty: "observed",
    needs: "read",
    check: async (lab) => lab.status(await lab.get(LOCAL, { Contains: "1" }), 400),
  },
  {
    id: "us-kinds",
    says: "The US have local and toll-free numbers",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const { body } = await lab.get("api:/AvailablePhoneNumbers/US.json");
      lab.has(body, { country_code: "US", beta: false });
      lab.keys(body.subresource_uris, "local", "toll_free");
    },
  },
  refusal({
    id: "us-mobile",
    code: 20404,
    status: 404,
    certainty: "observed",
    says: "A search for a type of numbers that a country does not have is not found, as US/Mobile",
    method: "GET",
    path: "api:/AvailablePhoneNumbers/US/Mobile.json",
  }),
  {
    id: "countries",
    says: "The countries with numbers are under countries",
    certainty: "specified",
    needs: "read",
    check: async (lab) => {
      const [country] = (await lab.get("api:/AvailablePhoneNumbers.json")).body.countries as object[];
      lab.keys(country, "country_code", "country", "uri", "beta", "subresource_uris");
    },
  },
  refusal({
    id: "unknown",
    code: 20404,
    status: 404,
    says: "An unknown number of the account is not found",
    method: "GET",
    path: `api:/IncomingPhoneNumbers/${absent("PN")}.json`,
  }),
  {
    id: "price",
    says: "Prices of numbers are texts, by type, in the account's currency",
    certainty: "specified",
    needs: "read",
    source: PRICING,
    check: async (lab) => {
      const { body } = await lab.get("pricing:/v1/PhoneNumbers/Countries/US");
      lab.has(body, { iso_country: "US", price_unit: /^[A-Za-z]{3}$/ });
      for (const price of body.phone_number_prices as Record<string, unknown>[]) {
        lab.has(price, { number_type: /^(local|toll free|mobile|national)$/, base_price: /^\d+(\.\d+)?$/, current_price: /^\d+(\.\d+)?$/ });
      }
    },
  },
  {
    id: "price-countries",
    says: "The countries with prices have a name, a code and a URL",
    certainty: "specified",
    needs: "read",
    source: PRICING,
    check: async (lab) => {
      const [country] = (await lab.get("pricing:/v1/PhoneNumbers/Countries")).body.countries as object[];
      lab.keys(country, "country", "iso_country", "url");
    },
  },
  {
    id: "price-of-texts",
    says: "Prices of texts are inbound by type, and outbound by carrier",
    certainty: "specified",
    needs: "read",
    source: docs("messaging/api/pricing"),
    check: async (lab) => {
      const { body } = await lab.get("pricing:/v1/Messaging/Countries/US");
      const [outbound] = body.outbound_sms_prices as object[];
      lab.keys(body, "inbound_sms_prices", "price_unit");
      lab.keys(outbound, "carrier", "mcc", "mnc", "prices");
    },
  },
]);
