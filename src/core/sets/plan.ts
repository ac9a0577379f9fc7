import type { ResourceLifecycle } from "../lifecycle/lifecycle";
import type { ResourceState } from "../lifecycle/objects";
import type { ChangedValue } from "../lifecycle/operations";
import { parentProperty } from "../lifecycle/parents";
import { isUnknown, type Props, parentIdOf, topLevel } from "../lifecycle/props";
import type { Former } from "./formers";
import { type SetRun, secretsOfItem } from "./set-inputs";

/** What is to be done about one item. */
export type Action =
  | { readonly kind: "create"; readonly key: string; readonly news: Props }
  | { readonly kind: "take over"; readonly key: string; readonly news: Props; readonly former: Former }
  | {
      readonly kind: "update";
      readonly key: string;
      readonly news: Props;
      readonly old: ResourceState;
      readonly values: readonly ChangedValue[];
    }
  | {
      readonly kind: "replace";
      readonly key: string;
      readonly news: Props;
      readonly old: ResourceState;
      readonly values: readonly ChangedValue[];
      readonly deleteFirst: boolean;
    }
  | {
      readonly kind: "delete";
      readonly key: string;
      readonly old: ResourceState;
      /** The URN of the set that takes the object over. */
      readonly taker: string | undefined;
    };

/** Compares an item with its object; nothing where there is nothing to do. */
export async function compared(
  cycle: ResourceLifecycle,
  { item, program }: Pick<SetRun, "item" | "program">,
  { key, old, news }: { readonly key: string; readonly old: ResourceState; readonly news: Props },
): Promise<Action | undefined> {
  const parent = parentProperty(item);
  // Where another set changes, the preview knows none of its ids. The update compares again.
  const isWaiting = program.isPreview === true && parent !== undefined && isUnknown(news[parent]);
  const known = isWaiting ? { ...news, [parent]: old.outputs[parent] ?? parentIdOf(old.id) } : news;
  const { values, replaces, deleteBeforeReplace, changes } = await cycle.diff(old.id, old.outputs, known);
  if (changes.length === 0) return undefined;
  if (replaces.length === 0) return { kind: "update", key, news: known, old, values };
  const decisive = values.filter(({ property }) => replaces.includes(topLevel(property)));
  return { kind: "replace", key, news: known, old, values: decisive, deleteFirst: deleteBeforeReplace };
}

/** A change in words: what it was, and what it becomes. */
function describeValue({ property, before, after }: ChangedValue, name: string, isSecret: boolean): string {
  const shown = (value: unknown) => {
    if (value === undefined || value === null) return "not set";
    if (isUnknown(value)) return "not known yet";
    return isSecret ? "[secret]" : shortened(JSON.stringify(value));
  };
  // Of a whole item, only that it is not known.
  return property === "" ? `${name}: ${shown(after)}` : `${name}.${property}: ${shown(before)} => ${shown(after)}`;
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

/** The changed values of an action, each on a line of its own. */
export function describeValues(
  run: SetRun,
  { key, values }: { readonly key: string; readonly values: readonly ChangedValue[] },
  name: string,
): string[] {
  const secrets = secretsOfItem(run, key);
  const isSecret = (property: string) =>
    secrets.some((one) => property === one || property.startsWith(`${one}.`) || one.startsWith(`${property}.`));
  return values.map((value) => describeValue(value, name, isSecret(value.property)));
}
