/** Maps a method and a path template to a handler. */
import type { Scope } from "../domain";
import type { Params } from "./params";

/** A request as handlers receive it: authenticated and parsed, but not validated. */
export interface Call {
  scope: Scope;
  /** The account whose credentials were used. `scope` may be one of its subaccounts. */
  actorSid: string;
  /** What signed in: the account's auth token, a main API key, or another API key. */
  signedInBy: "auth token" | "main key" | "key";
  params: Params;
  /** The requested path, without host and query. */
  path: string;
  query: string;
  /** The value of `{name}` in the path template. */
  part(name: string): string;
}

/** A handler's response. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One entry of a route table. */
export interface Route<C = Call> {
  method: "GET" | "POST" | "DELETE";
  template: string;
  handle(call: C): Reply;
}

/** Declares a route. */
export function route<C = Call>(method: Route["method"], template: string, handle: (call: C) => Reply): Route<C> {
  return { method, template, handle };
}

/** A 200 reply. */
export const ok = (body: unknown): Reply => ({ status: 200, body });
/** A 201 reply. */
export const created = (body: unknown): Reply => ({ status: 201, body });
/** A 204 reply. */
export const noContent = (): Reply => ({ status: 204 });

/** Converts a template to a regular expression. `{Name}` matches one segment, without the suffix `.json`. */
function compile(template: string): RegExp {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, "(?<$1>[^/]+?)")}$`);
}

/** A route and the values of its path parameters. */
export interface Match<C = Call> {
  route: Route<C>;
  parts: Record<string, string>;
}

/** The routes of one product. A literal path outranks one with parameters. */
export class Router<C = Call> {
  private readonly routes: { route: Route<C>; pattern: RegExp }[];

  constructor(routes: Route<C>[]) {
    const sorted = [...routes].sort((a, b) => parameterCount(a) - parameterCount(b));
    this.routes = sorted.map((entry) => ({ route: entry, pattern: compile(entry.template) }));
  }

  /** Returns the matching route. If the path exists only with other methods, returns the template alone. */
  match(method: string, path: string): { found?: Match<C>; template?: string } {
    let template: string | undefined;
    for (const { route: candidate, pattern } of this.routes) {
      const match = pattern.exec(path);
      if (!match) continue;
      template ??= candidate.template;
      if (candidate.method !== method) continue;
      const parts = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)]));
      return { found: { route: candidate, parts }, template: candidate.template };
    }
    return template === undefined ? {} : { template };
  }
}

function parameterCount({ template }: Route<never>): number {
  return template.split("{").length - 1;
}

/** Returns a segment with an invalid escape unchanged; no resource has such a name. */
export function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
