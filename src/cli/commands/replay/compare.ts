import { isSecret, type Names } from "./names";

/** A value that differs. */
export interface Difference {
  /** `status`, or a path in the body, such as `body.friendly_name`. */
  readonly path: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** What differs between two bodies, apart from SIDs, dates, secrets and numbers that were searched for. */
export function differencesOf(recorded: unknown, replayed: unknown, names: Names, path = "body"): Difference[] {
  if (typeof recorded === "string" && typeof replayed === "string") {
    if (isSame(recorded, replayed, names)) return [];
    return [{ path, recorded: names.translate(recorded), replayed }];
  }
  if (isObject(recorded) && isObject(replayed) && Array.isArray(recorded) === Array.isArray(replayed)) {
    return [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])]
      .filter((key) => !isSecret(key))
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

/** A date of ISO 8601 or RFC 2822, as Twilio returns them. */
const isDate = (text: string): boolean => /^(\d{4}-\d\d-\d\dT|[A-Z][a-z]{2}, \d\d )/.test(text) && !Number.isNaN(Date.parse(text));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
