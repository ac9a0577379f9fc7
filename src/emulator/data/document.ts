/** Checks the whole of a data file before anything is created. */
import { nearest } from "../../core/lifecycle/spelling";
import { KINDS, type Kind } from "./kinds";
import { type Problem, received } from "./problems";
import { isObject, type Property, TYPES } from "./property";

/** One object that the file declares. */
export interface Declared {
  readonly section: string;
  /** The name in its section; the section's for a section with one object. */
  readonly name: string;
  readonly kind: Kind;
  /** The values by the property's name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Where it is in the file. */
  readonly path: string;
}

/** The objects of a valid file, in the order of their creation; or what is wrong with it. */
export type Document = { readonly declared: readonly Declared[] } | { readonly problems: readonly Problem[] };

/** Names begin with a letter: YAML would take others for numbers, and a list of names keeps their order only then. */
const NAME = /^[A-Za-z][\w.@-]{0,99}$/;

/** Checks data as it was read from YAML or JSON. */
export function readDocument(data: unknown): Document {
  const problems: Problem[] = [];
  if (data !== null && data !== undefined && !isObject(data))
    return { problems: [{ path: "", message: `the data must be an object with sections, but is ${received(data)}` }] };
  const sections = data ?? {};
  for (const section of Object.keys(sections)) {
    // Editors find the JSON schema by it.
    if (section === "$schema" || Object.hasOwn(KINDS, section)) continue;
    problems.push({ path: section, message: unknown(section, Object.keys(KINDS), "a section") });
  }
  const declared = Object.entries(KINDS).flatMap(([section, kind]) => objectsOf(section, kind, sections[section], problems));
  for (const object of declared) checkReferences(object, declared, problems);
  return problems.length > 0 ? { problems } : { declared };
}

function unknown(name: string, known: readonly string[], what: string): string {
  const near = nearest(name, known);
  return `is not ${what}: ${near === undefined ? `use one of ${known.join(", ")}` : `did you mean ${near}?`}`;
}

function objectsOf(section: string, kind: Kind, content: unknown, problems: Problem[]): Declared[] {
  if (content === undefined || content === null) return [];
  const must = kind.isSingle ? `the properties of the ${kind.one}` : `objects by name, as in {"name": {…}}`;
  if (!isObject(content)) {
    problems.push({ path: section, message: `must be an object with ${must}, but is ${received(content)}` });
    return [];
  }
  if (kind.isSingle) return [read({ section, name: section, kind, path: section }, content, problems)];
  return Object.entries(content).flatMap(([name, object]) => {
    const path = `${section}.${name}`;
    if (!NAME.test(name)) {
      const message = `the name must begin with a letter and have at most 100 letters, digits and _ . @ -, but is ${received(name)}: rename it`;
      problems.push({ path, message });
      return [];
    }
    if (!isObject(object ?? {})) {
      problems.push({ path, message: `must be an object with the properties of a ${kind.one}, but is ${received(object)}` });
      return [];
    }
    return [read({ section, name, kind, path }, (object ?? {}) as Record<string, unknown>, problems)];
  });
}

function read(where: Omit<Declared, "values">, object: Record<string, unknown>, problems: Problem[]): Declared {
  const { kind, name, path } = where;
  const values = flatten(kind, object, path, "", problems);
  if (kind.named !== undefined) values[kind.named] ??= name;
  for (const [property, { required }] of Object.entries(kind.properties)) {
    if (!required || values[property] !== undefined || isRefused(problems, `${path}.${property}`)) continue;
    problems.push({ path, message: `a ${kind.one} must have ${property}: add it` });
  }
  return { ...where, values };
}

const isRefused = (problems: readonly Problem[], path: string): boolean => problems.some((problem) => problem.path.startsWith(path));

/** The valid values, by the property's whole name. */
function flatten(kind: Kind, object: Record<string, unknown>, path: string, prefix: string, problems: Problem[]): Record<string, unknown> {
  const names = Object.keys(kind.properties);
  const known = [
    ...new Set(names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length).split(".")[0] as string)),
  ];
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const [name, where] = [prefix + key, `${path}.${key}`];
    const property = Object.hasOwn(kind.properties, name) ? kind.properties[name] : undefined;
    if (!known.includes(key)) {
      problems.push({ path: where, message: unknown(key, known, `a property of a ${kind.one}`) });
    } else if (property === undefined) {
      if (isObject(value)) Object.assign(values, flatten(kind, value, where, `${name}.`, problems));
      else problems.push({ path: where, message: `must be an object, but is ${received(value)}` });
    } else {
      const message = problemOf(property, value);
      if (message !== undefined) problems.push({ path: where, message });
      else values[name] = value;
    }
  }
  return values;
}

function problemOf({ type, values }: Property, value: unknown): string | undefined {
  const { must, accepts } = TYPES[type];
  if (!accepts(value)) {
    const advice = typeof value === "number" && must === TYPES.text.must ? ": put it in quotes" : "";
    const isMissing = value === null ? ": leave the property out, or give it a value" : advice;
    return `must be ${must}, but is ${received(value)}${isMissing}`;
  }
  const words = type === "texts" ? (value as string[]) : [value as string];
  const wrong = values && words.find((one) => !values.includes(one));
  if (wrong === undefined) return undefined;
  const near = nearest(wrong, values ?? []);
  const advice = near === undefined ? "" : `: did you mean ${near}?`;
  return `must be ${type === "texts" ? "a list of some" : "one"} of ${values?.join(", ")}, but is ${received(value)}${advice}`;
}

/** A reference must name an object of the file. */
function checkReferences({ kind, values, path }: Declared, declared: readonly Declared[], problems: Problem[]): void {
  const named = (section: string) => declared.filter((one) => one.section === section).map(({ name }) => name);
  const check = (property: string, section: string, name: string) => {
    const names = named(section);
    if (names.includes(name)) return;
    const near = nearest(name, names);
    const advice = near === undefined ? `add it to ${section}, or use one of its names` : `did you mean ${near}?`;
    problems.push({
      path: `${path}.${property}`,
      message: `must be a name in ${section} (${names.join(", ") || "which has none"}), but is ${received(name)}: ${advice}`,
    });
  };
  for (const [property, { type, to }] of Object.entries(kind.properties)) {
    const value = values[property];
    if (typeof value !== "string") continue;
    if (to !== undefined) check(property, to, value);
    const number = type === "address" ? numberIn(value) : undefined;
    if (number !== undefined) check(property, "numbers", number);
  }
}

/** The name of a number in an address: `support`, `whatsapp:support`. Undefined for an address of its own. */
export function numberIn(address: string): string | undefined {
  const name = address.replace(/^whatsapp:/, "");
  return /^[A-Za-z]/.test(name) && !/[@:]/.test(name) ? name : undefined;
}
