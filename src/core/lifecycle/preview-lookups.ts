import { operation } from "../process/operation";
import { UsageError } from "../twilio/errors";
import type { Body, Twilio } from "../twilio/twilio";
import { resourceName } from "./check";
import { itemPath } from "./define";
import type { Context, Definition, Field, Inquiry, Problem, Question } from "./definition";
import { hasOwnPrefix, isOwnSid } from "./groups";
import type { Lookup } from "./lists";
import { declaredParents } from "./parents";
import { get, isUnknown, lastSid, type Props } from "./props";
import { equal, liveValue } from "./wire";

// A slow response arrives by then. During an outage, Twilio itself decides later.
const patienceMs = 10_000;

/** What one run has asked Twilio, and which objects it need not ask about. */
interface Known {
  readonly answers: Map<string, Promise<Body | undefined>>;
  /** The SIDs of objects that this run created, and `<class> <value>` for each declared resource that one property identifies. */
  readonly own: Set<string>;
}

// All kinds of resources of a run share its connection.
const runs = new WeakMap<Twilio, Known>();

function knownOf(twilio: Twilio): Known {
  const known = runs.get(twilio) ?? { answers: new Map(), own: new Set() };
  runs.set(twilio, known);
  return known;
}

/** Asks once per key and run, also where several checks ask at the same time. */
function once({ twilio }: Pick<Context, "twilio">, key: string, ask: () => Promise<Body | undefined>): Promise<Body | undefined> {
  const { answers } = knownOf(twilio);
  const answer = answers.get(key) ?? operation(ask, patienceMs);
  answers.set(key, answer);
  return answer;
}

/** Reads at Twilio, once per path and run. `undefined`: there is no such object. */
export function askOnce(context: Pick<Context, "twilio">, { product, path, query }: Question): Promise<Body | undefined> {
  const request = { attempt: "Cannot look up what a property names", product, method: "get", path, ...(query ? { query } : {}) } as const;
  return once(context, `${product} ${path}?${new URLSearchParams(query)}`, () => context.twilio.send(request));
}

/** Notes what the program declares, or a create made: Twilio may not have it yet, and its lists may lag. */
export function recordOwn(definition: Definition, props: Props, { twilio }: Context, id?: string): void {
  const { own } = knownOf(twilio);
  const [by, ...more] = definition.list?.by ?? [];
  if (by !== undefined && more.length === 0) own.add(`${resourceName(definition)} ${get(props, by)}`);
  if (id !== undefined) own.add(lastSid(id));
}

/** A known value that a resource gives to a property, or adds to its list. */
interface NewValue {
  readonly property: string;
  readonly value: string;
}

function newValues({ olds, news }: Declared, property: string, { fields }: Definition): NewValue[] {
  const field = fields[property] as Field;
  const [before, after] = [get(olds, property), get(news, property)];
  const former = Array.isArray(before) ? before : [before];
  const values = Array.isArray(after) ? after.map((value, index) => [value, `[${index}]`]) : [[after, ""]];
  const isNew = (value: unknown): value is string =>
    typeof value === "string" && value !== "" && !isUnknown(value) && !former.some((one) => equal(field, one, value));
  return values.flatMap(([value, place]) => (isNew(value) ? [{ property: property + place, value }] : []));
}

/** A resource as it was and as the program declares it. */
interface Declared {
  readonly olds: Props;
  readonly news: Props;
}

/** Finds what a resource names and Twilio does not have. A look-up that fails refuses nothing. */
export function missingReferences(definition: Definition, lookup: Lookup) {
  return async (declared: Declared, context: Context): Promise<Problem[]> => [
    ...(await findMissingAdoptee(definition, lookup, declared, context)),
    ...(await findMissing(definition, lookup, declared, context)),
  ];
}

async function findMissing(definition: Definition, lookup: Lookup, { olds, news }: Declared, context: Context): Promise<Problem[]> {
  const { own } = knownOf(context.twilio);
  const inquiry: Inquiry = {
    inputs: news,
    context,
    ask: (question) => askOnce(context, question),
    isDeclared: (resource, value) => own.has(`${resource} ${value}`),
  };
  const isAdopted = Object.keys(olds).length === 0 && news.adopt !== undefined;
  const found = Object.entries(definition.fields).flatMap(([name, field]) => {
    const { reference, createOnly } = field;
    // An adopted object keeps what Twilio cannot change.
    const isKept = createOnly && news.adopt !== undefined;
    if (reference === undefined || isKept) return [];
    return newValues({ olds, news }, name, definition).map(async ({ property, value }): Promise<Problem[]> => {
      if (own.has(value)) return [];
      const reason = await unlessUnclear(context, () => reference.refusal(value, inquiry));
      if (reason === undefined) return [];
      if (!isAdopted) return [{ property, reason }];
      const isUnchanged = await hasAlready(definition, lookup, news, { name, value }, context);
      if (isUnchanged) context.log("warn", `The adopted object keeps its \`${property}\`, although it ${reason}.`);
      return isUnchanged === false ? [{ property, reason }] : [];
    });
  });
  return (await Promise.all(found)).flat();
}

/** Whether the object to adopt has a value already. `undefined`: nobody knows yet which object that is, and the update checks the value. */
async function hasAlready(
  definition: Definition,
  lookup: Lookup,
  news: Props,
  { name, value }: { readonly name: string; readonly value: string },
  context: Context,
): Promise<boolean | undefined> {
  const find = adopteeOf(definition, lookup, news, context);
  if (find === undefined) return undefined;
  const found = await find().catch(() => undefined);
  const body = found && ((await definition.complete?.(found, context)) ?? found);
  const live = body && [liveValue(definition, name, body)].flat();
  return live?.some((one) => equal(definition.fields[name] as Field, one, value)) ?? false;
}

/** Reads the object that a new resource adopts. `undefined` while it is not known which one that is. */
function adopteeOf(definition: Definition, lookup: Lookup, news: Props, context: Context): (() => Promise<Body | undefined>) | undefined {
  const { adopt: key } = news;
  const parents = declaredParents(definition, news);
  if (typeof key !== "string" || isUnknown(key) || parents.some(isUnknown)) return undefined;
  const id = definition.singleton ? key : [...parents, key].join("/");
  return definition.singleton || isOwnSid(definition, key)
    ? () => askOnce(context, { product: definition.product, path: itemPath(definition, id, context.twilio.accountSid) })
    : () => once(context, `${definition.type} ${id}`, () => lookup.findByName(key, news, context));
}

/** A problem where a new resource adopts an object that Twilio does not have. */
async function findMissingAdoptee(definition: Definition, lookup: Lookup, { olds, news }: Declared, context: Context): Promise<Problem[]> {
  const label = resourceName(definition);
  const { adopt: key } = news;
  const { twilio } = context;
  const parents = declaredParents(definition, news);
  const find = adopteeOf(definition, lookup, news, context);
  if (Object.keys(olds).length > 0 || typeof key !== "string" || find === undefined) return [];
  if (definition.singleton) {
    const own = parents.join("/") || twilio.accountSid;
    return key === own ? [] : [{ property: "adopt", reason: `must be the id of the ${label}, ${own}` }];
  }
  if (knownOf(twilio).own.has(isOwnSid(definition, key) ? key : `${label} ${key}`)) return [];
  const reason = await unlessUnclear(context, async () => {
    const body = await find();
    // In a path, the name `..` means something else.
    if (body && hasOwnPrefix(definition, body.sid)) return undefined;
    const place = parents.length > 0 ? `${parents.at(-1)} in account` : "account";
    const fix = definition.purchase ? "to buy one, declare which one in place of `adopt`" : "remove `adopt`; it is then created";
    return `must name a ${label} of ${place} ${twilio.accountSid}; there is none: ${fix}`;
  });
  return reason === undefined ? [] : [{ property: "adopt", reason }];
}

async function unlessUnclear(context: Context, look: () => Promise<string | undefined> | undefined): Promise<string | undefined> {
  try {
    return await look();
  } catch (error) {
    // Several objects have the name.
    if (error instanceof UsageError) return error.message;
    context.log("debug", `${(error as Error).message}\nThe value is left to Twilio.`);
    return undefined;
  }
}
