/**
 * How long a receiver is waited for and how often it is tried: Twilio's defaults, and what the fragment of a URL says
 * otherwise (`https://example.com/hook#rc=3&rp=5xx`, Twilio's connection overrides).
 */

/** Why an attempt came to nothing: no connection, no answer in time, or this HTTP status. */
export type Failure = "connect" | "timeout" | number;

/** All times in milliseconds. */
export interface Patience {
  /** Until there is a connection. */
  connectMs: number;
  /** From then to the end of the answer. */
  answerMs: number;
  /** For all attempts together. */
  totalMs: number;
  /** How often it is tried again. */
  retries: number;
  /** Whether it is tried again after this. */
  retriesAfter(failure: Failure): boolean;
}

export const PAUSE_MS = 250;
const CONNECT_MS = 5000;
const LONGEST_MS = 15_000;
const SHORTEST_MS = 100;
const MOST_RETRIES = 5;
/** Refusals that say that it may go well later. */
const PASSING = [429, 503, 504];

/** The patience for a URL whose answer has to arrive within `answerMs`. */
export function patienceFor(url: URL, answerMs: number): Patience {
  const overrides = new URLSearchParams(url.hash.slice(1));
  const limit = (name: string, most: number, fallback: number) => {
    const value = overrides.get(name);
    return value !== null && /^\d{1,6}$/.test(value) ? Math.min(Math.max(Number(value), SHORTEST_MS), most) : fallback;
  };
  const retries = overrides.get("rc");
  return {
    connectMs: limit("ct", 10_000, Math.min(CONNECT_MS, answerMs)),
    answerMs: limit("rt", answerMs, answerMs),
    totalMs: limit("tt", LONGEST_MS, LONGEST_MS),
    retries: retries !== null && /^\d$/.test(retries) ? Math.min(Number(retries), MOST_RETRIES) : 1,
    retriesAfter: retryPolicy(overrides.get("rp")),
  };
}

/** `rp`: what leads to another attempt, separated by commas; unset, what may well pass. */
function retryPolicy(text: string | null): Patience["retriesAfter"] {
  if (text === null) return (failure) => typeof failure === "string" || PASSING.includes(failure);
  const named = new Set(text.split(","));
  return (failure) => named.has("all") || named.has(nameOf(failure));
}

function nameOf(failure: Failure): string {
  if (typeof failure === "number") return `${Math.floor(failure / 100)}xx`;
  return failure === "connect" ? "ct" : "rt";
}
