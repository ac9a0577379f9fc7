/** Timers of conversations. The API accepts durations and returns dates. */
import { parseDuration } from "../dates";
import { fail } from "../errors";

type TimerKind = "inactive" | "closed";

const MINUTE = 60_000;
const rules = {
  inactive: { min: MINUTE, tooShort: 50375, malformed: 50379 },
  closed: { min: 10 * MINUTE, tooShort: 50376, malformed: 50380 },
} as const;

/** The milliseconds of a timer. An empty string or `PT0S` disables it: null. */
export function parseTimer(text: string, kind: TimerKind): number | null {
  const rule = rules[kind];
  if (text === "") return null;
  const ms = parseDuration(text);
  if (ms === undefined) throw fail(rule.malformed);
  if (ms === 0) return null;
  if (ms < rule.min) throw fail(rule.tooShort);
  return ms;
}
