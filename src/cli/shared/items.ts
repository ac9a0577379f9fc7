import { sets } from "../../catalog";
import { parentProperty } from "../../core/lifecycle/parents";
import { isUnknown, type Props, topLevels } from "../../core/lifecycle/props";
import { differences, replacements } from "../../core/lifecycle/wire";
import { takeOversIn } from "../../core/sets/handover-line";
import { itemName, itemsKey, type SetDefinition } from "../../core/sets/set-definition";
import { sharedOf } from "../../core/sets/set-inputs";
import { unpacked } from "../../core/sets/set-state";
import { nameOf } from "./engine";
import { changedPaths, isPlainObject, pathSegments } from "./properties";
import type { Diagnostic, ResourceState, Step } from "./steps";

const byToken = new Map(sets.map((set) => [tokenOf(set), set]));

function tokenOf({ type }: { readonly type: string }): string {
  return `pulumi-nodejs:${type}`;
}

/** The URN that the resource of one object would have: its name is the item as a program writes it, `stores.items["store-17"]`. */
function urnOfItem(setUrn: string, set: SetDefinition, key: string): string {
  const [urn = "", project, types = "", ...name] = setUrn.split("::");
  const parents = types.slice(0, -tokenOf(set).length);
  return `${urn}::${project}::${parents}${tokenOf(set.item)}::${name.join("::")}.${itemName(key)}`;
}

/** What the resource of one object has in the state or in a preview. */
type ItemState = Pick<ResourceState, "id" | "inputs" | "outputs" | "propertyDependencies">;

/** The items of a set in the state or in a preview, by key, as resources of one object. None where they are secret or not known yet. */
function itemsIn({ item }: SetDefinition, set: ItemState): Map<string, ItemState> {
  const { inputs = {}, outputs, propertyDependencies } = set;
  const declared = recordOf(inputs[itemsKey]);
  // A preview knows the outputs only of what the state has already.
  const isRead = isPlainObject(outputs?.sids);
  const live = isRead
    ? unpacked(item, { ...outputs, [itemsKey]: recordOf(outputs[itemsKey]), common: recordOf(outputs.common) })
    : new Map<string, ItemState>();
  const parent = parentProperty(item);
  return new Map(
    (isRead ? [...live.keys()] : Object.keys(declared)).map((key) => {
      const own = recordOf(declared[key]);
      const sourceOf = (property: string) => (property in own ? itemsKey : property);
      const all = { ...sharedOf(item, inputs), ...own };
      const sources = Object.keys(all).map((property) => [property, propertyDependencies?.[sourceOf(property)] ?? []]);
      if (parent !== undefined && all[parent] === undefined) delete all[parent];
      return [key, { ...live.get(key), inputs: all, propertyDependencies: Object.fromEntries(sources) }];
    }),
  );
}

const recordOf = (value: unknown): Props => (isPlainObject(value) ? value : {});

/** The state of an item as that of a resource of one object, with the options of its set. */
function asResource<State extends ItemState>(state: State, item: ItemState, names: ItemNames): State & ItemNames {
  const { id: _id, inputs: _inputs, outputs: _outputs, propertyDependencies: _sources, ...others } = state;
  return { ...(others as State), ...item, ...names };
}

/** Where an item is: in `set`, by its URN. */
interface ItemNames {
  readonly urn: string;
  readonly type: string;
  readonly set: string;
}

const namesOf = (set: SetDefinition, setUrn: string, key: string): ItemNames => ({
  urn: urnOfItem(setUrn, set, key),
  type: tokenOf(set.item),
  set: setUrn,
});

/** The resources of a state, with the items of each set in place of the set. */
export function resourcesWithItems<Resource extends ItemState & { readonly urn: string; readonly type: string }>(
  resources: readonly Resource[],
): (Resource & { readonly set?: string })[] {
  return resources.flatMap((resource) => {
    const set = byToken.get(resource.type);
    const items = set ? [...itemsIn(set, resource)] : [];
    if (!set || items.length === 0) return [resource];
    return items.map(([key, item]) => asResource(resource, item, namesOf(set, resource.urn, key)));
  });
}

/**
 * The steps of a preview or of a refresh, with those of the items of each set in place of the set's. A set whose change its items do not show, a
 * secret one for example, keeps its own step.
 */
export function stepsWithItems(steps: readonly Step[], diagnostics: readonly Diagnostic[]): Step[] {
  const all = steps.flatMap((step) => {
    const set = byToken.get(nameOf(step.urn).type);
    return set ? stepsOf(set, step) : [step];
  });
  const taken = diagnostics.flatMap(({ urn = "", message }) => {
    const set = byToken.get(nameOf(urn).type);
    return set ? [...takeOversIn(message)].map(([key, id]): [string, string] => [urnOfItem(urn, set, key), id]) : [];
  });
  return taken.length > 0 ? withTakeOvers(all, new Map(taken)) : all;
}

const isChange = ({ op }: Step): boolean => op !== "same" && op !== "refresh";

function stepsOf(set: SetDefinition, step: Step): Step[] {
  const [before, after] = [step.oldState, step.newState].map((state) => (state ? itemsIn(set, state) : new Map<string, ItemState>()));
  const keys = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
  const steps = keys.map((key): Step => {
    const [old, now] = [before?.get(key), after?.get(key)];
    const { urn: _urn, op: _op, oldState, newState, detailedDiff: _diff, replaceReasons: _reasons, ...others } = step;
    const names = namesOf(set, step.urn, key);
    return {
      ...others,
      urn: names.urn,
      ...(oldState && old ? { oldState: asResource(oldState, old, names) } : {}),
      ...(newState && now ? { newState: asResource(newState, now, names) } : {}),
      ...changeOf(set, step, old, now),
    };
  });
  const isHidden = steps.length === 0 || (isChange(step) && !steps.some(isChange));
  return isHidden ? [step, ...steps] : steps;
}

/** What happens to an item. The engine compares sets only, so its step says nothing about one of their items. */
function changeOf(
  { item }: SetDefinition,
  { op }: Step,
  old: ItemState | undefined,
  now: ItemState | undefined,
): Pick<Step, "op" | "detailedDiff" | "replaceReasons"> {
  if (now === undefined) return { op: "delete" };
  if (old === undefined) return { op: op === "import" ? op : "create" };
  const paths = changedPaths(old.inputs, now.inputs);
  if (op !== "update") return { op };
  if (paths.length === 0) return { op: now.outputs ? "refresh" : "same" };
  const detailedDiff = Object.fromEntries(paths.map((path) => [path, { kind: "update" }]));
  const reasons = now.outputs ? [] : reasonsToReplace(item, old.outputs ?? {}, now.inputs ?? {}, paths);
  return reasons.length > 0 ? { op: "replace", detailedDiff, replaceReasons: reasons } : { op, detailedDiff };
}

const topOf = (path: string): string => pathSegments(path)[0] as string;

/** The top-level properties for which the update replaces the object, by the lifecycle's own rules. */
function reasonsToReplace(item: SetDefinition["item"], olds: Props, declared: Props, paths: readonly string[]): string[] {
  const parent = parentProperty(item);
  // Where another set changes, the preview knows none of its ids: the item most likely stays where it is.
  const news = parent !== undefined && isUnknown(declared[parent]) ? { ...declared, [parent]: olds[parent] } : declared;
  const changed = paths.map(topOf);
  return topLevels(replacements(item, differences(item, olds, news), olds, news)).filter((name) => changed.includes(name));
}

/** An object that an item takes over from another resource is neither created nor deleted. `taken`: the ids of such objects by the items' URNs. */
function withTakeOvers(steps: readonly Step[], taken: ReadonlyMap<string, string>): Step[] {
  const formers = new Map(steps.flatMap((step) => (step.op === "delete" && step.oldState?.id ? [[step.oldState.id, step]] : [])));
  const takenFrom = ({ op, urn }: Step) => (op === "create" ? formers.get(taken.get(urn) ?? "") : undefined);
  const left = new Set(steps.map(takenFrom));
  return steps.flatMap((step) => {
    if (left.has(step)) return [];
    const former = takenFrom(step)?.oldState;
    if (former === undefined) return [step];
    const declared = step.newState?.inputs ?? {};
    // A resource has its default name in its inputs, and an item has it not.
    const paths = changedPaths(former.inputs, declared).filter((path) => topOf(path) in declared);
    return [{ ...step, op: "update", oldState: former, detailedDiff: Object.fromEntries(paths.map((path) => [path, { kind: "update" }])) }];
  });
}
