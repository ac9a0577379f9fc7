/** Route tables: a method and a path template lead to a handler. */
import type { Scope } from "../domain";
import type { AccountRecord } from "../resources/account";
import type { Params } from "./params";

/** A request as handlers see it: authenticated, parsed, not yet checked. */
export interface Call {
  at: Scope;
  /** The account whose credentials were used; `at` may be a subaccount of it. */
  actor: AccountRecord;
  params: Params;
  /** The path as it was addressed, without host and query, and the query. */
  path: string;
  query: string;
  /** The value of a `{name}` in the template. */
  part(name: string): string;
}

/** What a handler answers. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Route<C = Call> {
  method: "GET" | "POST" | "DELETE";
  template: string;
  handle(call: C): Reply;
}

export function route<C = Call>(method: Route["method"], template: string, handle: (call: C) => Reply): Route<C> {
  return { method, template, handle };
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const created = (body: unknown): Reply => ({ status: 201, body });
export const noContent = (): Reply => ({ status: 204 });

/** A template as a regular expression: `{Name}` stands for one segment, or for the part before `.json`. */
function compile(template: string): RegExp {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, "(?<$1>[^/]+?)")}$`);
}

export interface Match<C = Call> {
  route: Route<C>;
  parts: Record<string, string>;
}

/** The routes of one product; earlier ones win, so literal paths stand before those with parameters. */
export class Router<C = Call> {
  private readonly routes: { route: Route<C>; pattern: RegExp }[];

  constructor(routes: Route<C>[]) {
    this.routes = routes.map((entry) => ({ route: entry, pattern: compile(entry.template) }));
  }

  /** The route, or the template alone when the path exists with other methods only, or nothing. */
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

/** A segment with a broken escape stands for itself, and so for nothing that exists. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
