/**
 * Calling codes by ISO 3166-1 alpha-2 code, for numbers that a program declares by `phoneNumber`. A number with +1 counts as US or CA, because only its
 * area code shows the country.
 */
const codes =
  "US 1 CA 1 EG 20 ZA 27 GR 30 NL 31 BE 32 FR 33 ES 34 HU 36 IT 39 RO 40 CH 41 AT 43 GB 44 DK 45 SE 46 NO 47 PL 48 DE 49 PE 51 " +
  "MX 52 AR 54 BR 55 CL 56 CO 57 MY 60 AU 61 ID 62 PH 63 NZ 64 SG 65 TH 66 JP 81 KR 82 VN 84 CN 86 TR 90 IN 91 TN 216 DZ 213 " +
  "ML 223 GN 224 BJ 229 MU 230 GH 233 NG 234 KE 254 TZ 255 UG 256 MZ 258 ZW 263 NA 264 BW 267 PT 351 LU 352 IE 353 IS 354 " +
  "MT 356 CY 357 FI 358 BG 359 LT 370 LV 371 EE 372 HR 385 SI 386 BA 387 CZ 420 SK 421 SV 503 PA 507 EC 593 HK 852 MO 853 " +
  "TW 886 IL 972 GE 995";
const callingCodes = [...codes.matchAll(/([A-Z]{2}) (\d+)/g)].map(([, country = "", code = ""]) => ({ country, code }));

const tollFree = /^\+1(800|833|844|855|866|877|888)/;

/** The properties that a number's country follows from. */
export const countrySources = ["search.country", "areaCode", "phoneNumber"] as const;

/** The possible countries of a number: the searched country, else the countries with the longest calling code that matches. */
export function countriesOf(props: Record<string, unknown>): string[] {
  const country = (props.search as { country?: string } | undefined)?.country;
  if (country !== undefined) return [country];
  if (props.areaCode !== undefined && props.phoneNumber === undefined) return ["US", "CA"];
  const digits = String(props.phoneNumber ?? "").slice(1);
  const matching = callingCodes.filter(({ code }) => digits.startsWith(code));
  const longest = Math.max(0, ...matching.map(({ code }) => code.length));
  return matching.filter(({ code }) => code.length === longest).map(({ country }) => country);
}

/** The number's type, which its price depends on. */
export function typeOf(props: Record<string, unknown>): string {
  const search = props.search as { type?: string } | undefined;
  if (search) return search.type ?? "local";
  return tollFree.test(String(props.phoneNumber)) ? "toll-free" : "local";
}
