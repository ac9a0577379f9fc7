import type { Body, Definition, Field, Props } from "./definition";
import { parseDuration } from "./formats";
import { get, isUnknown, parentProperty, same, set, topLevel } from "./props";

/** Where outputs name the computed properties that the program itself declares; `read` gets no inputs and must know. */
const declaredKey = "__declared";

/** Properties that travel with a resource and are no business of Twilio's. */
export const isHidden = (property: string): boolean => property.startsWith("__");

const pascal = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const snake = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The form key of a property, or `false` when it is never sent. */
export function formKey(property: string, field: Field): string | false {
  if (field.local || field.parent) return false;
  return field.wire ?? property.split(".").map(pascal).join(".");
}

/** A value as a form carries it. */
function toForm(value: unknown, field: Field): string | string[] {
  if (value === undefined || value === null) return field.cleared ?? (field.type === "json" ? "{}" : "");
  if (field.type === "json") return JSON.stringify(value);
  return Array.isArray(value) ? value.map(String) : String(value);
}

/** A property's value in an answer; `undefined` when Twilio has none (it says null, an empty text or nothing). */
export function fromBody(property: string, field: Field, body: Body): unknown {
  if (field.from === false || field.local || field.parent) return undefined;
  const raw = typeof field.from === "function" ? field.from(body) : get(body, field.from ?? snake(property));
  if (raw === undefined || raw === null || raw === "") return undefined;
  if (field.type === "json") return object(typeof raw === "string" ? JSON.parse(raw) : raw);
  if (field.type === "boolean") return raw === true || raw === "true";
  if (field.type === "integer") return Number(raw);
  return raw;
}

/** Attributes may hold any JSON; what is no object has no keys to share, and is written over. */
const object = (value: unknown): unknown => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

/** Whether two values of a property mean the same at Twilio, where an empty text is none. */
function equal(field: Field, a: unknown, b: unknown): boolean {
  if (same(a === "" ? undefined : a, b === "" ? undefined : b)) return true;
  if (field.type !== "duration") return false;
  const [left, right] = [parseDuration(a), parseDuration(b)];
  return left !== undefined && left === right;
}

/** Of what Twilio holds, the part that the program declares: the application's own keys beside them are none of ours. */
function ownedKeys(declared: unknown, live: unknown): Props {
  const found = (live ?? {}) as Props;
  return Object.fromEntries(
    Object.keys((declared ?? {}) as Props)
      .filter((key) => key in found)
      .map((key) => [key, found[key]]),
  );
}

/** The resource's outputs: what the program declares, as Twilio holds it now, and what Twilio adds. */
export function toOutputs(definition: Definition, inputs: Props, body: Body, accountSid: string): Props {
  const outputs: Props = {};
  for (const [property, field] of Object.entries(definition.fields)) {
    const wanted = get(inputs, property);
    const live = fromBody(property, field, body);
    if (wanted === undefined) {
      if (field.computed) set(outputs, property, live);
    } else if (field.local || field.parent || field.from === false) {
      set(outputs, property, wanted);
    } else if (field.type === "json") {
      set(outputs, property, ownedKeys(wanted, live));
    } else {
      set(outputs, property, equal(field, wanted, live) ? wanted : live);
    }
  }
  for (const [output, from] of Object.entries(definition.outputs)) set(outputs, output, get(body, from) ?? undefined);
  for (const property of Object.keys(inputs).filter(isHidden)) outputs[property] = inputs[property];
  return plain({ ...outputs, sid: body.sid, accountSid: body.account_sid ?? accountSid, ...declaration(definition, inputs) });
}

/** The outputs after a change that Twilio is not told of. */
export function toOutputsUnsent(definition: Definition, olds: Props, news: Props): Props {
  const outputs: Props = { ...olds };
  for (const [property, field] of Object.entries(definition.fields)) {
    if (!field.computed && get(news, property) === undefined) delete outputs[topLevel(property)];
  }
  delete outputs[declaredKey];
  return plain({ ...outputs, ...news, ...declaration(definition, news) });
}

/** For the program's own `get`: all that Twilio tells, since nothing is declared. */
export function toOutputsOfGet(definition: Definition, id: string, body: Body, accountSid: string): Props {
  const fields = Object.entries(definition.fields).map(([property, field]) => [property, { ...field, computed: true as const }]);
  const parent = parentProperty(definition);
  const parents = id.slice(0, Math.max(0, id.lastIndexOf("/")));
  return {
    ...toOutputs({ ...definition, fields: Object.fromEntries(fields) }, {}, body, accountSid),
    ...(parent && parents ? { [parent]: parents } : {}),
  };
}

function declaration(definition: Definition, inputs: Props): Props {
  const declared = Object.keys(definition.fields).filter(
    (property) => definition.fields[property]?.computed && get(inputs, property) !== undefined,
  );
  return declared.length > 0 ? { [declaredKey]: declared } : {};
}

/** From outputs back to the inputs that the program declares, so that drift shows as a changed input. */
export function toInputs(definition: Definition, outputs: Props): Props {
  const inputs: Props = {};
  for (const [property, field] of Object.entries(definition.fields)) {
    if (!field.computed || isDeclared(outputs, property)) set(inputs, property, get(outputs, property));
  }
  for (const property of Object.keys(outputs).filter((key) => isHidden(key) && key !== declaredKey)) inputs[property] = outputs[property];
  return plain(inputs);
}

/** Whether the program that made these outputs declared a computed property itself. */
export function isDeclared(outputs: Props, property: string): boolean {
  return ((outputs[declaredKey] ?? []) as string[]).includes(property);
}

/** The properties whose declared value differs from what Twilio is known to hold. */
export function differences(definition: Definition, olds: Props, news: Props): string[] {
  return Object.keys(definition.fields).filter((property) => {
    const field = definition.fields[property] as Field;
    if (field.local === "create") return false;
    const [before, after] = [get(olds, property), get(news, property)];
    if (isUnknown(after)) return true;
    if (after === undefined) return before !== undefined && (!field.computed || isDeclared(olds, property));
    return !equal(field, before, after);
  });
}

/** The form fields that bring Twilio from `olds` to `news`; JSON is merged into what is there now. */
export function changedForm(definition: Definition, changed: readonly string[], olds: Props, news: Props, live: Body | undefined) {
  const form: Record<string, string | string[]> = {};
  for (const property of changed) {
    const field = definition.fields[property] as Field;
    const key = formKey(property, field);
    if (key === false || field.createOnly) continue;
    const wanted = get(news, property);
    // What Twilio chooses has no empty value: no longer declared, it is left to Twilio as it is.
    if (wanted === undefined && field.computed && field.cleared === undefined) continue;
    form[key] = toForm(field.type === "json" ? merged(property, field, olds, wanted, live) : wanted, field);
  }
  return form;
}

/** What the application wrote stays, what the program no longer declares goes, what it declares is set. */
function merged(property: string, field: Field, olds: Props, wanted: unknown, live: Body | undefined): Props {
  const kept = { ...((live && fromBody(property, field, live)) as Props | undefined) };
  for (const key of Object.keys((get(olds, property) ?? {}) as Props)) delete kept[key];
  return { ...kept, ...((wanted ?? {}) as Props) };
}

/** The form of a create: everything declared. */
export function createForm(definition: Definition, inputs: Props): Record<string, string | string[]> {
  const form: Record<string, string | string[]> = {};
  for (const [property, field] of Object.entries(definition.fields)) {
    const value = get(inputs, property);
    const key = formKey(property, field);
    if (key !== false && value !== undefined && !isUnknown(value)) form[key] = toForm(value, field);
  }
  return { ...form, ...definition.extra?.(inputs) };
}

/** The names that Pulumi knows the changed properties by. */
export const topLevels = (properties: readonly string[]): string[] => [...new Set(properties.map(topLevel))];

/**
 * Nothing but JSON: an `undefined`, a date or a function in a result makes the engine drop it after the object was created, which orphans the
 * object.
 */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
