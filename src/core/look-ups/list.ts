import type { Definition } from "../lifecycle/definition";
import { integer } from "../lifecycle/formats";
import { runRegistry } from "../lifecycle/identity";
import { Lookup } from "../lifecycle/lists";
import { objects } from "../lifecycle/objects";
import { declaredParents } from "../lifecycle/parents";
import type { Props } from "../lifecycle/props";
import type { Body } from "../twilio/twilio";
import { resultOf } from "./result";
import type { Session } from "./session";

/** The arguments of every list. */
export const listFields = { limit: { type: "integer", format: integer({ min: 1, max: 1_000_000 }) } } as const;

/** How a list is narrowed. */
export interface Narrowing {
  /** What Twilio compares; parameters without a value are left out. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** What Twilio cannot compare. */
  readonly isMatch?: (body: Body) => boolean;
}

/** The objects of a kind under the parent that the arguments name, in Twilio's order. */
export async function listObjects(definition: Definition, args: Props, session: Session, narrowing: Narrowing = {}): Promise<Props[]> {
  const { context, twilio } = session;
  const { isMatch = () => true } = narrowing;
  const one = objects(definition);
  const all = new Lookup(definition, one, runRegistry()).all(args, context, queryOf(narrowing.query));
  const found = await upTo(args.limit, all, isMatch);
  const parents = declaredParents(definition, args);
  return found.map((body) => resultOf(definition, one.idWithin(parents, body), body, twilio.accountSid));
}

/** The first of a list, for which no more pages are read than needed. */
export async function upTo(limit: unknown, list: AsyncIterable<Body>, isMatch: (body: Body) => boolean = () => true): Promise<Body[]> {
  const found: Body[] = [];
  for await (const body of list) {
    if (!isMatch(body)) continue;
    found.push(body);
    if (found.length === limit) break;
  }
  return found;
}

/** A query without the parameters that have no value. */
export const queryOf = (query: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])));
