import type { Definition, Problem } from "../lifecycle/definition";
import type { ResourceState } from "../lifecycle/objects";
import { parentProperty } from "../lifecycle/parents";
import { isUnknown, type Props } from "../lifecycle/props";
import { withoutSecret } from "../lifecycle/secrets";
import { UsageError } from "../twilio/errors";
import type { Plan } from "./announce-set";
import { duplicateItems } from "./duplicates";
import type { Former } from "./formers";
import type { Handovers } from "./handover";
import type { ItemLifecycle } from "./item-lifecycle";
import { type Action, compared } from "./plan";
import { firstLines, forEachKey } from "./pool";
import { itemName } from "./set-definition";
import { itemsOf, itemToCheck, itemToCompare, type SetRun, secretsOfItem } from "./set-inputs";
import { strangersOf } from "./strangers";

type States = ReadonlyMap<string, ResourceState>;
type Items = Readonly<Record<string, unknown>>;
type Removal = Action & { readonly kind: "delete" };
/** A refresh has read the items, and asks nothing else; in an update, the engine has compared all sets before. */
type Stage = "refresh" | "comparison" | "update";

/** From so many new items under one parent on, a list of what is there costs less than a look-up for each. */
const listFrom = 20;

/** Finds out what is to be done about the items of a set. Changes nothing at Twilio. */
export class Planner {
  constructor(
    private readonly item: Definition,
    private readonly cycle: ItemLifecycle,
    private readonly handovers: Handovers,
  ) {}

  /** Checks items as the engine would check resources; returns the problems of all of them. */
  async check(run: SetRun, items: Items, states: States): Promise<Problem[]> {
    // What is not known yet passes.
    const inputs = new Map(Object.keys(knownItems(items)).map((key) => [key, itemToCheck(run, key, items[key])]));
    const absent = run.program.isPreview ? await this.absent(inputs, states) : new Set<Props>();
    const problems = duplicateItems(this.item, inputs);
    const outcome = await forEachKey([...inputs.keys()], async (key) => {
      const news = inputs.get(key) as Props;
      const found = await this.cycle.check(states.get(key)?.outputs ?? {}, news, { isSilent: absent.has(news) });
      for (const one of found.problems) {
        const { property, reason } = withoutSecret(this.item, one, secretsOfItem(run, key));
        problems.push({ property: `${itemName(key)}.${property}`, reason });
      }
    });
    for (const [key, error] of outcome.failed) problems.push({ property: itemName(key), reason: `cannot be checked: ${error.message}` });
    return problems;
  }

  /** The new items that certainly have no object yet, so that the preview need not look for each. */
  private async absent(inputs: ReadonlyMap<string, Props>, states: States): Promise<Set<Props>> {
    const parent = parentProperty(this.item);
    const placeOf = (news: Props) => (parent === undefined ? undefined : news[parent]);
    const added = [...inputs].flatMap(([key, news]) => (states.has(key) || isUnknown(placeOf(news)) ? [] : [news]));
    const groups = Map.groupBy(added, placeOf);
    const large = [...groups.values()].filter((group) => group.length >= listFrom);
    // Where a key may not list, each item is looked up.
    const found = large.map((group) => this.cycle.absent(group, Math.ceil(group.length / listFrom)).catch(() => []));
    return new Set((await Promise.all(found)).flatMap((one) => [...one]));
  }

  /** Compares the items that the program declares with those in the state. */
  async plan(run: SetRun, declared: Props, states: States, during: Stage): Promise<Plan> {
    const items = itemsOf(declared);
    const keys = Object.keys(items);
    const formers = during === "refresh" ? undefined : await this.formersOf(run, items, states, during === "update");
    const found = await forEachKey(keys, async (key): Promise<Action | undefined> => {
      const [old, former] = [states.get(key), formers?.get(key)];
      const news = itemToCompare(run, key, items[key]);
      if (old && typeof items[key] !== "object")
        return { kind: "update", key, news, old, values: [{ property: "", before: undefined, after: items[key] }] };
      if (old) return compared(this.cycle, run, { key, old, news });
      return former ? { kind: "take over", key, news, former } : { kind: "create", key, news };
    });
    throwAll(found.failed);
    const removals = [...states].flatMap(([key, old]) => (Object.hasOwn(items, key) ? [] : this.removalOf(run, key, old, during)));
    const actions = [...keys.flatMap((key) => found.done.get(key) ?? []), ...removals];
    if (during !== "refresh") await this.verifyRemovals(removals);
    const isExclusive = declared.exclusive === true && during !== "refresh";
    const own = new Set([...states.values()].map(({ id }) => id));
    const strangers = isExclusive ? await strangersOf(this.cycle, run, { items: knownItems(items), own }) : { removed: [], held: [] };
    return { run, actions, ...strangers };
  }

  /** Offers what the set no longer declares, and claims for each new item the object that others no longer declare. */
  private async formersOf(run: SetRun, items: Items, states: States, isUpdate: boolean): Promise<ReadonlyMap<string, Former>> {
    const { urn, accountSid } = run;
    const added = Object.keys(items).filter((key) => !states.has(key));
    const gone = [...states].filter(([key]) => !Object.hasOwn(items, key));
    const formers = new Map<string, Former>();
    if (urn === undefined) return formers;
    for (const [key, state] of gone) this.handovers.offer({ key, ...state, owner: urn });
    if (gone.length + added.length > 0) await this.handovers.prepare(urn);
    // What another item declares by its name or identity is not taken by key.
    for (const by of ["place", "key"] as const) {
      for (const key of added.filter((one) => !formers.has(one))) {
        const former = this.handovers.claim({ urn, key, news: itemToCompare(run, key, items[key]), accountSid }, by);
        if (former) formers.set(key, former);
      }
    }
    this.handovers.recordPlan(urn, states, isUpdate);
    return formers;
  }

  private removalOf({ urn }: SetRun, key: string, old: ResourceState, during: Stage): Removal {
    const taker = urn === undefined || during === "refresh" ? undefined : this.handovers.takerOf({ key, ...old, owner: urn });
    return { kind: "delete", key, old, taker };
  }

  /** The guards of what is removed speak before anything is changed. */
  private async verifyRemovals(removals: readonly Removal[]): Promise<void> {
    const own = new Map(removals.filter(({ taker }) => taker === undefined).map((removal) => [removal.key, removal.old]));
    const outcome = await forEachKey([...own.keys()], (key) => {
      const { id, outputs } = own.get(key) as ResourceState;
      return this.cycle.verifyDelete(id, outputs);
    });
    throwAll(outcome.failed);
  }
}

const knownItems = (items: Items): Record<string, Props> =>
  Object.fromEntries(Object.entries(items).flatMap(([key, one]) => (typeof one === "object" ? [[key, one as Props]] : [])));

export function throwProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ property, reason }) => `${property} ${reason}`);
  throw new UsageError(lines.length === 1 ? String(lines[0]) : `${lines.length} problems:${firstLines(lines)}`);
}

function throwAll(failed: ReadonlyMap<string, Error>): void {
  const lines = [...failed].map(([key, { message }]) => `${itemName(key)}: ${message}`);
  if (lines.length > 0)
    throw new UsageError(lines.length === 1 ? String(lines[0]) : `${lines.length} items must not change like this:${firstLines(lines)}`);
}
