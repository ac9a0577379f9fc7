import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import type { Context, Definition, Field } from "./definition";
import type { RunRegistry } from "./identity";
import { noteNotWritten } from "./note";
import type { Objects, ResourceState } from "./objects";
import { declaredParents } from "./parents";
import { get, type Props, set } from "./props";
import { changedForm, differences, formerKey, formKey, liveValue } from "./wire";

/** An object that always exists: its first declaration records what it finds, and its end restores that. */
export interface Singleton {
  /** Records the values that are there, then sets what the program declares. */
  begin(inputs: Props, context: Context): Promise<ResourceState>;
  /** The inputs of an update, where what the program no longer declares returns to its former value. */
  withFormer(olds: Props, news: Props, context: Context): Props;
  /** Restores the former values of what the program declared, and says so. */
  restore(id: string, olds: Props, context: Context): Promise<void>;
}

export function singleton(definition: Definition, { label, send, outputsOf, converge, partial }: Objects, run: RunRegistry): Singleton {
  const sent = Object.entries(definition.fields).filter(([property, field]) => formKey(property, field) !== false);

  /** Every value that Twilio returns, by property. */
  const valuesOf = (body: Body): Props =>
    Object.fromEntries(sent.map(([property]) => [property, liveValue(definition, property, body) ?? null]));

  async function begin(inputs: Props, context: Context): Promise<ResourceState> {
    const id = declaredParents(definition, inputs).join("/") || context.twilio.accountSid;
    if (typeof inputs.adopt === "string" && inputs.adopt !== id) {
      throw new UsageError(`Cannot adopt ${label} ${JSON.stringify(inputs.adopt)}: its id is ${JSON.stringify(id)}.`, "adopt");
    }
    const body = await send(context, "read", id);
    if (!body) throw absent(definition, label, id, context);
    // If the run ends before the state is saved, the next run finds our own values at Twilio and the former ones in this note.
    const key = formerNoteKey(definition, id);
    const former = { [formerKey]: context.notes.read<Props>(key) ?? valuesOf(body) };
    if (!context.notes.write(key, former[formerKey])) {
      throw noteNotWritten(`Cannot manage ${label}`, "the note that keeps the former values of an interrupted run");
    }
    run.recordCreated(id);
    const found = await outputsOf(inputs, body, context);
    try {
      const changed = await converge(id, unread(definition, found), compared(definition, inputs, found, context), context, body);
      return { id, outputs: { ...(changed ? await outputsOf(inputs, changed, context) : found), ...former } };
    } catch (error) {
      throw partial({ id, outputs: { ...found, ...former } }, inputs, error as Error);
    }
  }

  function withFormer(olds: Props, news: Props, context: Context): Props {
    const former = olds[formerKey] as Props | undefined;
    const result = structuredClone(news);
    // A state without former values leaves what is no longer declared as it is.
    for (const [property] of sent) {
      if (former === undefined) {
        if (get(news, property) === undefined) set(result, property, get(olds, property));
        continue;
      }
      if (get(olds, property) !== undefined && get(news, property) === undefined) set(result, property, former[property] ?? undefined);
    }
    return compared(definition, result, olds, context);
  }

  async function restore(id: string, olds: Props, context: Context): Promise<void> {
    const former = olds[formerKey] as Props | undefined;
    if (former === undefined) {
      context.log("info", `${label} ${id} cannot be deleted and keeps its values: the state does not have the former ones.`);
      return;
    }
    const declared = sent.map(([property]) => property).filter((property) => get(olds, property) !== undefined);
    const body = await send(context, "read", id);
    if (!body) return;
    const before: Props = {};
    for (const property of declared) set(before, property, former[property] ?? undefined);
    const live: Props = {};
    for (const property of declared) set(live, property, liveValue(definition, property, body));
    const wanted = compared(definition, before, live, context);
    const changed = differences(definition, live, wanted).filter((property) => declared.includes(property));
    const form = changedForm(definition, changed, live, wanted, body);
    if (Object.keys(form).length > 0) await send(context, "update", id, form);
    const words = declared.map(
      (property) => `${property} ${restored(definition.fields[property] as Field, get(wanted, property), get(live, property))}`,
    );
    context.log("info", `${label} ${id} cannot be deleted; it has its former values again: ${words.join(", ") || "nothing was declared"}.`);
  }

  return { begin, withFormer, restore };
}

/** Without what a response cannot contain: there, only the program's value is known. */
const unread = ({ fields }: Definition, outputs: Props): Props =>
  Object.fromEntries(Object.entries(outputs).filter(([property]) => fields[property]?.from !== false));

/** The program's properties as they are compared with what Twilio has. */
const compared = (definition: Definition, wanted: Props, live: Props, context: Context): Props =>
  definition.normalizeInputs?.(wanted, live, context) ?? wanted;

/** What a property has again, in words. */
function restored({ from, computed, cleared }: Field, former: unknown, live: unknown): string {
  if (from === false && computed) return "(as declared)";
  if (former !== undefined) return JSON.stringify(former);
  return computed && cleared === undefined && live !== undefined
    ? `(not set before; Twilio cannot clear ${JSON.stringify(live)})`
    : "(not set)";
}

function absent({ facts }: Definition, label: string, id: string, { twilio }: Context): UsageError {
  const what = `Cannot manage ${label}: account ${twilio.accountSid} has no ${label} ${JSON.stringify(id)}`;
  return new UsageError(facts?.absent === undefined ? `${what}.` : `${what}: ${facts.absent}.`);
}

/** The note of the values that an object had before its first declaration; it is removed once the state has them. */
export const formerNoteKey = ({ type }: Pick<Definition, "type">, id: string): string => `former values of ${type} ${id}`;
