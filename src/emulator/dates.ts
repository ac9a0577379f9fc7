/** Twilio's two date formats, and the ISO 8601 durations of timers. */

/** `2015-12-16T22:18:37Z`: the format of the v1 APIs, in whole seconds. */
export function isoDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function isoDateOrNull(ms: number | null): string | null {
  return ms === null ? null : isoDate(ms);
}

/** `Thu, 30 Jul 2015 23:19:04 +0000`: the format of the 2010 API. */
export function rfc2822Date(ms: number): string {
  return new Date(ms).toUTCString().replace("GMT", "+0000");
}

// Dates after year 9999 or before year 0 have another ISO format, which no Twilio client can parse.
const EARLIEST = Date.UTC(1, 0, 1);
export const LATEST = Date.UTC(9999, 0, 1);

/** The milliseconds of an ISO 8601 date or date-time. Undefined if the text is not one. */
export function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return undefined;
  // Without a time zone, a date-time means UTC at Twilio, but local time in JavaScript.
  const zoned = /T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) || ms < EARLIEST || ms > LATEST ? undefined : ms;
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** The milliseconds of a duration such as `PT10M` or `P1D`. Undefined if the text is not one. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match || text.endsWith("P") || text.endsWith("T")) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return ms > LATEST ? undefined : ms;
}
