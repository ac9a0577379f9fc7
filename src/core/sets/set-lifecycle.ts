import { resourceName } from "../lifecycle/check";
import type { Problem } from "../lifecycle/definition";
import { identityKey, identityOf, type RunRegistry, runKey, runRegistry, urnKey, withIdentity } from "../lifecycle/identity";
import type { KindRun } from "../lifecycle/kind-run";
import { missingValues } from "../lifecycle/missing-values";
import { PartialFailure, type ResourceState } from "../lifecycle/objects";
import type { Difference, Lifecycle } from "../lifecycle/operations";
import { isUnknown, type Props, same } from "../lifecycle/props";
import type { Run } from "../lifecycle/run";
import { itemUrn, setOfUrn } from "../process/item-urn";
import { UsageError } from "../twilio/errors";
import { announcePlan } from "./announce-set";
import { carryOut, describeFailures, type Each } from "./carry-out";
import type { SetProgramRun } from "./declared";
import { withFormerSecrets } from "./former-secrets";
import { Handovers } from "./handover";
import { ItemLifecycle } from "./item-lifecycle";
import { Planner, throwProblems } from "./planner";
import { firstLines, forEachKey, type Outcome } from "./pool";
import { itemName, itemsKey, type SetDefinition } from "./set-definition";
import { argumentsOf, itemsOf, runOf, type SetRun, setProblems, sharedProps, withDefaults } from "./set-inputs";
import { declaredItem, packed, unpacked } from "./set-state";

/** So many lines of information about single items are written in one task for all. */
const maxLines = 20;

/** A set in the state, and what the program declares now. */
interface Change {
  readonly id: string;
  readonly olds: Props;
  readonly declared: Props;
}

/** The lifecycle of a set: that of one object for each of its items, by key. */
export class SetLifecycle implements Lifecycle {
  /** What the run knows of the sets themselves. */
  private readonly sets: RunRegistry = runRegistry();
  private readonly cycle: ItemLifecycle;
  private readonly handovers: Handovers;
  private readonly planner: Planner;
  private readonly wasRead = new Set<string>();
  /** The URNs of items by the ids of their objects. */
  private readonly itemUrns = new Map<string, string>();
  /** The notes of creates that are done, until the engine has what the whole set returns. */
  private readonly doneNotes = new Set<string>();
  /** How many lines the items have written since the last task for all of them began. */
  private lines = 0;
  private program: SetProgramRun = {};

  constructor(
    private readonly definition: SetDefinition,
    private readonly open: () => Promise<Run>,
    kind: KindRun,
  ) {
    this.cycle = new ItemLifecycle(definition.item, () => this.openForItems(), kind);
    const known = { items: kind.registry, sets: this.sets, kind: () => this.program };
    this.handovers = new Handovers(definition, this.cycle, known, open);
    this.planner = new Planner(definition.item, this.cycle, this.handovers);
  }

  async check(olds: Props, news: Props): Promise<{ inputs: Props; problems: Problem[] }> {
    this.program = (news[runKey] ?? {}) as SetProgramRun;
    const { account } = await this.open();
    account.recordCheck();
    const urn = typeof news[urnKey] === "string" ? news[urnKey] : undefined;
    this.sets.recordCheck(urn, olds);
    const missing = missingValues(news);
    const problems = missing.length > 0 ? missing : setProblems(this.definition, news);
    if (problems.length > 0) return { inputs: news, problems };
    const inputs = withIdentity(news);
    // What exists of a set is not known here: the comparison, which follows, checks its items.
    if (Object.keys(olds).length > 0) return { inputs, problems };
    const run = await this.runOf(inputs, urn);
    const found = await this.planner.check(run, itemsOf(inputs), new Map());
    if (found.length > 0) return { inputs: news, problems: found };
    // Nothing else is asked about a set that does not exist: what it finds is said here.
    if (this.program.isPreview) announcePlan(await this.planner.plan(run, inputs, new Map(), "comparison"), await this.writer(urn));
    return { inputs, problems };
  }

  async diff(id: string, olds: Props, declared: Props): Promise<Difference> {
    const isRefresh = this.wasRead.has(id) && !this.sets.wasChecked(declared);
    const none = { values: [], replaces: [], deleteBeforeReplace: false };
    if (isUnknown(declared[itemsKey]) && typeof declared[itemsKey] !== "object") return { ...none, changes: [itemsKey] };
    const run = await this.runOf(declared, this.sets.urnOf(declared));
    const states = unpacked(this.definition.item, olds);
    if (!isRefresh) throwProblems(await this.planner.check(run, itemsOf(declared), states));
    const plan = await this.planner.plan(run, declared, states, isRefresh ? "refresh" : "comparison");
    if (this.program.isPreview && !isRefresh) announcePlan(plan, await this.writer(run.urn));
    const changes = argumentsOf(this.definition).filter((property) => property !== itemsKey && !same(olds[property], declared[property]));
    if (plan.actions.length + plan.removed.length > 0) changes.push(itemsKey);
    this.sets.recordComparison(id, declared, false);
    // What a refresh found is in the inputs, which the engine compares itself: it reports paths then.
    return { ...none, changes, ...(changes.length > 0 && !isRefresh ? { isAtTwilio: true } : {}) };
  }

  async create(inputs: Props): Promise<ResourceState> {
    const id = `${resourceName(this.definition)}-${inputs[identityKey] ?? identityOf(JSON.stringify(inputs))}`;
    return this.carryOut({ id, olds: {}, declared: inputs });
  }

  update(id: string, olds: Props, news: Props): Promise<ResourceState> {
    return this.carryOut({ id, olds, declared: news });
  }

  async read(id: string, olds: Props): Promise<{ outputs: Props; inputs?: Props } | undefined> {
    const label = resourceName(this.definition);
    if (olds.accountSid === undefined)
      throw new UsageError(
        `${label} cannot be read by an id: it has none at Twilio. Declare it, and name existing objects with adopt in its items.`,
      );
    this.wasRead.add(id);
    const urn = await this.urnOf(id, olds);
    const states = unpacked(this.definition.item, olds);
    this.nameItems(states, urn);
    await this.cycle.expectReads([...states.values()].map(({ id: itemId }) => itemId));
    const each = await this.eachOf(urn);
    const read = await each([...states.keys()], "read", async (key) => {
      const { id: itemId, outputs } = states.get(key) as ResourceState;
      const found = await this.cycle.read(itemId, outputs);
      return found && { id: itemId, outputs: found.outputs, hasDrifted: found.inputs !== undefined };
    });
    throwFailures(read, "could not be read");
    const found = new Map([...read.done].flatMap(([key, state]) => (state ? [[key, state] as const] : [])));
    const inOrder = ordered(found, Object.fromEntries(states) as Record<string, never>);
    const { [urnKey]: recorded, ...shared } = sharedProps(this.definition, olds);
    const outputs = packed(this.definition.item, inOrder, { ...shared, accountSid: olds.accountSid, [urnKey]: recorded });
    if (found.size === states.size && ![...found.values()].some(({ hasDrifted }) => hasDrifted)) return { outputs };
    const run = await this.runOf(olds, urn);
    const items = [...inOrder].map(([key, state]) => [
      key,
      declaredItem(this.definition.item, state.outputs, shared, (args) => withDefaults(run, key, args)),
    ]);
    return {
      outputs,
      inputs: { ...shared, items: Object.fromEntries(items), ...(urn === undefined ? {} : { [identityKey]: identityOf(urn) }) },
    };
  }

  async delete(id: string, olds: Props): Promise<void> {
    const urn = await this.urnOf(id, olds);
    const states = unpacked(this.definition.item, olds);
    this.nameItems(states, urn);
    const of = (key: string) => states.get(key) as ResourceState;
    const each = await this.eachOf(urn);
    // Nothing is deleted before everything may be.
    const looked = await each([...states.keys()], "looked at", (key) => this.cycle.verifyDelete(of(key).id, of(key).outputs));
    throwFailures(looked, "must not be deleted");
    const deleted = await each([...states.keys()], "deleted", (key) => this.cycle.delete(of(key).id, of(key).outputs));
    throwFailures(deleted, "could not be deleted");
  }

  /** Brings the items to what the program declares. What was done is in the state, whatever fails. */
  private async carryOut({ id, olds, declared }: Change): Promise<ResourceState> {
    const urn = this.sets.urnOf(declared);
    const run = await this.runOf(declared, urn);
    const before = unpacked(this.definition.item, olds);
    throwProblems(await this.planner.check(run, itemsOf(declared), before));
    const plan = await this.planner.plan(run, declared, before, "update");
    const { cycle, handovers } = this;
    const result = await carryOut(plan, before, { cycle, handovers, each: await this.eachOf(urn), write: await this.writer(urn) });
    const { twilio, recordDone } = await this.open();
    const shared = { ...sharedProps(this.definition, declared), accountSid: twilio.accountSid, [urnKey]: urn };
    const states = ordered(result.states, itemsOf(declared));
    const kept = new Set([...states.keys()].filter((key) => states.get(key) === before.get(key)));
    const outputs = withFormerSecrets(packed(this.definition.item, states, shared, olds), olds, kept);
    const message = result.failed.size > 0 ? describeFailures(result, resourceName(this.definition), plan.actions.length) : undefined;
    // A create of which nothing exists leaves no resource, as that of one object.
    if (message !== undefined && result.states.size === 0 && before.size === 0) throw new UsageError(message);
    for (const key of [...this.doneNotes].filter((note) => urn !== undefined && note.includes(`${urn}["`))) {
      recordDone(key);
      this.doneNotes.delete(key);
    }
    if (message !== undefined) throw new PartialFailure({ id, outputs }, message);
    return { id, outputs };
  }

  private async runOf(set: Props, urn: string | undefined): Promise<SetRun> {
    const { placeOf, twilio } = await this.open();
    const { program } = this;
    return runOf(this.definition, set, { urn, place: placeOf(program.organization), program, accountSid: twilio.accountSid });
  }

  /**
   * The URN of a set that is read or deleted. What the engine says about the first object of a run is not known, because that request loads the
   * provider: then it is the URN of the last update.
   */
  private async urnOf(id: string, { [urnKey]: recorded }: Props): Promise<string | undefined> {
    const known = (await this.open()).requestAbout?.(id)?.urn ?? recorded;
    return typeof known === "string" ? known : undefined;
  }

  /** Writes lines under the set. */
  private async writer(urn: string | undefined) {
    const { log } = await this.open();
    return (severity: "info" | "warn", message: string) => log(severity, message, urn);
  }

  private async eachOf(urn: string | undefined): Promise<Each> {
    const write = await this.writer(urn);
    return async (keys, verb, task) => {
      this.lines = 0;
      const outcome = await forEachKey(keys, task, { write, verb });
      if (this.lines > maxLines) write("info", `and ${this.lines - maxLines} more messages about items`);
      return outcome;
    };
  }

  /** Remembers the names of items for what is written about their objects: only the set's URN is in a request of the engine. */
  private nameItems(states: ReadonlyMap<string, ResourceState>, urn: string | undefined): void {
    if (urn === undefined) return;
    for (const [key, { id }] of states) this.itemUrns.set(id, itemUrn(urn, key));
  }

  /** The run's services for the items: lines appear under the set, and name the item. */
  private async openForItems(): Promise<Run> {
    const run = await this.open();
    return {
      ...run,
      log: (severity, message, urn) => {
        const item = urn === undefined ? undefined : setOfUrn(urn);
        // Hundreds of equal lines say no more than the first of them.
        if (severity === "info" && ++this.lines > maxLines) return;
        run.log(severity, item ? `${itemName(item.key)}: ${message}` : message, item?.setUrn ?? urn);
      },
      recordDone: (key) => void this.doneNotes.add(key),
      requestAbout: (id) => {
        const urn = this.itemUrns.get(id);
        return urn === undefined ? undefined : { urn, identity: identityOf(urn) };
      },
    };
  }
}

/** The states in the order of the program, what it does not declare last. */
function ordered(states: ReadonlyMap<string, ResourceState>, items: Readonly<Record<string, unknown>>): Map<string, ResourceState> {
  const keys = [...Object.keys(items).filter((key) => states.has(key)), ...[...states.keys()].filter((key) => !Object.hasOwn(items, key))];
  return new Map(keys.map((key) => [key, states.get(key) as ResourceState]));
}

function throwFailures({ failed, untried }: Outcome<unknown>, what: string): void {
  if (failed.size === 0) return;
  const lines = [...failed].map(([key, { message }]) => `${itemName(key)}: ${message}`);
  const others = untried.length > 0 ? `, ${untried.length} were not tried` : "";
  throw new UsageError(`${failed.size} items ${what}${others}.${firstLines(lines)}`);
}
