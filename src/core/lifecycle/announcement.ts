import { operation } from "../process/operation";
import { UsageError } from "../twilio/errors";
import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { Lookup } from "./lists";
import type { Note } from "./note";
import type { Objects } from "./objects";
import { renameAdvice, takenOver } from "./ownership";
import { deletePolicy, whyRetained } from "./parents";
import { noteKeyOf } from "./pending-create";
import { get, type Props, partialKey, same, topLevel } from "./props";

/**
 * Says in a preview what a create will find in the place of its object, and refuses it where another resource has that. Of an existing resource,
 * says which changes do nothing: the engine shows it as unchanged.
 */
export function announcement(definition: Definition, { label, idOf }: Objects, lookup: Lookup, run: RunRegistry) {
  return async (before: Props, inputs: Props, context: Context): Promise<void> => {
    if (Object.keys(before).length > 0) return announceIdle(definition, before, inputs, context);
    const isReplacement = run.replacedBy(inputs) !== undefined;
    if (definition.singleton || inputs.adopt !== undefined || isReplacement) return;
    const key = noteKeyOf(definition, inputs, context.urn);
    const note = key === undefined ? undefined : context.notes.read<Note>(key);
    if (!lookup.canTellByKey(inputs) && !(note && lookup.canTellByNote(inputs))) return;
    const { whose, body } = await operation(() => lookup.findOwn(inputs, context, note));
    if (whose === "adopted") context.log("warn", takenOver(label, String(body?.sid), whose, definition));
    if (whose === "ours") context.log("info", `${label} ${body?.sid}, which an interrupted run created, is used; nothing is created.`);
    if (whose !== "another's" || !body) return;
    const id = idOf(inputs, body);
    if (run.isReplaced(id)) return;
    // A conversation gets another default name then.
    if ((await definition.another?.(inputs, [inputs], context)) !== undefined) return;
    throw new UsageError(`Cannot create ${label}: ${body.sid} has its place. ${renameAdvice(context.holderOf(id))}`);
  };
}

/** Properties that matter at creation only, and have another value than before. */
function announceIdle(definition: Definition, before: Props, inputs: Props, { log }: Context): void {
  const names = Object.keys(definition.fields).filter((property) => definition.fields[property]?.local === "create");
  const changed = [...new Set(names.map(topLevel))].filter((name) => inputs[name] !== undefined && !same(before[name], inputs[name]));
  const when = definition.purchase ? "purchase" : "creation";
  for (const name of changed) {
    // To declare `adopt` for an object that was found means more.
    if (name === "adopt" && before.adopt === undefined) continue;
    log("info", `${name} matters at ${when} only; its change does nothing.`);
  }
}

/** A change as the engine compares it, and what it leads to. */
interface Update {
  readonly id: string;
  readonly replaces: readonly string[];
  readonly changed: readonly string[];
  readonly olds: Props;
  readonly declared: Props;
  readonly news: Props;
}

/** Says in the preview what a change keeps and does although the engine does not show it. */
export async function announceChange(definition: Definition, { label }: Objects, update: Update, context: Context): Promise<void> {
  announceHidden(`${label} ${update.id}`, update, context);
  const { id, olds, replaces } = update;
  if (replaces.length === 0 || deletePolicy(definition, olds) !== "retain") return;
  // The price is worth less than the preview.
  const cost = await operation(async () => definition.purchase?.monthlyCost(olds, context)).catch(() => undefined);
  const paid =
    definition.purchase === undefined ? "" : cost === undefined ? " The account goes on paying for it." : ` It still costs ${cost}.`;
  context.log("warn", `${label} ${olds.phoneNumber ?? id} stays at Twilio after its replacement: ${whyRetained(olds)}.${paid}`);
}

/** Says in the preview what an update sends although the program's own properties, which are all that the engine shows, stay the same. */
function announceHidden(object: string, { changed, olds, declared, news }: Update, { log }: Pick<Context, "log">): void {
  for (const property of changed) {
    const value = get(news, property);
    if (value === undefined) continue;
    if (get(declared, property) === undefined)
      log("info", `${object}: ${property} changes to ${JSON.stringify(value)}, after the resource's name and stack.`);
    else if (same(get(olds, property), value))
      log("info", `${object}: ${property} is set again, because an interrupted destroy changed it.`);
    else if (olds[partialKey] !== undefined) log("info", `${object}: ${property} is set, because the create failed before that.`);
  }
}
