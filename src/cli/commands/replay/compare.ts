import { isSecret, type Names } from "./names";

/** A value that differs. */
export interface Difference {
  /** `status`, or a path in the body, such as `body.friendly_name`. */
  readonly path: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** The states of a text that follow each other by themselves: which one a response has depends on the moment. */
const ON_ITS_WAY = new Set(["accepted", "queued", "sending", "sent", "delivered", "read"]);
/** What depends on the number, where a search found another one. */
const OF_NUMBER = /^(capabilities|beta|locality|region|postal_code|latitude|longitude|lata|rate_center)$/;

/** What differs between two bodies, apart from SIDs, dates, secrets, numbers that were searched for, and how far a text is delivered. */
export function differencesOf(recorded: unknown, replayed: unknown, names: Names, path = "body"): Difference[] {
  if (typeof recorded === "string" && typeof replayed === "string") {
    if (isSame(recorded, replayed, names)) return [];
    return [{ path, recorded: names.translate(recorded), replayed }];
  }
  if (isObject(recorded) && isObject(replayed) && Array.isArray(recorded) === Array.isArray(replayed)) {
    return [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])]
      .filter((key) => !isSecret(key) && !isIncidental(key, recorded, replayed, path))
      .flatMap((key) => differencesOf(recorded[key], replayed[key], names, `${path}.${key}`));
  }
  return recorded === replayed ? [] : [{ path, recorded, replayed }];
}

function isSame(recorded: string, replayed: string, names: Names): boolean {
  if (isDate(recorded) && isDate(replayed)) return true;
  names.learn(recorded, replayed);
  // The friendly name of a number is generated from it.
  const isNational = (text: string) => /^\(\d{3}\) \d{3}-\d{4}$/.test(text);
  return names.translate(recorded) === replayed || (isNational(recorded) && isNational(replayed));
}

function isIncidental(key: string, recorded: Record<string, unknown>, replayed: Record<string, unknown>, path: string): boolean {
  if (OF_NUMBER.test(key)) return typeof recorded.phone_number === "string" && recorded.phone_number !== replayed.phone_number;
  if (key === "status") return [recorded, replayed].every(({ status }) => typeof status === "string" && ON_ITS_WAY.has(status));
  return key === "date_sent" || (path.endsWith(".delivery") && /^(sent|delivered|read)$/.test(key));
}

/** A date of ISO 8601 or RFC 2822, as Twilio returns them. */
const isDate = (text: string): boolean => /^(\d{4}-\d\d-\d\dT|[A-Z][a-z]{2}, \d\d )/.test(text) && !Number.isNaN(Date.parse(text));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
