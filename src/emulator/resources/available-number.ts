/** AvailablePhoneNumbers: the countries, the kinds of numbers in each, and the search with all its filters. */
import type { Scope } from "../domain";
import { fail, NotFound } from "../errors";
import type { Params } from "../http/params";
import { compilePattern } from "../numbers/pattern";
import { COUNTRIES, type Country, type NumberType } from "../numbers/plans";
import { areaCodeOf, type StockNumber } from "../numbers/stock";
import { invalid } from "./checks";
import { isAvailable } from "./incoming-number";

/** The path's last segment for each kind of number; the ones without a type exist nowhere in the stock. */
const SEGMENTS: Record<string, NumberType | undefined> = {
  Local: "local",
  Mobile: "mobile",
  TollFree: "toll-free",
  National: undefined,
  Voip: undefined,
  SharedCost: undefined,
  MachineToMachine: undefined,
};

export function fetchCountry(at: Scope, code: string): Country {
  const country = at.domain.stock.country(code);
  if (!country) throw new NotFound();
  return country;
}

export function listCountries(): readonly Country[] {
  return COUNTRIES;
}

/** The numbers for sale that fit; a kind that the country does not have is not found. */
export function searchNumbers(at: Scope, country: Country, segment: string, params: Params): StockNumber[] {
  const type = SEGMENTS[segment];
  if (type === undefined || !country.types.includes(type)) throw new NotFound();
  const filters = [capabilityFilter(params), addressFilter(params), patternFilter(params), placeFilter(params), nearFilter(at, params)];
  const areaCode = params.text("AreaCode");
  if (areaCode && !/^\d{3}$/.test(areaCode)) throw fail(21451, { area: areaCode.slice(0, 20) });
  // Area codes are a matter of North America; elsewhere the parameter means nothing.
  if (areaCode && country.dialCode === "+1") filters.push((number) => areaCodeOf(number.phoneNumber) === areaCode);
  return at.domain.stock
    .of(country)
    .filter((number) => number.type === type && filters.every((fits) => fits(number)) && isAvailable(at, number));
}

type Filter = (number: StockNumber) => boolean;

function capabilityFilter(params: Params): Filter {
  const wanted = {
    voice: params.boolean("VoiceEnabled"),
    sms: params.boolean("SmsEnabled"),
    mms: params.boolean("MmsEnabled"),
    fax: params.boolean("FaxEnabled"),
  };
  return ({ capabilities }) =>
    (["voice", "sms", "mms", "fax"] as const).every((name) => wanted[name] === undefined || capabilities[name] === wanted[name]);
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
  const pattern = text.length <= 16 ? compilePattern(text) : undefined;
  if (!pattern) throw invalid("Contains", text);
  return (number) => pattern.test(number.phoneNumber);
}

function placeFilter(params: Params): Filter {
  const same = (name: string) => {
    const wanted = params.text(name)?.toLowerCase();
    return (value: string | null) => !wanted || value?.toLowerCase() === wanted;
  };
  const region = same("InRegion");
  const locality = same("InLocality");
  const rateCenter = same("InRateCenter");
  const lata = same("InLata");
  const postalCode = same("InPostalCode");
  return (number) =>
    region(number.region) &&
    locality(number.locality) &&
    rateCenter(number.rateCenter) &&
    lata(number.lata) &&
    postalCode(number.postalCode);
}

const DEFAULT_MILES = 25;
const MOST_MILES = 500;

function nearFilter(at: Scope, params: Params): Filter {
  const distance = params.integer("Distance") ?? DEFAULT_MILES;
  if (distance < 0 || distance > MOST_MILES) throw invalid("Distance", String(distance));
  const centre = readCentre(at, params);
  if (centre === undefined) return () => true;
  if (centre === "unknown") return () => false;
  return ({ latitude, longitude }) => latitude !== null && longitude !== null && miles(centre, { latitude, longitude }) <= distance;
}

interface Point {
  latitude: number;
  longitude: number;
}

function readCentre(at: Scope, params: Params): Point | "unknown" | undefined {
  const latLong = params.text("NearLatLong");
  const nearNumber = params.text("NearNumber");
  if (latLong) {
    const match = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(latLong);
    if (!match) throw invalid("NearLatLong", latLong);
    return { latitude: Number(match[1]), longitude: Number(match[2]) };
  }
  if (!nearNumber) return undefined;
  if (!/^\+?[1-9]\d{6,14}$/.test(nearNumber)) throw invalid("NearNumber", nearNumber);
  const place = at.domain.stock.placeOf(nearNumber.startsWith("+") ? nearNumber : `+${nearNumber}`);
  if (place?.latitude == null || place.longitude == null) return "unknown";
  return { latitude: place.latitude, longitude: place.longitude };
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

export function availableNumberBody(number: StockNumber) {
  return {
    phone_number: number.phoneNumber,
    friendly_name: number.friendlyName,
    iso_country: number.isoCountry,
    locality: number.locality,
    region: number.region,
    postal_code: number.postalCode,
    rate_center: number.rateCenter,
    lata: number.lata,
    // Texts with six decimals, as Twilio answers, whatever its schema says.
    latitude: number.latitude === null ? null : number.latitude.toFixed(6),
    longitude: number.longitude === null ? null : number.longitude.toFixed(6),
    address_requirements: number.addressRequirements,
    beta: number.beta,
    capabilities: number.capabilities,
  };
}

export function countryBody(country: Country, accountSid: string) {
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
