/**
 * Faults on demand: rules that make chosen requests slow, refused or lost, so that a client's retries can
 * be tested. A rule counts the requests it matches, and acts from the nth on, as many times as it says.
 */
export interface FaultRule {
  method?: string;
  /** A path, a template (`{…}` for a segment), a glob (`*`), or a regular expression (`^…`, or no leading slash). */
  path?: string;
  /** Acts on the nth matching request, counted from 1; with `times` unset on that one only. */
  nth?: number;
  /** How many requests it acts on; unset means all. */
  times?: number;
  /** Answers this instead of executing the request. */
  status?: number;
  /** Seconds for `Retry-After`. */
  retryAfter?: number;
  /** Error code in the body. */
  code?: number;
  /** Waits before anything else. */
  delayMs?: number;
  /** Cuts the connection instead of answering: before the request is executed, or after. */
  drop?: "before" | "after";
  /** Answers something else than JSON: a web page (with `status`), or half of the true answer. */
  body?: "html" | "truncated";
}

interface ActiveRule {
  rule: FaultRule;
  pattern: RegExp | undefined;
  matched: number;
  acted: number;
}

/** A rule that cannot be understood; the message says why. */
export class InvalidFault extends Error {}

export class Faults {
  private rules: ActiveRule[] = [];

  add(input: unknown): void {
    const rules = (Array.isArray(input) ? input : [input]).map(parseRule);
    this.rules.push(
      ...rules.map((rule) => ({ rule, pattern: rule.path === undefined ? undefined : compile(rule.path), matched: 0, acted: 0 })),
    );
  }

  /** The rule that acts on this request, if any. Every rule that matches counts it, the first due one acts. */
  take(method: string, paths: readonly string[]): FaultRule | undefined {
    let acting: FaultRule | undefined;
    for (const active of this.rules) {
      const { rule, pattern } = active;
      if (rule.method !== undefined && rule.method.toUpperCase() !== method) continue;
      if (pattern && !paths.some((path) => pattern.test(path))) continue;
      active.matched++;
      const times = rule.times ?? (rule.nth === undefined ? Number.POSITIVE_INFINITY : 1);
      if (acting || active.matched < (rule.nth ?? 1) || active.acted >= times) continue;
      active.acted++;
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
  const { match, action, ...flat } = input;
  const rule = { ...flat, ...(isObject(match) ? match : {}), ...(isObject(action) ? action : {}) } as Record<string, unknown>;
  for (const name of ["nth", "times", "delayMs", "retryAfter", "code", "status"]) {
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
  if (rule.drop !== undefined && rule.drop !== "before" && rule.drop !== "after")
    throw new InvalidFault('drop must be "before" or "after"');
  if (rule.body !== undefined && rule.body !== "html" && rule.body !== "truncated")
    throw new InvalidFault('body must be "html" or "truncated"');
  if (["status", "delayMs", "drop", "body"].every((name) => rule[name] === undefined)) {
    throw new InvalidFault("a fault rule needs an action: status, delayMs, drop or body");
  }
  return rule as FaultRule;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
