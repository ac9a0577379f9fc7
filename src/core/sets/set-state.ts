import { areOfOneResource } from "../lifecycle/default-name";
import type { Definition } from "../lifecycle/definition";
import type { ResourceState } from "../lifecycle/objects";
import { parentProperty } from "../lifecycle/parents";
import { isHidden, lastSid, type Props, parentIdOf, plain, same, stable } from "../lifecycle/props";
import { secretsKey } from "../lifecycle/secrets";
import { toInputs } from "../lifecycle/wire";

/**
 * How the state holds the items of a set. The engine rewrites the whole state again and again, so what all items have in common is written once:
 *
 * - `items`: the outputs of each item by its key, without what follows;
 * - `sids`: the SID of each item by its key, which programs use;
 * - `common`: what most items have and no program declares, such as the state; an item without it has `null`;
 * - the set's own parent and `accountSid`.
 */
export interface PackedSet {
  readonly items: Readonly<Record<string, Props>>;
  readonly sids: Readonly<Record<string, string>>;
  readonly common?: Props;
}

/** The id of the object around an item, where the item declares none. */
const withinKey = "__in";

/**
 * The outputs of a set from the states of its items, by key. `shared`: the set's own properties, which the items do not repeat; `former`: the
 * outputs before.
 */
export function packed(item: Definition, states: ReadonlyMap<string, ResourceState>, shared: Props, former: Props = {}): Props {
  const items: Record<string, Props> = {};
  const sids: Record<string, string> = {};
  const parent = parentProperty(item);
  for (const [key, { id, outputs }] of states) {
    const { sid: _sid, accountSid: _account, [secretsKey]: _secrets, ...own } = outputs;
    const declared = parent === undefined ? undefined : own[parent];
    if (parentIdOf(id) !== (declared ?? "")) own[withinKey] = parentIdOf(id);
    if (parent !== undefined && own[parent] === shared[parent]) delete own[parent];
    items[key] = own;
    sids[key] = lastSid(id);
  }
  // A value that one item declares secret, or did, must not be where the engine does not know that.
  const hasSecrets = shared[secretsKey] !== undefined || former[secretsKey] !== undefined;
  const common = hasSecrets ? {} : takeCommon(item, Object.values(items));
  return plain({ ...shared, items, sids, ...(Object.keys(common).length > 0 ? { common } : {}) });
}

/** Removes from items what most of them have in common, and returns it. */
function takeCommon({ fields }: Definition, items: readonly Props[]): Props {
  const common: Props = {};
  for (const property of [withinKey, ...Object.keys(fields).filter((name) => fields[name]?.computed && !name.includes("."))]) {
    const isDeclared = (item: Props) => ((item.__declared ?? []) as string[]).includes(property);
    const counts = new Map<string, number>();
    for (const item of items)
      if (item[property] !== undefined && !isDeclared(item))
        counts.set(stable(item[property]), (counts.get(stable(item[property])) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    if (most === undefined || most[1] < 2) continue;
    const value: unknown = JSON.parse(most[0]);
    common[property] = value;
    for (const item of items) {
      if (item[property] === undefined) item[property] = null;
      else if (!isDeclared(item) && same(item[property], value)) delete item[property];
    }
  }
  return common;
}

/** The states of the items, by key, as the lifecycle of one object knows them. */
export function unpacked(item: Definition, set: Props): Map<string, ResourceState> {
  const { items = {}, sids = {}, common = {} } = set as unknown as Partial<PackedSet>;
  const parent = parentProperty(item);
  const states = Object.entries(sids).map(([key, sid]): [string, ResourceState] => {
    const own = Object.entries({ ...common, ...items[key] }).filter(([, value]) => value !== null);
    const { [withinKey]: within, ...outputs } = Object.fromEntries(own);
    if (parent !== undefined) outputs[parent] ??= set[parent];
    const above = within ?? (parent === undefined ? "" : outputs[parent]) ?? "";
    return [key, { id: [above, sid].filter(Boolean).join("/"), outputs: { ...outputs, sid, accountSid: set.accountSid } }];
  });
  return new Map(states);
}

/**
 * What a program would declare for an item with these outputs: without the set's parent, and without a name that this package gives. `defaults`:
 * the arguments with the defaults that the item would get.
 */
export function declaredItem(item: Definition, outputs: Props, shared: Props, defaults: (args: Props) => Props): Props {
  const parent = parentProperty(item);
  const inputs = Object.fromEntries(Object.entries(toInputs(item, outputs)).filter(([property]) => !isHidden(property)));
  if (parent !== undefined && inputs[parent] === shared[parent]) delete inputs[parent];
  for (const property of Object.keys(item.fields)) {
    const { [property]: value, ...others } = inputs;
    if (value !== undefined && areOfOneResource(defaults(others)[property], value)) delete inputs[property];
  }
  return inputs;
}
