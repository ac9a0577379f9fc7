import type { Definition } from "../lifecycle/definition";
import { parentProperty } from "../lifecycle/parents";
import { isUnknown, type Props } from "../lifecycle/props";
import { declarerOf } from "./declared";
import { placeKey } from "./formers";
import type { ItemLifecycle, Listed } from "./item-lifecycle";
import { type SetRun, withDefaults } from "./set-inputs";

/** The objects beside the items of an exclusive set: those that nobody declares, and those that another resource has. */
export async function strangersOf(
  cycle: ItemLifecycle,
  run: SetRun,
  { items, own }: { readonly items: Readonly<Record<string, Props>>; readonly own: ReadonlySet<string> },
): Promise<{ readonly removed: Listed[]; readonly held: Listed[] }> {
  const found = (await Promise.all(parentsOf(run.item, run, items).map((inputs) => cycle.list(inputs)))).flat();
  // The engine compares a resource that is declared later only after this set: without that, nothing here knows what it has.
  const declarer = ({ state }: Listed) => run.urn && declarerOf(run.item, run.program, state.outputs, run.urn);
  const isToBeTaken = takenOf(cycle, run, items);
  const strangers = found
    .filter(({ state }) => !own.has(state.id) && !isToBeTaken(state.outputs))
    .map((one) => ({ ...one, holder: one.holder ?? declarer(one) }));
  return {
    removed: strangers.filter(({ holder }) => holder === undefined),
    held: strangers.filter(({ holder }) => holder !== undefined),
  };
}

/** Tells of an object whether a new item adopts it or finds it in its place: then it is none to remove. */
function takenOf(cycle: ItemLifecycle, run: SetRun, items: Readonly<Record<string, Props>>): (live: Props) => boolean {
  const all = Object.entries(items).map(([key, args]) => withDefaults(run, key, args));
  const adopted = new Set(all.map(({ adopt }) => adopt));
  const places = Map.groupBy(all, (args) => placeKey(run.item, args));
  return (live) => adopted.has(live.sid) || (places.get(placeKey(run.item, live)) ?? []).some((args) => cycle.isInPlaceOf(args, live));
}

/** The parents that the items are under, each once, as far as they are known. */
function parentsOf(item: Definition, { shared }: SetRun, items: Readonly<Record<string, Props>>): Props[] {
  const parent = parentProperty(item);
  if (parent === undefined) return [{}];
  const values = [shared[parent], ...Object.values(items).map((args) => args[parent])];
  return [...new Set(values)].flatMap((value) => (typeof value === "string" && !isUnknown(value) ? [{ [parent]: value }] : []));
}
