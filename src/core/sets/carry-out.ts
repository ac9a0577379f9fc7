import { PartialFailure, type ResourceState } from "../lifecycle/objects";
import { UsageError } from "../twilio/errors";
import type { Plan } from "./announce-set";
import { describeOwner, type Handovers } from "./handover";
import type { ItemLifecycle } from "./item-lifecycle";
import type { Action } from "./plan";
import { firstLines, type Outcome } from "./pool";
import { itemName } from "./set-definition";
import { itemToCheck, type SetRun } from "./set-inputs";

/** Runs a task for each key, in the words of a progress line. */
export type Each = <T>(keys: readonly string[], verb: string, task: (key: string) => Promise<T>) => Promise<Outcome<T>>;

/** What a plan needs to be carried out. */
interface Means {
  readonly cycle: ItemLifecycle;
  readonly handovers: Handovers;
  readonly each: Each;
  readonly write: (severity: "warn", message: string) => void;
}

/** What exists after a plan was carried out, as far as it could be. */
export interface Result {
  readonly states: ReadonlyMap<string, ResourceState>;
  /** What failed, by the name of the item or object, and why. */
  readonly failed: ReadonlyMap<string, Error>;
  /** How many items were not tried, because so many failed before. */
  readonly untried: number;
}

/** Carries a plan out: what must go first is deleted, then items get their objects, then the rest is deleted. */
export async function carryOut(plan: Plan, olds: ReadonlyMap<string, ResourceState>, means: Means): Promise<Result> {
  const states = new Map(olds);
  const failed = new Map<string, Error>();
  let untried = 0;
  const run = async (actions: readonly Action[], verb: string, task: (action: Action) => Promise<void>) => {
    const byKey = new Map(actions.map((action) => [action.key, action]));
    const outcome = await means.each([...byKey.keys()], verb, async (key) => {
      try {
        await task(byKey.get(key) as Action);
      } catch (error) {
        // What was created and is not as declared yet is in the state too.
        if (error instanceof PartialFailure) states.set(key, error.kept);
        throw error;
      }
    });
    for (const [key, error] of outcome.failed) failed.set(itemName(key), error);
    untried += outcome.untried.length;
  };

  const first = plan.actions.filter((action) => action.kind === "replace" && action.deleteFirst);
  await run(first, "deleted to be replaced", async (action) => {
    await deleteOld(action, means);
    states.delete(action.key);
  });
  // What is not deleted yet is not created again.
  const isInTheWay = (action: Action) => first.includes(action) && states.has(action.key);
  const given = plan.actions.filter((action) => action.kind !== "delete" && !isInTheWay(action));
  await run(given, "as declared", async (action) => {
    const before = states.get(action.key);
    states.set(action.key, await give(action, plan.run, means));
    if (action.kind === "replace" && before) await deleteReplaced(action, states, means);
  });
  const gone = plan.actions.filter(({ kind }) => kind === "delete");
  await run(gone, "removed", async (action) => {
    if (await isRemoved(action, means)) states.delete(action.key);
  });
  const strangers = new Map(plan.removed.map((one) => [one.title, one.state]));
  const outcome = await means.each([...strangers.keys()], "removed", (title) => {
    const { id, outputs } = strangers.get(title) as ResourceState;
    return means.cycle.delete(id, outputs);
  });
  for (const [title, error] of outcome.failed) failed.set(title, error);
  return { states, failed, untried: untried + outcome.untried.length };
}

/** Creates, updates or takes over the object of one item. */
async function give(action: Action, run: SetRun, { cycle, handovers }: Means): Promise<ResourceState> {
  const { key } = action;
  if (action.kind === "update") return cycle.update(action.old.id, action.old.outputs, action.news);
  if (action.kind === "create") return cycle.create(action.news);
  if (action.kind === "take over") {
    const { id, outputs } = action.former;
    return handovers.taking(id, () => cycle.handOver(id, outputs, action.news));
  }
  if (action.kind === "delete") throw new Error("a removed item gets no object");
  // The engine would check what it replaces as a new resource.
  const { problems } = await cycle.check({}, itemToCheck(run, key, action.news));
  if (problems.length > 0) throw new UsageError(problems.map(({ property, reason }) => `${property} ${reason}`).join("; "));
  return cycle.create(action.news);
}

const deleteOld = (action: Action, { cycle }: Means): Promise<void> =>
  "old" in action ? cycle.delete(action.old.id, action.old.outputs) : Promise.resolve();

/** Deletes what an item had. Where that fails, it stays in the state under another key, and the next update deletes it. */
async function deleteReplaced(action: Action, states: Map<string, ResourceState>, means: Means): Promise<void> {
  if (action.kind !== "replace" || action.deleteFirst) return;
  try {
    await deleteOld(action, means);
  } catch (error) {
    states.set(freeKey(`${action.key} (replaced)`, states), action.old);
    throw error;
  }
}

/** A key that is not in the state; a program cannot declare one with a space. */
const freeKey = (key: string, states: ReadonlyMap<string, ResourceState>): string => (states.has(key) ? freeKey(`${key}*`, states) : key);

/** Deletes the object of a removed item, or waits until another item has it. Whether it is no longer this set's. */
async function isRemoved(action: Action, { cycle, handovers, write }: Means): Promise<boolean> {
  if (action.kind !== "delete") return true;
  const { key, old, taker } = action;
  const isTaken = taker === undefined ? false : await handovers.isTaken(old.id, taker);
  if (taker !== undefined && isTaken === "undecided") {
    // The taker may wait for this set. It takes the object over in this run or in a later one, and until then nothing is lost.
    write(
      "warn",
      `${itemName(key)} stays in the state of this set until ${describeOwner(taker)} has it. The next \`pulumi up\` removes it here.`,
    );
    return false;
  }
  if (!isTaken) await cycle.delete(old.id, old.outputs);
  return true;
}

/** The error of a set of which some items failed. */
export function describeFailures({ failed, untried, states }: Result, label: string, all: number): string {
  const lines = [...failed].map(([name, { message }]) => `${name}: ${message}`);
  const notTried = untried > 0 ? ` ${untried} were not tried, because so many failed in a row.` : "";
  const head = `${failed.size} of ${all} items of ${label} failed.${notTried} ${states.size} are in the state.`;
  return head + firstLines(lines);
}
