/** AvailablePhoneNumbers: the countries, their types of numbers, and the search with all its filters. */
import type { Scope } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { firstPage, pageSize } from "../http/paging";
import type { Params } from "../http/params";
import { type Call, ok, type Reply } from "../http/router";
import type { AvailableNumber } from "../numbers/inventory";
import { compilePattern } from "../numbers/pattern";
import { COUNTRIES, type Country, type NumberType } from "../numbers/plans";
import { inAccount } from "./account";
import type { Endpoints } from "./endpoints";
import { isAvailable } from "./incoming-number";

/** The last path segment of each type of number. The inventory has no numbers of those without a type. */
const SEGMENTS: Record<string, NumberType | undefined> = {
  Local: "local",
  Mobile: "mobile",
  TollFree: "toll-free",
  National: undefined,
  Voip: undefined,
  SharedCost: undefined,
  MachineToMachine: undefined,
};

/** The most numbers that a search returns, whatever its page size. */
const MAX_FOUND = 30;

/**
 * At Twilio, each search returns other numbers. Here the first page is the same each time, so that programs can rely on it. A search that asks for
 * more numbers than a page has gets another page each time, so that a program that needs many numbers finds them.
 */
function search(call: Call): Reply {
  const country = fetchCountry(call.scope, call.part("CountryCode"));
  const found = searchNumbers(call.scope, country, call.part("Type"), call.params);
  const pages = Math.ceil(found.length / MAX_FOUND);
  const isMore = pages > 1 && pageSize(call) > MAX_FOUND;
  const start = isMore ? (call.scope.domain.inventory.searches++ % pages) * MAX_FOUND : 0;
  const rows = firstPage(call, found.slice(start), MAX_FOUND);
  return ok({ available_phone_numbers: rows.map(availableNumberBody), uri: call.path });
}

function fetchCountry(scope: Scope, code: string): Country {
  const country = scope.domain.inventory.country(code);
  if (!country) throw new NotFound();
  return country;
}

/** The available numbers that match. A type that the country does not have is not found. */
function searchNumbers(scope: Scope, country: Country, segment: string, params: Params): AvailableNumber[] {
  const type = SEGMENTS[segment];
  if (type === undefined || !country.types.includes(type)) throw new NotFound();
  const filters = [
    capabilityFilter(params),
    addressFilter(params),
    patternFilter(params),
    locationFilter(params),
    nearFilter(scope, params),
  ];
  const areaCode = params.text("AreaCode");
  if (areaCode && !/^\d{3}$/.test(areaCode)) throw fail(21451, { area: areaCode.slice(0, 20) });
  // Area codes exist in North America only. Elsewhere the parameter has no effect.
  const inArea = areaCode && country.dialCode === "+1" ? areaCode : undefined;
  return scope.domain.inventory
    .of(country, type, inArea)
    .filter((number) => filters.every((matches) => matches(number)) && isAvailable(scope, number));
}

type Filter = (number: AvailableNumber) => boolean;

function capabilityFilter(params: Params): Filter {
  const given = {
    voice: params.boolean("VoiceEnabled"),
    sms: params.boolean("SmsEnabled"),
    mms: params.boolean("MmsEnabled"),
    fax: params.boolean("FaxEnabled"),
  };
  const wanted = (["voice", "sms", "mms", "fax"] as const).filter((name) => given[name] !== undefined);
  return ({ capabilities }) => wanted.every((name) => capabilities[name] === given[name]);
}

function addressFilter(params: Params): Filter {
  const excludeAll = params.boolean("ExcludeAllAddressRequired");
  const excludeLocal = params.boolean("ExcludeLocalAddressRequired");
  const excludeForeign = params.boolean("ExcludeForeignAddressRequired");
  const withBeta = params.boolean("Beta") ?? true;
  return ({ addressRequirements, beta }) =>
    !(excludeAll && addressRequirements !== "none") &&
    !(excludeLocal && addressRequirements === "local") &&
    !(excludeForeign && addressRequirements === "foreign") &&
    (withBeta || !beta);
}

function patternFilter(params: Params): Filter {
  const text = params.text("Contains");
  if (!text) return () => true;
  const pattern = text.length >= 2 && text.length <= 16 ? compilePattern(text) : undefined;
  if (!pattern) throw invalidParameter("Contains", text);
  return (number) => pattern.test(number.phoneNumber);
}

function locationFilter(params: Params): Filter {
  const properties = {
    InRegion: "region",
    InLocality: "locality",
    InRateCenter: "rateCenter",
    InLata: "lata",
    InPostalCode: "postalCode",
  } as const;
  const wanted = Object.entries(properties).flatMap(([name, property]) => {
    const value = params.text(name)?.toLowerCase();
    return value ? [{ property, value }] : [];
  });
  return (number) => wanted.every(({ property, value }) => number[property]?.toLowerCase() === value);
}

const DEFAULT_MILES = 25;
const MAX_MILES = 500;

function nearFilter(scope: Scope, params: Params): Filter {
  const distance = params.integer("Distance") ?? DEFAULT_MILES;
  if (distance < 0 || distance > MAX_MILES) throw invalidParameter("Distance", String(distance));
  const center = readCenter(scope, params);
  if (center === undefined) return () => true;
  if (center === "unknown") return () => false;
  return ({ latitude, longitude }) => latitude !== null && longitude !== null && miles(center, { latitude, longitude }) <= distance;
}

interface Point {
  latitude: number;
  longitude: number;
}

function readCenter(scope: Scope, params: Params): Point | "unknown" | undefined {
  const latLong = params.text("NearLatLong");
  const nearNumber = params.text("NearNumber");
  if (latLong) {
    const match = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(latLong);
    if (!match) throw invalidParameter("NearLatLong", latLong);
    return { latitude: Number(match[1]), longitude: Number(match[2]) };
  }
  if (!nearNumber) return undefined;
  if (!/^\+?[1-9]\d{6,14}$/.test(nearNumber)) throw invalidParameter("NearNumber", nearNumber);
  const location = scope.domain.inventory.locationOf(nearNumber.startsWith("+") ? nearNumber : `+${nearNumber}`);
  if (location?.latitude == null || location.longitude == null) return "unknown";
  return { latitude: location.latitude, longitude: location.longitude };
}

/** Great-circle distance. */
function miles(a: Point, b: Point): number {
  const EARTH_RADIUS_MILES = 3959;
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const dLat = radians(b.latitude - a.latitude);
  const dLong = radians(b.longitude - a.longitude);
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(dLong / 2) ** 2;
  return 2 * EARTH_RADIUS_MILES * Math.asin(Math.sqrt(h));
}

function availableNumberBody(number: AvailableNumber) {
  return {
    phone_number: number.phoneNumber,
    friendly_name: number.friendlyName,
    iso_country: number.isoCountry,
    locality: number.locality,
    region: number.region,
    postal_code: number.postalCode,
    rate_center: number.rateCenter,
    lata: number.lata,
    // Strings with six decimals, as Twilio returns them, although its schema says numbers.
    latitude: number.latitude === null ? null : number.latitude.toFixed(6),
    longitude: number.longitude === null ? null : number.longitude.toFixed(6),
    address_requirements: number.addressRequirements,
    beta: number.beta,
    capabilities: number.capabilities,
  };
}

function countryBody(country: Country, accountSid: string) {
  const path = `/2010-04-01/Accounts/${accountSid}/AvailablePhoneNumbers/${country.code}`;
  const names: Record<NumberType, [key: string, segment: string]> = {
    local: ["local", "Local"],
    mobile: ["mobile", "Mobile"],
    "toll-free": ["toll_free", "TollFree"],
  };
  return {
    country_code: country.code,
    country: country.name,
    beta: country.beta,
    uri: `${path}.json`,
    subresource_uris: Object.fromEntries(country.types.map((type) => [names[type][0], `${path}/${names[type][1]}.json`])),
  };
}

export const availableNumberEndpoints: Endpoints = {
  routes: {
    api: [
      ...inAccount.route("GET", "/AvailablePhoneNumbers.json", (call) =>
        ok({ countries: firstPage(call, COUNTRIES).map((country) => countryBody(country, call.scope.accountSid)), uri: call.path }),
      ),
      ...inAccount.route("GET", "/AvailablePhoneNumbers/{CountryCode}.json", ({ scope, part }) =>
        ok(countryBody(fetchCountry(scope, part("CountryCode")), scope.accountSid)),
      ),
      ...inAccount.route("GET", "/AvailablePhoneNumbers/{CountryCode}/{Type}.json", search),
    ],
  },
};
