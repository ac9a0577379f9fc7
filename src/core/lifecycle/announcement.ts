import { operation } from "../process/operation";
import { UsageError } from "../twilio/errors";
import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { Lookup } from "./lists";
import type { Note } from "./note";
import type { Objects } from "./objects";
import { renameAdvice, takenOver } from "./ownership";
import { noteKeyOf } from "./pending-create";
import { get, type Props, partialKey, same } from "./props";

/** Says in a preview what a create will find in the place of its object, and refuses it where another resource has that. */
export function announcement(definition: Definition, { label, idOf }: Objects, lookup: Lookup, run: RunRegistry) {
  return async (inputs: Props, context: Context): Promise<void> => {
    const isReplacement = run.replacedBy(inputs) !== undefined;
    if (definition.singleton || inputs.adopt !== undefined || isReplacement) return;
    const key = noteKeyOf(definition, inputs, context.urn);
    const note = key === undefined ? undefined : context.notes.read<Note>(key);
    if (!lookup.canTellByKey(inputs) && !(note && lookup.canTellByNote(inputs))) return;
    const { whose, body } = await operation(() => lookup.findOwn(inputs, context, note));
    if (whose === "adopted") context.log("warn", takenOver(label, String(body?.sid), whose, definition));
    if (whose === "ours") context.log("info", `${label} ${body?.sid}, which an interrupted run created, is used; nothing is created.`);
    // A conversation gets another default name then.
    if (whose !== "another's" || !body || definition.another) return;
    const id = idOf(inputs, body);
    if (run.isReplaced(id)) return;
    throw new UsageError(`Cannot create ${label}: ${body.sid} has its place. ${renameAdvice(context.holderOf(id))}`);
  };
}

/** A change as the engine compares it, and what it leads to. */
interface Update {
  readonly changed: readonly string[];
  readonly olds: Props;
  readonly declared: Props;
  readonly news: Props;
}

/** Says in the preview what an update sends although the program's own properties, which are all that the engine shows, stay the same. */
export function announceHidden(object: string, { changed, olds, declared, news }: Update, { log }: Pick<Context, "log">): void {
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
