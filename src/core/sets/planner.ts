import type { Definition, Problem } from "../lifecycle/definition";
import type { ResourceState } from "../lifecycle/objects";
import { parentProperty } from "../lifecycle/parents";
import { isUnknown, type Props } from "../lifecycle/props";
import { withoutSecret } from "../lifecycle/secrets";
import { UsageError } from "../twilio/errors";
import type { Plan } from "./announce-set";
import type { Handovers } from "./handover";
import type { ItemLifecycle } from "./item-lifecycle";
import { type Action, compared } from "./plan";
import { firstLines, forEachKey } from "./pool";
import { itemName } from "./set-definition";
import { itemsOf, itemToCheck, itemToCompare, type SetRun, secretsOfItem } from "./set-inputs";
import { strangersOf } from "./strangers";

type States = ReadonlyMap<string, ResourceState>;

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
  async check(run: SetRun, items: Readonly<Record<string, Props>>, states: States): Promise<Problem[]> {
    const inputs = new Map(Object.keys(items).map((key) => [key, itemToCheck(run, key, items[key] as Props)]));
    const absent = run.program.isPreview ? await this.absent(inputs, states) : new Set<Props>();
    const problems: Problem[] = [];
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
    const groups = new Map<unknown, Props[]>();
    for (const [key, news] of inputs) {
      const place = parent === undefined ? undefined : news[parent];
      if (!states.has(key) && !isUnknown(place)) groups.set(place, [...(groups.get(place) ?? []), news]);
    }
    const large = [...groups.values()].filter((group) => group.length >= listFrom);
    // Where a key may not list, each item is looked up.
    const found = large.map((group) => this.cycle.absent(group, Math.ceil(group.length / listFrom)).catch(() => []));
    return new Set((await Promise.all(found)).flatMap((one) => [...one]));
  }

  /** Compares the items that the program declares with those in the state. A refresh has read them, and nothing is checked. */
  async plan(run: SetRun, declared: Props, states: States, isRefresh: boolean): Promise<Plan> {
    const items = itemsOf(declared);
    const keys = Object.keys(items);
    const gone = [...states.keys()].filter((key) => !(key in items));
    if (!isRefresh) {
      throwProblems(await this.check(run, items, states));
      for (const key of gone) this.offer(run, key, states.get(key) as ResourceState);
      if (run.urn !== undefined && (gone.length > 0 || keys.some((key) => !states.has(key)))) await this.handovers.prepare(run.urn);
    }
    const found = await forEachKey(keys, (key) => this.actionFor(run, key, items[key] as Props, states.get(key), isRefresh));
    throwAll(found.failed);
    const removals = gone.map((key) => this.removalOf(run, key, states.get(key) as ResourceState, isRefresh));
    const actions = [...keys.flatMap((key) => found.done.get(key) ?? []), ...removals];
    if (!isRefresh) await this.verifyRemovals(removals);
    const isExclusive = declared.exclusive === true && !isRefresh;
    const own = new Set([...states.values()].map(({ id }) => id));
    const strangers = isExclusive ? await strangersOf(this.cycle, run, { items, own }) : { removed: [], held: [] };
    return { run, actions, ...strangers };
  }

  private offer({ urn }: SetRun, key: string, { id, outputs }: ResourceState): void {
    if (urn !== undefined) this.handovers.offer({ key, id, outputs, owner: urn });
  }

  private async actionFor(
    run: SetRun,
    key: string,
    args: Props,
    old: ResourceState | undefined,
    isRefresh: boolean,
  ): Promise<Action | undefined> {
    const news = itemToCompare(run, key, args);
    if (old) return compared(this.cycle, run, { key, old, news });
    const former = isRefresh || run.urn === undefined ? undefined : await this.handovers.claim(run.urn, key, news);
    return former ? { kind: "take over", key, news, former } : { kind: "create", key, news };
  }

  private removalOf(_run: SetRun, key: string, old: ResourceState, isRefresh: boolean): Action & { readonly kind: "delete" } {
    return { kind: "delete", key, old, taker: isRefresh ? undefined : this.handovers.takerOf(old.id) };
  }

  /** The guards of what is removed speak before anything is changed. */
  private async verifyRemovals(removals: readonly (Action & { readonly kind: "delete" })[]): Promise<void> {
    const own = new Map(removals.filter(({ taker }) => taker === undefined).map((removal) => [removal.key, removal.old]));
    const outcome = await forEachKey([...own.keys()], (key) => {
      const { id, outputs } = own.get(key) as ResourceState;
      return this.cycle.verifyDelete(id, outputs);
    });
    throwAll(outcome.failed);
  }
}

function throwProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map(({ property, reason }) => `${property} ${reason}`);
  throw new UsageError(lines.length === 1 ? String(lines[0]) : `${lines.length} problems:${firstLines(lines, andMore)}`);
}

function throwAll(failed: ReadonlyMap<string, Error>): void {
  const lines = [...failed].map(([key, { message }]) => `${itemName(key)}: ${message}`);
  if (lines.length > 0)
    throw new UsageError(
      lines.length === 1 ? String(lines[0]) : `${lines.length} items must not change like this:${firstLines(lines, andMore)}`,
    );
}

const andMore = (count: number): string => `and ${count} more`;
