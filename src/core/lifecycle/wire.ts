import type { Body, Form } from "../twilio/twilio";
import { correctionsKey, withLatestCorrections } from "./corrected";
import type { Definition, Field } from "./definition";
import { parseDuration } from "./formats";
import { copyEmptyGroup, declaredGroup, groupOf, groupWord, hasOtherGroup, isOfOtherGroup, liveGroup } from "./groups";
import { identityKey } from "./identity";
import { bodyName, formName } from "./names";
import { declaredParents, parentsNamed } from "./parents";
import { foundKey, get, isHidden, isUnknown, lastSid, type Props, parentIdOf, partialKey, plain, same, set, topLevel } from "./props";
import { unsealed } from "./sealed";
import { secretsKey } from "./secrets";

/** Where outputs name the computed properties that the program itself declares; `read` gets no inputs and must know. */
const declaredKey = "__declared";
/** Where the outputs of a singleton keep the values that were found at first. */
export const formerKey = "__former";
/** Hidden properties that are not inputs of the program. */
const outputsOnly = [declaredKey, formerKey, foundKey, partialKey, correctionsKey];

/** What outputs say of the object itself, whatever the program declares. */
export const carriedOver = (olds: Props): Props =>
  Object.fromEntries([formerKey, foundKey, partialKey].filter((key) => olds[key] !== undefined).map((key) => [key, olds[key]]));

/** The form key of a property, or `false` when it is never sent. */
export function formKey(property: string, field: Field): string | false {
  if (field.local || field.parent || field.type === "empty") return false;
  return field.wire ?? formName(property);
}

/** A value as a form carries it. */
function toForm(value: unknown, field: Field): string | string[] {
  if (value === undefined || value === null) return field.cleared ?? (field.type === "json" ? "{}" : "");
  if (field.type === "json") return JSON.stringify(value);
  if (typeof field.type === "object") return field.type.toForm(value);
  if (field.type === "secret") return unsealed(String(value));
  return Array.isArray(value) ? value.map(String) : String(value);
}

/** A property's value in a response; `undefined` when Twilio has none (null, an empty string, an empty list or nothing). */
export function fromBody(property: string, field: Field, body: Body): unknown {
  if (field.from === false || field.local || field.parent || field.sentOnCreate) return undefined;
  // Whether there is one depends on the group alone.
  if (field.type === "empty") return {};
  const raw = typeof field.from === "function" ? field.from(body) : get(body, field.from ?? bodyName(property));
  if (raw === undefined || raw === null || raw === "" || (Array.isArray(raw) && raw.length === 0)) return undefined;
  if (field.type === "json") return object(typeof raw === "string" ? JSON.parse(raw) : raw);
  if (field.type === "boolean") return raw === true || raw === "true";
  if (field.type === "integer") return Number(raw);
  return field.type === "keyword" ? spelled(field, String(raw)) : raw;
}

/** A keyword as the program would spell it. */
const spelled = ({ format }: Field, word: string): string =>
  [word, word.toUpperCase(), word.toLowerCase()].find((spelling) => format?.(spelling) === undefined) ?? word;

/** The same, where a property of a group has a value only if that group is the one in use. */
export function liveValue(definition: Definition, property: string, body: Body): unknown {
  if (isOfOtherGroup(definition, property, liveGroup(definition, body))) return undefined;
  return fromBody(property, definition.fields[property] as Field, body);
}

/** Attributes may hold any JSON; anything but an object has no keys to share, and is overwritten. */
const object = (value: unknown): unknown => (isRecord(value) ? value : {});

const isNone = (value: unknown) => value === "" || (Array.isArray(value) && value.length === 0);

/** Whether two values of a property mean the same at Twilio, where an empty string or list is no value. */
export function equal({ type }: Field, a: unknown, b: unknown): boolean {
  if (same(isNone(a) ? undefined : a, isNone(b) ? undefined : b)) return true;
  if (typeof type === "object") return type.equal(a, b);
  if (type === "keyword") return String(a).toLowerCase() === String(b).toLowerCase();
  if (type === "set" && Array.isArray(a) && Array.isArray(b)) return same([...a].sort(), [...b].sort());
  if (type !== "duration") return false;
  const [left, right] = [parseDuration(a), parseDuration(b)];
  return left !== undefined && left === right;
}

/** Of what Twilio holds, the keys that the program declares: the application's own keys beside them are not managed. */
function declaredKeys(declared: unknown, live: unknown): Props {
  const found = (live ?? {}) as Props;
  return Object.fromEntries(
    Object.keys((declared ?? {}) as Props)
      .filter((key) => key in found)
      .map((key) => [key, found[key]]),
  );
}

/** The outputs with the secrets that a response did not contain. */
export function withKnownSecrets({ secretOutputs = [] }: Definition, outputs: Props, olds: Props): Props {
  const kept = secretOutputs.filter((output) => outputs[output] === undefined && olds[output] !== undefined);
  return { ...outputs, ...Object.fromEntries(kept.map((output) => [output, olds[output]])) };
}

/** The resource's outputs: what the program declares, as Twilio holds it now, and what Twilio adds. */
export function toOutputs(definition: Definition, inputs: Props, body: Body, accountSid: string): Props {
  const outputs: Props = {};
  for (const [property, field] of Object.entries(definition.fields)) {
    const wanted = get(inputs, property);
    const live = liveValue(definition, property, body);
    if (wanted === undefined) {
      if (field.computed) set(outputs, property, live);
    } else if (field.local || field.parent || field.sentOnCreate || field.from === false) {
      // What Twilio does not return is lost where somebody chose another alternative.
      if (!hasOtherGroup(definition, groupOf(definition, property), body)) set(outputs, property, wanted);
    } else if (field.type === "json") {
      set(outputs, property, declaredKeys(wanted, live));
    } else {
      set(outputs, property, equal(field, wanted, live) ? wanted : live);
    }
  }
  if (!hasOtherGroup(definition, declaredGroup(definition, inputs), body)) copyEmptyGroup(definition, inputs, outputs);
  for (const [output, from] of Object.entries(definition.outputs)) {
    if (typeof from === "string") set(outputs, output, get(body, from) ?? undefined);
  }
  const account = body.account_sid ?? accountSid;
  return plain({
    ...outputs,
    ...hiddenOf(inputs),
    sid: definition.singleton ? (declaredParents(definition, inputs).at(-1) ?? account) : body.sid,
    accountSid: account,
    ...declaration(definition, inputs),
  });
}

/** Hidden inputs that the outputs repeat, since `delete` gets nothing else. The identity is not among them: nothing there needs it. */
function hiddenOf(inputs: Props): Props {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => isHidden(key) && key !== identityKey));
}

/** The outputs after a change that sends nothing to Twilio. */
export function toOutputsUnsent(definition: Definition, olds: Props, news: Props): Props {
  const outputs: Props = { ...olds };
  for (const [property, field] of Object.entries(definition.fields)) {
    if (!field.computed && get(news, property) === undefined) delete outputs[topLevel(property)];
  }
  delete outputs[declaredKey];
  delete outputs[secretsKey];
  const { [identityKey]: _identity, ...shown } = news;
  const result: Props = plain({ ...outputs, ...shown, ...declaration(definition, news) });
  // What Twilio chose inside a group stays beside what the program declares of that group.
  for (const [property, field] of Object.entries(definition.fields)) {
    if (field.computed && get(news, property) === undefined && get(news, topLevel(property)) !== undefined)
      set(result, property, get(olds, property));
  }
  return result;
}

/** For the program's own `get`: everything that Twilio returns, since nothing is declared. */
export function toOutputsOfGet(definition: Definition, id: string, body: Body, accountSid: string): Props {
  const fields = Object.entries(definition.fields).map(([property, field]) => [property, { ...field, computed: true as const }]);
  const parents = definition.singleton ? id : parentIdOf(id);
  return {
    ...toOutputs({ ...definition, fields: Object.fromEntries(fields) }, {}, body, accountSid),
    sid: lastSid(id),
    ...parentsNamed(definition, parents.split("/").filter(Boolean)),
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
  copyEmptyGroup(definition, outputs, inputs);
  for (const key of Object.keys(outputs)) if (isHidden(key) && !outputsOnly.includes(key)) inputs[key] = outputs[key];
  return plain(inputs);
}

/** Whether the program that led to these outputs declared a computed property itself. */
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

/** Whether the program declares another alternative than before. */
const isSwitched = (definition: Definition, olds: Props, news: Props): boolean =>
  declaredGroup(definition, olds) !== declaredGroup(definition, news);

/** Of the changed properties, those for which the object must be replaced. */
export function replacements(definition: Definition, changed: readonly string[], olds: Props, news: Props): string[] {
  const isReplaced = isSwitched(definition, olds, news) && !definition.groups?.switchable;
  return changed.filter((property) => {
    const field = definition.fields[property] as Field;
    if (isReplaced && groupOf(definition, property) !== undefined) return true;
    const [before, after] = [get(olds, property), get(news, property)];
    if (field.createOnly === "presence") return (before === undefined) !== (after === undefined);
    return field.parent || ((field.createOnly || field.local === "replace") && !isUnknown(after));
  });
}

/** The form fields that bring Twilio from `olds` to `news`; JSON is merged into what is there now. */
export function changedForm(definition: Definition, changed: readonly string[], olds: Props, news: Props, live: Body | undefined): Form {
  const group = declaredGroup(definition, news);
  const form: Form = isSwitched(definition, olds, news) ? groupForm(definition, news) : {};
  for (const property of changed) {
    const field = definition.fields[property] as Field;
    const key = formKey(property, field);
    if (key === false || field.createOnly === true || field.sentOnCreate) continue;
    // What a former alternative had means nothing in the new one.
    if (group !== undefined && isOfOtherGroup(definition, property, groupWord(group))) continue;
    const wanted = get(news, property);
    // What Twilio chooses has no empty value: no longer declared, it is left to Twilio as it is.
    if (wanted === undefined && field.computed && field.cleared === undefined) continue;
    form[key] = toForm(field.type === "json" ? merged(definition, property, olds, wanted, live) : wanted, field);
  }
  return form;
}

/** The chosen alternative as a whole: what the program leaves out of it may have another value from before. */
function groupForm(definition: Definition, news: Props): Form {
  const group = declaredGroup(definition, news);
  if (group === undefined) return {};
  const form = choiceForm(definition, news);
  for (const [property, field] of Object.entries(definition.fields)) {
    const key = formKey(property, field);
    const value = get(news, property) ?? field.cleared;
    if (key !== false && value !== undefined && groupOf(definition, property) === group) form[key] = toForm(value, field);
  }
  return form;
}

/** Which alternative a program declares, where Twilio's form asks for it. */
function choiceForm(definition: Definition, props: Props): Form {
  const group = declaredGroup(definition, props);
  const by = definition.groups?.by;
  return by === undefined || group === undefined ? {} : { [formName(by)]: groupWord(group) };
}

/** What Twilio holds, with the program's changes: removes what it no longer declares, sets what it declares anew. */
function merged(definition: Definition, property: string, olds: Props, wanted: unknown, live: Body | undefined): Props {
  const held = (live && liveValue(definition, property, live)) ?? {};
  return overlay(held, get(olds, property) ?? {}, wanted ?? {}) as Props;
}

type Values = Map<string, unknown>;

/** What the program did not change stays as the application left it, at every depth. */
function overlay(live: unknown, before: unknown, after: unknown): unknown {
  if (same(before, after)) return live;
  if (!isRecord(live) || !isRecord(before) || !isRecord(after)) return after;
  // The names are the application's own: `toString` and `__proto__` may be among them.
  const [result, former, next] = [live, before, after].map((record) => new Map(Object.entries(record))) as [Values, Values, Values];
  for (const key of former.keys()) if (!next.has(key)) result.delete(key);
  for (const [key, value] of next) {
    const isKnown = former.has(key);
    if (isKnown && same(former.get(key), value)) continue;
    result.set(key, isKnown ? overlay(result.get(key), former.get(key), value) : value);
  }
  return Object.fromEntries(result);
}

const isRecord = (value: unknown): value is Props => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The outputs after an update. A property that was not sent keeps its value: what the application wrote meanwhile would look like the
 * program's change in the next update, which would then overwrite it without showing it.
 */
export function toOutputsSent(definition: Definition, sent: Props, olds: Props, news: Props): Props {
  const outputs = withLatestCorrections(definition, structuredClone(sent), { olds, news, changed: differences(definition, olds, news) });
  for (const [property, field] of Object.entries(definition.fields)) {
    const wanted = get(news, property);
    if (wanted === undefined) continue;
    if (equal(field, get(olds, property), wanted)) set(outputs, property, get(olds, property));
    else if (field.type === "json") set(outputs, property, wanted);
  }
  return outputs;
}

/** The form of a create: everything declared. */
export function createForm(definition: Definition, inputs: Props): Form {
  const form: Form = {};
  for (const [property, field] of Object.entries(definition.fields)) {
    const value = get(inputs, property);
    const key = formKey(property, field);
    if (key !== false && value !== undefined && !isUnknown(value)) form[key] = toForm(value, field);
  }
  return { ...form, ...choiceForm(definition, inputs) };
}
