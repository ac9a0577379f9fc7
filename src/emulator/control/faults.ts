import { type Context, createContext, Script } from "node:vm";
import { envelope, fail } from "../errors";
import type { Reply } from "../http/router";

/**
 * Fault injection: rules that delay, reject or lose requests, so that the retries of a client can be tested. A rule
 * counts the requests that match. It acts from the `nth` one on, at most `times` times.
 */
export interface FaultRule {
  method?: string;
  /** A path, a template (`{…}` for a segment), a glob (`*`), or a regular expression (`^…`, or no leading slash). */
  path?: string;
  /** The first matching request to act on, counted from 1. Without `times` and `forSeconds`, the rule acts on that one only. */
  nth?: number;
  /** The maximum number of requests to act on. Default: all. */
  times?: number;
  /** How many seconds of real time the rule acts, from the first request it acts on. Default: forever. */
  forSeconds?: number;
  /** The status (400 to 599) to return instead of executing the request. */
  status?: number;
  /** The seconds in `Retry-After`. Requires `status`. */
  retryAfter?: number;
  /** The error code in the body. Requires `status`. */
  code?: number;
  /** Delay before anything else. */
  delayMs?: number;
  /** Closes the connection instead of responding: before the request is executed, or after. */
  drop?: "before" | "after";
  /** Resets a dropped connection (RST), as a crash does. Default: closes it (FIN). */
  reset?: boolean;
  /**
   * Corrupts the response of the request or of `status`. `html` replaces it with a web page, with status 200 unless
   * `status` is set. `truncated` sends half of it and closes the connection. `mislabeled` sends the JSON as `text/html`.
   * A response without a body (204) becomes a web page, no response at all, or stays as it is.
   */
  body?: "html" | "truncated" | "mislabeled";
}

/** The maximum delay of a JavaScript timer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

const FIELDS = ["method", "path", "nth", "times", "forSeconds", "status", "retryAfter", "code", "delayMs", "drop", "reset", "body"];

interface ActiveRule {
  /** Never used twice. */
  id: number;
  rule: FaultRule;
  pattern: Pattern | undefined;
  matched: number;
  acted: number;
  /** When it first acted, from `performance.now()`. */
  since: number;
}

/** The response of a rule with a status. */
export function faultReply({ code, retryAfter }: FaultRule, status: number): Reply {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  const message =
    status === 429 ? fail(20429).message : status < 500 ? "Bad Request" : status === 503 ? "Service Unavailable" : fail(20500).message;
  return { status, headers, body: envelope({ code: code ?? (status === 429 ? 20429 : 20000 + status), message, status }) };
}

/** An invalid rule. The message states the reason. */
export class InvalidFault extends Error {}

export class Faults {
  private rules: ActiveRule[] = [];
  private lastId = 0;

  add(input: unknown): void {
    const rules = (Array.isArray(input) ? input : [input]).map(parseRule);
    const pattern = ({ path }: FaultRule) => (path === undefined ? undefined : compile(path));
    this.rules.push(...rules.map((rule) => ({ id: ++this.lastId, rule, pattern: pattern(rule), matched: 0, acted: 0, since: 0 })));
  }

  /** The rule that acts on this request, if any. Every matching rule counts the request. The first due rule acts. */
  take(method: string, paths: readonly string[], isApplicable = (_rule: FaultRule) => true): FaultRule | undefined {
    let acting: FaultRule | undefined;
    for (const active of this.rules) {
      const { rule, pattern } = active;
      if (!isApplicable(rule) || (rule.method !== undefined && rule.method.toUpperCase() !== method)) continue;
      if (pattern && !paths.some((path) => pattern.matches(path))) continue;
      active.matched++;
      if (acting || active.matched < (rule.nth ?? 1) || isSpent(active)) continue;
      if (active.acted++ === 0) active.since = performance.now();
      acting = rule;
    }
    return acting;
  }

  report(): { faults: (FaultRule & { id: number; matched: number; acted: number; error?: string })[] } {
    return { faults: this.rules.map(({ id, rule, pattern, matched, acted }) => ({ id, ...rule, matched, acted, ...pattern?.problem })) };
  }

  /** Removes one rule. Returns whether there was one. */
  remove(id: string): boolean {
    const { length } = this.rules;
    this.rules = this.rules.filter((active) => String(active.id) !== id);
    return this.rules.length < length;
  }

  clear(): void {
    this.rules = [];
  }
}

function isSpent({ rule: { nth, times, forSeconds }, acted, since }: ActiveRule): boolean {
  const max = times ?? (nth === undefined || forSeconds !== undefined ? Number.POSITIVE_INFINITY : 1);
  const isOver = acted > 0 && forSeconds !== undefined && performance.now() - since >= forSeconds * 1000;
  return acted >= max || isOver;
}

/** How long a pattern may take for one path. */
const MATCH_MS = 1000;

/**
 * A path pattern. Some regular expressions take years for a path of a hundred characters, so their time is limited. The limit is far above
 * what a busy machine needs for a simple one, because it counts time in which this process does not run.
 */
class Pattern {
  private static readonly script = new Script("pattern.test(path)");
  private readonly scope: Context;
  private isTooSlow = false;

  constructor(pattern: RegExp) {
    this.scope = createContext({ pattern });
  }

  matches(path: string): boolean {
    if (this.isTooSlow) return false;
    this.scope.path = path;
    try {
      return Pattern.script.runInContext(this.scope, { timeout: MATCH_MS }) as boolean;
    } catch {
      this.isTooSlow = true;
      return false;
    }
  }

  /** Why the pattern is no longer used. */
  get problem(): { error: string } | undefined {
    if (!this.isTooSlow) return undefined;
    return { error: `path took more than ${MATCH_MS} ms to match, so the rule no longer acts. Use a simpler pattern.` };
  }
}

function compile(path: string): Pattern {
  return new Pattern(regularExpression(path));
}

function regularExpression(path: string): RegExp {
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
    throw new InvalidFault(`path must be a valid regular expression, but is ${path}`);
  }
}

/** Reads `{match: {…}, action: {…}}` or the same keys flat. */
function parseRule(input: unknown): FaultRule {
  if (!isObject(input)) throw new InvalidFault(`a fault rule must be an object, but is ${JSON.stringify(input)}`);
  const { match = {}, action = {}, ...flat } = input;
  if (!isObject(match) || !isObject(action)) throw new InvalidFault("match and action must be objects");
  const rule = { ...flat, ...match, ...action };
  // A misspelled field would make a rule that never acts, or acts on everything.
  const unknown = Object.keys(rule).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0) throw new InvalidFault(`a fault rule has no field ${unknown.join(", ")}. Its fields are ${FIELDS.join(", ")}`);
  checkTypes(rule);
  checkTogether(rule);
  return rule as FaultRule;
}

function checkTypes(rule: Record<string, unknown>): void {
  for (const name of ["nth", "times", "forSeconds", "delayMs", "retryAfter", "code", "status"]) {
    const value = rule[name];
    if (value !== undefined && (typeof value !== "number" || !Number.isFinite(value) || value < 0)) {
      throw new InvalidFault(`${name} must be a number of at least 0, but is ${JSON.stringify(value)}`);
    }
  }
  for (const name of ["method", "path"]) {
    if (rule[name] !== undefined && typeof rule[name] !== "string")
      throw new InvalidFault(`${name} must be a string, but is ${JSON.stringify(rule[name])}`);
  }
  if (rule.status !== undefined && !(Number(rule.status) >= 400 && Number(rule.status) <= 599))
    throw new InvalidFault(`status must be between 400 and 599, but is ${rule.status}`);
  if (Number(rule.delayMs ?? 0) > MAX_DELAY_MS) throw new InvalidFault(`delayMs must be at most ${MAX_DELAY_MS}, but is ${rule.delayMs}`);
  if (rule.drop !== undefined && rule.drop !== "before" && rule.drop !== "after")
    throw new InvalidFault(`drop must be "before" or "after", but is ${JSON.stringify(rule.drop)}`);
  if (rule.reset !== undefined && typeof rule.reset !== "boolean")
    throw new InvalidFault(`reset must be true or false, but is ${JSON.stringify(rule.reset)}`);
  if (rule.body !== undefined && !["html", "truncated", "mislabeled"].includes(rule.body as string))
    throw new InvalidFault(`body must be "html", "truncated" or "mislabeled", but is ${JSON.stringify(rule.body)}`);
}

/** Checks fields that require or exclude each other. */
function checkTogether(rule: Record<string, unknown>): void {
  if (["status", "delayMs", "drop", "body"].every((name) => rule[name] === undefined)) {
    throw new InvalidFault("a fault rule requires an action: status, delayMs, drop or body");
  }
  if (rule.reset !== undefined && rule.drop === undefined) throw new InvalidFault("reset requires drop");
  if (rule.drop !== undefined && (rule.status !== undefined || rule.body !== undefined))
    throw new InvalidFault("drop sends no response, so it excludes status and body");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
