/**
 * The ranges of the emulator's numbers. They are not in use: exchange 555 in North America, and elsewhere the blocks
 * that regulators reserve for films and fiction. Locations are accurate enough to search for. Capabilities and address
 * requirements vary as they do at Twilio, but are not Twilio's own.
 */
export type NumberType = "local" | "mobile" | "toll-free";
export type AddressRequirement = "none" | "any" | "local" | "foreign";

export interface Location {
  locality: string | null;
  region: string | null;
  postalCode: string | null;
  rateCenter: string | null;
  lata: string | null;
  latitude: number | null;
  longitude: number | null;
}

/** The percentage of numbers that have each capability. */
export interface Odds {
  voice: number;
  sms: number;
  mms: number;
  fax: number;
}

/** A range of numbers: `prefix`, followed by as many digits as `digits` says. */
export interface Block {
  type: NumberType;
  prefix: string;
  digits: number;
  /** How many numbers of the range exist: the first ones, or with `spread` random ones. */
  count: number;
  spread?: boolean;
  location: Location;
  odds: Odds;
  addressRequirements: AddressRequirement;
}

export interface Country {
  code: string;
  name: string;
  dialCode: string;
  beta: boolean;
  types: readonly NumberType[];
  blocks: readonly Block[];
}

const NOWHERE: Location = { locality: null, region: null, postalCode: null, rateCenter: null, lata: null, latitude: null, longitude: null };
const NANP_LOCAL: Odds = { voice: 100, sms: 90, mms: 80, fax: 60 };
const NANP_TOLL_FREE: Odds = { voice: 100, sms: 95, mms: 70, fax: 50 };
const VOICE_ONLY: Odds = { voice: 100, sms: 0, mms: 0, fax: 0 };
const VOICE_AND_SMS: Odds = { voice: 100, sms: 100, mms: 0, fax: 0 };
const SOME_SMS: Odds = { voice: 100, sms: 40, mms: 0, fax: 20 };

type Area = [code: string, locality: string, region: string, postalCode: string, lata: string, latitude: number, longitude: number];

const US_AREAS: Area[] = [
  ["201", "Jersey City", "NJ", "07302", "224", 40.72, -74.04],
  ["202", "Washington", "DC", "20001", "236", 38.91, -77.02],
  ["206", "Seattle", "WA", "98101", "674", 47.61, -122.33],
  ["207", "Portland", "ME", "04101", "120", 43.66, -70.26],
  ["208", "Boise", "ID", "83702", "652", 43.62, -116.2],
  ["210", "San Antonio", "TX", "78205", "566", 29.42, -98.49],
  ["212", "New York", "NY", "10001", "132", 40.75, -73.99],
  ["213", "Los Angeles", "CA", "90012", "730", 34.06, -118.24],
  ["214", "Dallas", "TX", "75201", "552", 32.79, -96.8],
  ["215", "Philadelphia", "PA", "19103", "228", 39.95, -75.17],
  ["217", "Springfield", "IL", "62701", "374", 39.8, -89.65],
  ["228", "Gulfport", "MS", "39501", "482", 30.37, -89.09],
  ["253", "Tacoma", "WA", "98402", "674", 47.25, -122.44],
  ["302", "Wilmington", "DE", "19801", "228", 39.74, -75.55],
  ["303", "Denver", "CO", "80202", "656", 39.75, -105.0],
  ["305", "Miami", "FL", "33130", "460", 25.77, -80.2],
  ["307", "Cheyenne", "WY", "82001", "654", 41.14, -104.82],
  ["310", "Santa Monica", "CA", "90401", "730", 34.02, -118.49],
  ["312", "Chicago", "IL", "60601", "358", 41.89, -87.62],
  ["313", "Detroit", "MI", "48226", "340", 42.33, -83.05],
  ["314", "Saint Louis", "MO", "63101", "520", 38.63, -90.2],
  ["347", "Brooklyn", "NY", "11201", "132", 40.69, -73.99],
  ["401", "Providence", "RI", "02903", "130", 41.82, -71.41],
  ["404", "Atlanta", "GA", "30303", "438", 33.75, -84.39],
  ["406", "Helena", "MT", "59601", "648", 46.6, -112.03],
  ["408", "San Jose", "CA", "95113", "722", 37.33, -121.89],
  ["412", "Pittsburgh", "PA", "15222", "234", 40.44, -80.0],
  ["415", "San Francisco", "CA", "94103", "722", 37.77, -122.41],
  ["501", "Little Rock", "AR", "72201", "528", 34.75, -92.28],
  ["503", "Portland", "OR", "97204", "672", 45.52, -122.68],
  ["504", "New Orleans", "LA", "70112", "490", 29.96, -90.08],
  ["505", "Albuquerque", "NM", "87102", "664", 35.08, -106.65],
  ["510", "Oakland", "CA", "94612", "722", 37.81, -122.27],
  ["512", "Austin", "TX", "78701", "558", 30.27, -97.74],
  ["515", "Des Moines", "IA", "50309", "632", 41.59, -93.62],
  ["516", "Hempstead", "NY", "11550", "132", 40.7, -73.62],
  ["602", "Phoenix", "AZ", "85004", "666", 33.45, -112.07],
  ["603", "Manchester", "NH", "03101", "122", 42.99, -71.46],
  ["612", "Minneapolis", "MN", "55401", "628", 44.98, -93.27],
  ["615", "Nashville", "TN", "37203", "470", 36.15, -86.79],
  ["617", "Boston", "MA", "02110", "128", 42.36, -71.05],
  ["619", "San Diego", "CA", "92101", "732", 32.72, -117.16],
  ["628", "San Francisco", "CA", "94107", "722", 37.76, -122.4],
  ["650", "Palo Alto", "CA", "94301", "722", 37.44, -122.15],
  ["702", "Las Vegas", "NV", "89101", "721", 36.17, -115.12],
  ["703", "Arlington", "VA", "22201", "236", 38.88, -77.1],
  ["704", "Charlotte", "NC", "28202", "422", 35.23, -80.84],
  ["713", "Houston", "TX", "77002", "560", 29.76, -95.36],
  ["718", "Queens", "NY", "11101", "132", 40.74, -73.94],
  ["720", "Denver", "CO", "80203", "656", 39.73, -104.98],
  ["775", "Reno", "NV", "89501", "720", 39.53, -119.81],
  ["801", "Salt Lake City", "UT", "84101", "660", 40.76, -111.9],
  ["802", "Burlington", "VT", "05401", "124", 44.48, -73.21],
  ["803", "Columbia", "SC", "29201", "434", 34.0, -81.03],
  ["808", "Honolulu", "HI", "96813", "834", 21.31, -157.86],
  ["816", "Kansas City", "MO", "64106", "524", 39.1, -94.58],
  ["907", "Anchorage", "AK", "99501", "832", 61.22, -149.9],
  ["917", "New York", "NY", "10003", "132", 40.73, -73.99],
  ["919", "Raleigh", "NC", "27601", "426", 35.78, -78.64],
];

const CA_AREAS: Area[] = [
  ["204", "Winnipeg", "MB", "R3C", "888", 49.9, -97.14],
  ["236", "Vancouver", "BC", "V6B", "888", 49.28, -123.11],
  ["403", "Calgary", "AB", "T2P", "888", 51.05, -114.07],
  ["416", "Toronto", "ON", "M5H", "888", 43.65, -79.38],
  ["418", "Quebec", "QC", "G1R", "888", 46.81, -71.21],
  ["506", "Fredericton", "NB", "E3B", "888", 45.96, -66.64],
  ["514", "Montreal", "QC", "H3B", "888", 45.5, -73.57],
  ["604", "Vancouver", "BC", "V6C", "888", 49.29, -123.12],
  ["613", "Ottawa", "ON", "K1P", "888", 45.42, -75.7],
  ["647", "Toronto", "ON", "M5V", "888", 43.64, -79.39],
  ["780", "Edmonton", "AB", "T5J", "888", 53.54, -113.49],
  ["902", "Halifax", "NS", "B3J", "888", 44.65, -63.58],
];

const US_TOLL_FREE = ["800", "833", "844", "855"];
const CA_TOLL_FREE = ["866", "877", "888"];

/** The hundred numbers of 555-01xx, which are reserved for fiction, and two hundred more of that exchange. */
function northAmerican(areas: Area[]): Block[] {
  return areas.flatMap(([code, locality, region, postalCode, lata, latitude, longitude]) => {
    const location = {
      locality,
      region,
      postalCode,
      lata,
      latitude,
      longitude,
      rateCenter: locality
        .toUpperCase()
        .replace(/[^A-Z]/g, "")
        .slice(0, 10),
    };
    const shared = { type: "local", location, odds: NANP_LOCAL, addressRequirements: "none" } as const;
    return [
      { ...shared, prefix: `+1${code}55501`, digits: 2, count: 100 },
      { ...shared, prefix: `+1${code}555`, digits: 4, count: 200, spread: true },
    ];
  });
}

function tollFree(codes: string[]): Block[] {
  return codes.map((code) => ({
    type: "toll-free",
    prefix: `+1${code}55501`,
    digits: 2,
    count: 100,
    location: NOWHERE,
    odds: NANP_TOLL_FREE,
    addressRequirements: "none",
  }));
}

type FictionBlock = [
  type: NumberType,
  prefix: string,
  digits: number,
  count: number,
  locality: string | null,
  region: string | null,
  at?: [number, number],
];

/** Blocks outside North America, where postal codes, LATAs and rate centers are unknown. */
function fiction(rules: Partial<Record<NumberType, [Odds, AddressRequirement]>>, blocks: FictionBlock[]): Block[] {
  return blocks.map(([type, prefix, digits, count, locality, region, [latitude, longitude] = [null, null]]) => {
    const [odds, addressRequirements] = rules[type] ?? [VOICE_ONLY, "none"];
    return { type, prefix, digits, count, location: { ...NOWHERE, locality, region, latitude, longitude }, odds, addressRequirements };
  });
}

export const COUNTRIES: readonly Country[] = [
  {
    code: "US",
    name: "United States",
    dialCode: "+1",
    beta: false,
    types: ["local", "toll-free"],
    blocks: [...northAmerican(US_AREAS), ...tollFree(US_TOLL_FREE)],
  },
  {
    code: "CA",
    name: "Canada",
    dialCode: "+1",
    beta: false,
    types: ["local", "toll-free"],
    blocks: [...northAmerican(CA_AREAS), ...tollFree(CA_TOLL_FREE)],
  },
  {
    code: "GB",
    name: "United Kingdom",
    dialCode: "+44",
    beta: false,
    types: ["local", "mobile", "toll-free"],
    blocks: fiction({ local: [SOME_SMS, "none"], mobile: [VOICE_AND_SMS, "none"], "toll-free": [VOICE_ONLY, "any"] }, [
      ["local", "+44207946", 4, 300, "London", "Greater London", [51.51, -0.13]],
      ["local", "+441214960", 3, 200, "Birmingham", "West Midlands", [52.48, -1.9]],
      ["local", "+441314960", 3, 200, "Edinburgh", "Scotland", [55.95, -3.19]],
      ["local", "+441614960", 3, 200, "Manchester", "Greater Manchester", [53.48, -2.24]],
      ["mobile", "+447700900", 3, 400, null, null],
      ["toll-free", "+448081570", 3, 200, null, null],
    ]),
  },
  {
    code: "IE",
    name: "Ireland",
    dialCode: "+353",
    beta: false,
    types: ["local"],
    blocks: fiction({ local: [VOICE_ONLY, "local"] }, [["local", "+3532091", 5, 200, "Dublin", "Leinster", [53.35, -6.26]]]),
  },
  {
    code: "DE",
    name: "Germany",
    dialCode: "+49",
    beta: false,
    types: ["local", "mobile"],
    blocks: fiction({ local: [VOICE_ONLY, "local"], mobile: [VOICE_AND_SMS, "any"] }, [
      ["local", "+493023125", 3, 300, "Berlin", "Berlin", [52.52, 13.4]],
      ["local", "+496990009", 3, 200, "Frankfurt", "Hessen", [50.11, 8.68]],
      ["local", "+494066969", 3, 200, "Hamburg", "Hamburg", [53.55, 9.99]],
      ["local", "+498999998", 3, 200, "Munich", "Bayern", [48.14, 11.58]],
      ["mobile", "+4917139200", 2, 100, null, null],
      ["mobile", "+4917604069", 3, 100, null, null],
    ]),
  },
  {
    code: "FR",
    name: "France",
    dialCode: "+33",
    beta: false,
    types: ["local", "mobile"],
    blocks: fiction({ local: [VOICE_ONLY, "local"], mobile: [VOICE_AND_SMS, "any"] }, [
      ["local", "+3319900", 4, 300, "Paris", "Île-de-France", [48.86, 2.35]],
      ["local", "+3326191", 4, 200, "Rennes", "Bretagne", [48.11, -1.68]],
      ["local", "+3346571", 4, 200, "Lyon", "Auvergne-Rhône-Alpes", [45.76, 4.84]],
      ["mobile", "+3363998", 4, 300, null, null],
    ]),
  },
  {
    code: "SE",
    name: "Sweden",
    dialCode: "+46",
    beta: false,
    types: ["local", "mobile", "toll-free"],
    blocks: fiction({ local: [VOICE_ONLY, "any"], mobile: [VOICE_AND_SMS, "none"], "toll-free": [VOICE_ONLY, "foreign"] }, [
      ["local", "+468465004", 2, 100, "Stockholm", "Stockholm", [59.33, 18.07]],
      ["local", "+464062804", 2, 100, "Malmö", "Skåne", [55.6, 13.0]],
      ["mobile", "+46701740", 3, 300, null, null],
      ["toll-free", "+46201740", 3, 100, null, null],
    ]),
  },
  {
    code: "AU",
    name: "Australia",
    dialCode: "+61",
    beta: true,
    types: ["local", "mobile", "toll-free"],
    blocks: fiction({ local: [SOME_SMS, "any"], mobile: [VOICE_AND_SMS, "local"], "toll-free": [VOICE_ONLY, "any"] }, [
      ["local", "+6125550", 4, 300, "Sydney", "NSW", [-33.87, 151.21]],
      ["local", "+6135550", 4, 200, "Melbourne", "VIC", [-37.81, 144.96]],
      ["local", "+6175550", 4, 200, "Brisbane", "QLD", [-27.47, 153.03]],
      ["mobile", "+61491570", 3, 200, null, null],
      ["toll-free", "+611800975", 3, 100, null, null],
    ]),
  },
];
