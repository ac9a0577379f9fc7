/**
 * Faults on demand: rules that make chosen requests slow, refused or lost, so that a client's retries can
 * be tested. A rule counts the requests it matches, and acts from the nth on, as many times as it says.
 */
export interface FaultRule {
  method?: string;
  /** A path, a template (`{…}` for a segment), a glob (`*`), or a regular expression (`^…`, or no leading slash). */
  path?: string;
  /** Acts on the nth matching request, counted from 1; with `times` and `forSeconds` unset on that one only. */
  nth?: number;
  /** How many requests it acts on; unset means all. */
  times?: number;
  /** How many seconds it acts, of real time, from the first request it acts on; unset means for ever. */
  forSeconds?: number;
  /** Answers this (400 to 599) instead of executing the request. */
  status?: number;
  /** Seconds for `Retry-After`; with `status`. */
  retryAfter?: number;
  /** Error code in the body; with `status`. */
  code?: number;
  /** Waits before anything else. */
  delayMs?: number;
  /** Cuts the connection instead of answering: before the request is executed, or after. */
  drop?: "before" | "after";
  /** Ends a dropped connection as a crash does (RST); unset, it is closed in order (FIN). */
  reset?: boolean;
  /**
   * Spoils the answer, that of `status` or of the executed request: a web page in its place (with status 200
   * unless `status` says otherwise), half of it and then the end of the connection, or the true JSON called a
   * web page. What has no body (204) is a web page too, or not answered at all, or left as it is.
   */
  body?: "html" | "truncated" | "mislabelled";
}

/** The longest that a timer of the JavaScript engine waits. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const FIELDS = ["method", "path", "nth", "times", "forSeconds", "status", "retryAfter", "code", "delayMs", "drop", "reset", "body"];

interface ActiveRule {
  rule: FaultRule;
  pattern: RegExp | undefined;
  matched: number;
  acted: number;
  /** When it first acted, on the clock that `performance.now()` reads. */
  since: number;
}

/** A rule that cannot be understood; the message says why. */
export class InvalidFault extends Error {}

export class Faults {
  private rules: ActiveRule[] = [];

  add(input: unknown): void {
    const rules = (Array.isArray(input) ? input : [input]).map(parseRule);
    const pattern = ({ path }: FaultRule) => (path === undefined ? undefined : compile(path));
    this.rules.push(...rules.map((rule) => ({ rule, pattern: pattern(rule), matched: 0, acted: 0, since: 0 })));
  }

  /** The rule that acts on this request, if any. Every rule that matches counts it, the first due one acts. */
  take(method: string, paths: readonly string[]): FaultRule | undefined {
    let acting: FaultRule | undefined;
    for (const active of this.rules) {
      const { rule, pattern } = active;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
      if (pattern && !paths.some((path) => pattern.test(path))) continue;
      active.matched++;
      if (acting || active.matched < (rule.nth ?? 1) || isSpent(active)) continue;
      if (active.acted++ === 0) active.since = performance.now();
      acting = rule;
    }
    return acting;
  }

  report(): { faults: (FaultRule & { matched: number; acted: number })[] } {
    return { faults: this.rules.map(({ rule, matched, acted }) => ({ ...rule, matched, acted })) };
  }

  clear(): void {
    this.rules = [];
  }
}

function isSpent({ rule: { nth, times, forSeconds }, acted, since }: ActiveRule): boolean {
  const most = times ?? (nth === undefined || forSeconds !== undefined ? Number.POSITIVE_INFINITY : 1);
  const isOver = acted > 0 && forSeconds !== undefined && performance.now() - since >= forSeconds * 1000;
  return acted >= most || isOver;
}

function compile(path: string): RegExp {
  if (path.startsWith("/") || path.startsWith("*")) {
    const glob = path.replace(/\{[^/]*?\}|\*+|[.+?^$()|[\]\\{}]/g, (token) => {
      if (token.startsWith("{") && token.length > 1) return "[^/]+";
      return token.startsWith("*") ? ".*" : `\\${token}`;
    });
    return new RegExp(`^${glob}$`);
  }
  try {
    return new RegExp(path);
  } catch {
    throw new InvalidFault(`path is no regular expression: ${path}`);
  }
}

/** Reads `{match: {…}, action: {…}}` or the same keys flat. */
function parseRule(input: unknown): FaultRule {
  if (!isObject(input)) throw new InvalidFault("a fault rule is an object");
  const { match = {}, action = {}, ...flat } = input;
  if (!isObject(match) || !isObject(action)) throw new InvalidFault("match and action must be objects");
  const rule = { ...flat, ...match, ...action };
  // A misspelt field would make a rule that never acts, or acts on everything.
  const unknown = Object.keys(rule).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0) throw new InvalidFault(`a fault rule has no ${unknown.join(", ")}; it has ${FIELDS.join(", ")}`);
  checkTypes(rule);
  checkTogether(rule);
  return rule as FaultRule;
}

function checkTypes(rule: Record<string, unknown>): void {
  for (const name of ["nth", "times", "forSeconds", "delayMs", "retryAfter", "code", "status"]) {
    const value = rule[name];
    if (value !== undefined && (typeof value !== "number" || !Number.isFinite(value) || value < 0)) {
      throw new InvalidFault(`${name} must be a number that is not negative`);
    }
  }
  for (const name of ["method", "path"]) {
    if (rule[name] !== undefined && typeof rule[name] !== "string") throw new InvalidFault(`${name} must be a string`);
  }
  if (rule.status !== undefined && !(Number(rule.status) >= 400 && Number(rule.status) <= 599))
    throw new InvalidFault("status must be 400 to 599");
  if (Number(rule.delayMs ?? 0) > LONGEST_DELAY_MS) throw new InvalidFault(`delayMs must be at most ${LONGEST_DELAY_MS}`);
  if (rule.drop !== undefined && rule.drop !== "before" && rule.drop !== "after")
    throw new InvalidFault('drop must be "before" or "after"');
  if (rule.reset !== undefined && typeof rule.reset !== "boolean") throw new InvalidFault("reset must be true or false");
  if (rule.body !== undefined && !["html", "truncated", "mislabelled"].includes(rule.body as string))
    throw new InvalidFault('body must be "html", "truncated" or "mislabelled"');
}

/** Fields that need each other, or exclude each other. */
function checkTogether(rule: Record<string, unknown>): void {
  if (["status", "delayMs", "drop", "body"].every((name) => rule[name] === undefined)) {
    throw new InvalidFault("a fault rule needs an action: status, delayMs, drop or body");
  }
  if (rule.reset !== undefined && rule.drop === undefined) throw new InvalidFault("reset says how to drop: it needs drop");
  if (rule.drop !== undefined && (rule.status !== undefined || rule.body !== undefined))
    throw new InvalidFault("drop leaves no answer: it goes with neither status nor body");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
