/**
 * Timeouts and retries of webhook requests: Twilio's defaults, and the connection overrides in a URL's fragment
 * (`https://example.com/hook#rc=3&rp=5xx`).
 */

/** Why an attempt failed: no connection, no response in time, or this HTTP status. */
export type Failure = "connect" | "timeout" | number;

/** The limits of one delivery, in milliseconds. */
export interface DeliveryLimits {
  /** The time to connect. */
  connectMs: number;
  /** The time from the connection to the end of the response. */
  responseMs: number;
  /** The time for all attempts together. */
  totalMs: number;
  /** The number of retries. */
  retries: number;
  /** Whether this failure leads to another attempt. */
  shouldRetry(failure: Failure): boolean;
}

/** The pause between two attempts. */
export const RETRY_PAUSE_MS = 250;
const CONNECT_MS = 5000;
const MAX_TOTAL_MS = 15_000;
const MIN_MS = 100;
const MAX_RETRIES = 5;
/** Statuses that indicate a temporary failure. */
const TEMPORARY_STATUSES = [429, 503, 504];

/** The limits for a URL whose response must arrive within `responseMs`. */
export function deliveryLimitsFor(url: URL, responseMs: number): DeliveryLimits {
  const overrides = new URLSearchParams(url.hash.slice(1));
  const limit = (name: string, max: number, fallback: number) => {
    const value = overrides.get(name);
    return value !== null && /^\d{1,6}$/.test(value) ? Math.min(Math.max(Number(value), MIN_MS), max) : fallback;
  };
  const retries = overrides.get("rc");
  return {
    connectMs: limit("ct", 10_000, Math.min(CONNECT_MS, responseMs)),
    responseMs: limit("rt", responseMs, responseMs),
    totalMs: limit("tt", MAX_TOTAL_MS, MAX_TOTAL_MS),
    retries: retries !== null && /^\d$/.test(retries) ? Math.min(Number(retries), MAX_RETRIES) : 1,
    shouldRetry: retryPolicy(overrides.get("rp")),
  };
}

/** Parses `rp`, the comma-separated failures to retry. Without it, temporary failures are retried. */
function retryPolicy(text: string | null): DeliveryLimits["shouldRetry"] {
  if (text === null) return (failure) => typeof failure === "string" || TEMPORARY_STATUSES.includes(failure);
  const names = new Set(text.split(","));
  return (failure) => names.has("all") || names.has(nameOf(failure));
}

function nameOf(failure: Failure): string {
  if (typeof failure === "number") return `${Math.floor(failure / 100)}xx`;
  return failure === "connect" ? "ct" : "rt";
}
