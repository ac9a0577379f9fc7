/** Twilio's two date formats and the ISO 8601 durations of timers. */

/** `2015-12-16T22:18:37Z`: v1 APIs, whole seconds. */
export function isoDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function isoDateOrNull(ms: number | null): string | null {
  return ms === null ? null : isoDate(ms);
}

/** `Thu, 30 Jul 2015 23:19:04 +0000`: the 2010 API. */
export function rfc2822Date(ms: number): string {
  return new Date(ms).toUTCString().replace("GMT", "+0000");
}

// Dates beyond year 9999 or before 0 have another ISO shape, which no Twilio client reads.
const EARLIEST = Date.UTC(1, 0, 1);
export const LATEST = Date.UTC(9999, 0, 1);

/** Milliseconds of an ISO 8601 date or date-time, or undefined when it is none. */
export function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) return undefined;
  // A date-time without a zone means UTC at Twilio, local time in JavaScript.
  const zoned = /T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) || ms < EARLIEST || ms > LATEST ? undefined : ms;
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Milliseconds of `PT10M`, `P1D` and so on, or undefined when the text is no such duration. */
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
