/** The parameters that create and update an object of a data file. */
import { type Declared, numberIn } from "./document";
import type { Kind } from "./kinds";
import type { Property } from "./property";
import type { Body, Form } from "./rest";
import type { DataRow } from "./row";

/** Finds an object that exists already. Throws if its creation failed. */
export type Lookup = (section: string, name: string) => DataRow;

/** Whether an object waits for another one that failed. That one has its own error. */
export class Waiting extends Error {}

/** All parameters of an object, with SIDs instead of names. */
export function formOf({ kind, values }: Declared, lookup: Lookup): Form {
  const entries = Object.entries(kind.properties).flatMap(([name, property]): [string, readonly string[]][] => {
    const value = values[name];
    if (value === undefined || property.parameter === null) return [];
    return [[property.parameter, sent(property, value, lookup)]];
  });
  return Object.fromEntries(entries);
}

function sent({ type, to }: Property, value: unknown, lookup: Lookup): readonly string[] {
  // An empty list is one empty value.
  if (type === "texts") return (value as string[]).length === 0 ? [""] : (value as string[]);
  if (typeof value === "object") return [JSON.stringify(value)];
  const text = String(value);
  if (to !== undefined) return [lookup(to, text).objectSid ?? ""];
  const number = type === "address" ? numberIn(text) : undefined;
  if (number === undefined) return [text];
  return [text.slice(0, -number.length) + lookup("numbers", number).phoneNumber];
}

/** The properties by their parameter. */
const byParameter = ({ properties }: Kind): Record<string, Property> =>
  Object.fromEntries(
    Object.values(properties).flatMap((property) => (property.parameter === null ? [] : [[property.parameter, property]])),
  );

/** The form without the parameters that are sent when all objects exist, and those alone. */
export function split(kind: Kind, form: Form): { now: Form; last: Form } {
  const properties = byParameter(kind);
  const part = (isLast: boolean) =>
    Object.fromEntries(Object.entries(form).filter(([name]) => (properties[name]?.isLast ?? false) === isLast));
  return { now: part(false), last: part(true) };
}

/** What to send so that an object that was created with one form has another one. Undefined if only a new object can have it. */
export function changesOf(kind: Kind, before: Form, after: Form): Form | undefined {
  const properties = byParameter(kind);
  const changes: Record<string, readonly string[]> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    const { isFixed, cleared } = properties[name] ?? {};
    const value = after[name] ?? (cleared === undefined ? undefined : [cleared]);
    if (isFixed || value === undefined) return undefined;
    changes[name] = value;
  }
  return changes;
}

/** The parameters that an update accepts. */
export function updatable(kind: Kind, form: Form): Form {
  const properties = byParameter(kind);
  return Object.fromEntries(Object.entries(form).filter(([name]) => !properties[name]?.isFixed));
}

/** The form that gives a singleton the values of a body. */
export function restoring(form: Form, body: Body): Form {
  const entries = Object.keys(form).flatMap((name): [string, string[]][] => {
    const value = body[name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()] ?? null;
    if (Array.isArray(value)) return [[name, value.length === 0 ? [""] : value.map(String)]];
    // Twilio refuses to remove a method or an object.
    if (value === null) return name === "Method" || name.endsWith("Sid") ? [] : [[name, [""]]];
    return [[name, [String(value)]]];
  });
  return Object.fromEntries(entries);
}
