/** What Pulumi's engine does with a program and a state, as far as a provider can see it. */
import { type Props, unknownSentinel } from "../../src/core/lifecycle/props";
import { providerText } from "../../src/core/registration/resource";
import { CheckFailed, type Host, type Plan, type Planned, Skipped } from "./operation";
import { type Actor, actors } from "./process";
import { type Declared, type Registration, type Resource, resetIgnored, type Snapshot, urnOf } from "./state";
import { changedPaths, sortedJson, wire } from "./values";

/** One operation of the engine. */
export class Operation {
  readonly planned = new Map<string, Planned>();
  private readonly snapshot: Snapshot;
  private readonly errors: unknown[] = [];
  private readonly registered = new Map<string, Promise<Props>>();
  private readonly seen = new Set<string>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: Host,
    private readonly isPreview: boolean,
  ) {
    const { resources, pending } = host.load();
    // Only unfinished creates stay on record; the engine forgets the other operations that were cut off.
    this.snapshot = { resources, pending: pending.filter(({ type }) => type === "creating") };
  }

  /** Registers what a program declares, then deletes what it no longer declares. `targets`: only these, by name. */
  async program(declared: readonly Declared[], targets?: readonly string[]): Promise<void> {
    const isTargeted = (name: string) => targets === undefined || targets.includes(name);
    for (const one of declared) {
      const result = isTargeted(one.name) ? this.register(one) : this.keepUntargeted(one);
      result.catch(() => {});
      this.registered.set(one.name, result);
    }
    await Promise.allSettled(this.registered.values());
    this.throwErrors();
    const condemned = this.snapshot.resources.filter(
      (old) => (targets === undefined || targets.includes(old.name)) && (old.delete || !this.seen.has(old.urn)),
    );
    await this.remove(condemned);
  }

  /** Deletes everything. */
  async destroy(targets?: readonly string[]): Promise<void> {
    await this.remove(this.snapshot.resources.filter(({ name }) => targets === undefined || targets.includes(name)));
  }

  /** Reads everything; the state is saved at the end. */
  async refresh(): Promise<void> {
    const read = await Promise.all(this.snapshot.resources.map((old) => this.guarded(() => this.read(old))));
    this.throwErrors();
    this.snapshot.resources.splice(0, this.snapshot.resources.length, ...read.filter((found) => found !== undefined));
    this.save();
  }

  private async read(old: Resource): Promise<Resource | undefined> {
    const provider = this.host.providerOf(this.host.definitionOf(old.type));
    this.host.announceRequest(old.id, old.urn, old.inputs);
    const { id, props = {}, inputs } = await this.as(old.urn, "read", () => provider.read(old.id, wire(old.outputs)));
    if (!id) return undefined;
    const { __provider } = old.outputs;
    const now = { ...old, id, outputs: wire({ ...props, __provider }), inputs: inputs ? wire({ ...inputs, __provider }) : old.inputs };
    // How the engine finds out what to show: what was read counts as old, what the state had as new.
    await this.as(old.urn, "diff", () => provider.diff(id, wire(now.outputs), wire(old.inputs)));
    return { ...now, initErrors: undefined };
  }

  private async keepUntargeted({ name, definition }: Declared): Promise<Props> {
    const urn = urnOf(this.host.stack.name, definition, name);
    this.seen.add(urn);
    const old = this.snapshot.resources.find((known) => known.urn === urn && !known.delete);
    if (old) return { ...old.outputs, id: old.id };
    throw new Skipped();
  }

  private async register(declared: Declared): Promise<Props> {
    const found = await Promise.all(declared.deps.map(async (dep) => [dep, await this.registered.get(dep)] as const));
    const outputs = new Map(found);
    const of = (name: string) => outputs.get(name) ?? {};
    return this.guarded(async () => {
      const registration = await this.inTurn(() => this.plan(declared, declared.args(of)));
      return this.isPreview ? this.foresee(registration) : this.carryOut(registration);
    });
  }

  /** The engine checks and compares one resource after the other. */
  private async plan(declared: Declared, args: Props): Promise<Registration & { plan: Plan }> {
    if (this.errors.length > 0) throw new Skipped();
    const { definition, name, options } = declared;
    const urn = urnOf(this.host.stack.name, definition, name);
    const candidates = [urn, ...options.aliases.map((alias) => urnOf(this.host.stack.name, definition, alias))];
    const old = candidates.flatMap((one) => this.snapshot.resources.find((known) => known.urn === one && !known.delete) ?? [])[0];
    if (old) this.seen.add(old.urn);
    this.seen.add(urn);
    const provider = this.host.providerOf(definition);
    const { place } = this.host;
    const given = definition.addDefaults?.(args, { name, urn, place }) ?? args;
    const goal = wire({
      ...given,
      __urn: urn,
      __run: { organization: place, isPreview: this.isPreview },
      __provider: providerText(definition),
    });
    const check = async (olds: Props, news: Props) => {
      const { inputs = news, failures = [] } = await this.as(urn, "check", () => provider.check(wire(olds), wire(news)));
      if (failures.length > 0) throw new CheckFailed(failures.map(({ property, reason }) => `${name}: ${property} ${reason}`).join("\n"));
      return wire({ ...inputs, __provider: goal.__provider });
    };
    const registration = { declared, urn, old, provider };
    if (!old)
      return {
        ...registration,
        plan: this.announce(urn, { step: "create", paths: "all", inputs: await check({}, goal), deleteBeforeReplace: false }),
      };
    const inputs = await check(old.inputs, resetIgnored(goal, old.inputs, options.ignoreChanges));
    const diff = await this.as(urn, "diff", () => provider.diff(old.id, wire(old.outputs), wire(inputs)));
    const isChanged = diff.changes ?? sortedJson(old.inputs) !== sortedJson(inputs);
    if (old.pendingReplacement || (isChanged && (diff.replaces ?? []).length > 0)) {
      if (old.protect && options.protect) throw new Error(`unable to replace resource "${urn}" as it is currently marked for protection`);
      const deleteBeforeReplace = options.deleteBeforeReplace ?? diff.deleteBeforeReplace ?? false;
      return {
        ...registration,
        plan: this.announce(urn, { step: "replace", paths: "all", inputs: await check({}, goal), deleteBeforeReplace }),
      };
    }
    const step = isChanged || old.initErrors ? "update" : "same";
    const paths = old.initErrors ? "all" : changedPaths(old.inputs, inputs);
    return { ...registration, plan: this.announce(urn, { step, paths, inputs, deleteBeforeReplace: false }) };
  }

  private announce(urn: string, plan: Plan): Plan {
    this.planned.set(urn, plan);
    return plan;
  }

  /** The outputs that a preview knows: the inputs of a new object, and the id of one that exists. */
  private foresee({ old, plan }: Registration & { plan: Plan }): Props {
    if (plan.step === "same") return { ...old?.outputs, id: old?.id };
    const known: Props = plan.step === "update" ? { ...plan.inputs, id: old?.id } : plan.inputs;
    return new Proxy(known, { get: (target, key) => target[key as string] ?? unknownSentinel });
  }

  private async carryOut({ declared, urn, old, provider, plan }: Registration & { plan: Plan }): Promise<Props> {
    const { name, definition, options } = declared;
    const common = {
      urn,
      name,
      type: definition.type,
      deps: declared.deps,
      // An ignored value stays as secret as it was.
      secret: [...options.secret, ...(old?.secret ?? []).filter((key) => options.ignoreChanges.some((path) => path.split(".")[0] === key))],
      protect: options.protect,
      retainOnDelete: options.retainOnDelete,
    };
    const { inputs } = plan;
    const stateOf = (id: string, outs: Props): Resource => ({
      ...common,
      id,
      inputs,
      outputs: wire({ ...outs, __provider: inputs.__provider }),
    });
    if (plan.step === "same" && old) {
      this.replaceInState(old, { ...old, ...common, inputs });
      return { ...old.outputs, id: old.id };
    }
    if (plan.step === "update" && old) {
      const update = async () =>
        stateOf(old.id, (await this.as(urn, "update", () => provider.update(old.id, wire(old.outputs), wire(inputs)))).outs);
      return this.pending(urn, "updating", update, (state, isPartial) =>
        this.replaceInState(old, isPartial ? { ...old, ...common, ...state, inputs: old.inputs } : state),
      );
    }
    if (old && plan.deleteBeforeReplace && !old.pendingReplacement) {
      await this.pending(
        urn,
        "deleting",
        () => this.deleteObject(old),
        () => this.replaceInState(old, { ...old, pendingReplacement: true }),
      );
    }
    const create = async () => {
      const { id, outs } = await this.as(urn, "create", () => provider.create(wire(inputs)));
      return stateOf(id, outs);
    };
    return this.pending(urn, "creating", create, (state) => {
      const before = this.snapshot.resources.find((known) => old !== undefined && known.urn === old.urn && !known.delete);
      const made = { ...stateOf("", {}), ...state };
      if (before?.pendingReplacement) return this.replaceInState(before, made);
      if (before) this.snapshot.resources.splice(this.snapshot.resources.indexOf(before), 1, { ...before, delete: true });
      this.snapshot.resources.push(made);
    });
  }

  private replaceInState(old: Resource, state: Resource): void {
    const at = this.snapshot.resources.findIndex((known) => known.urn === old.urn && known.id === old.id && !known.delete);
    this.snapshot.resources.splice(at, 1, state);
    if (sortedJson(old) !== sortedJson(state)) this.save();
  }

  /** Carries out a step: the state names it before, and has its result after. */
  private async pending<T extends Partial<Resource> | undefined>(
    urn: string,
    type: Snapshot["pending"][number]["type"],
    task: () => Promise<T>,
    keep: (result: T, isPartial: boolean) => unknown,
  ): Promise<Props> {
    const operation = { urn, type };
    this.snapshot.pending.push(operation);
    this.save();
    const end = () => this.snapshot.pending.splice(this.snapshot.pending.indexOf(operation), 1);
    let result: T;
    try {
      result = await task();
    } catch (error) {
      end();
      const { id, properties, reasons } = error as { id?: string; properties?: Props; reasons?: string[] };
      if (id) keep({ id, outputs: wire(properties ?? {}), initErrors: reasons ?? [] } as Partial<Resource> as T, true);
      this.save();
      throw error;
    }
    end();
    keep(result, false);
    this.save();
    return { ...result?.outputs, id: result?.id };
  }

  private async remove(condemned: readonly Resource[]): Promise<void> {
    const protectedOne = condemned.find((old) => old.protect && !old.delete);
    for (const old of condemned)
      if (!this.planned.has(old.urn)) this.planned.set(old.urn, { step: old.pendingReplacement ? "discard" : "delete", paths: "all" });
    if (protectedOne) throw new Error(`resource "${protectedOne.urn}" cannot be deleted because it is protected`);
    if (this.isPreview) return;
    const done = new Map<Resource, Promise<unknown>>();
    // What depends on another resource is deleted before it.
    const removeOne = (old: Resource): Promise<unknown> => {
      const known = done.get(old);
      if (known) return known;
      const dependents = condemned.filter((other) => other !== old && other.deps.includes(old.name));
      const result = Promise.all(dependents.map(removeOne)).then(() => this.guarded(() => this.removeOne(old)));
      done.set(old, result);
      return result;
    };
    await Promise.allSettled(condemned.map(removeOne));
    this.throwErrors();
  }

  private async removeOne(old: Resource): Promise<void> {
    if (this.errors.length > 0) throw new Skipped();
    const task = async () => (old.pendingReplacement ? undefined : this.deleteObject(old));
    await this.pending(old.urn, "deleting", task, () => this.snapshot.resources.splice(this.snapshot.resources.indexOf(old), 1));
  }

  private async deleteObject(old: Resource): Promise<undefined> {
    if (!old.retainOnDelete) {
      this.host.announceRequest(old.id, old.urn, old.inputs);
      await this.as(old.urn, "delete", () => this.host.providerOf(this.host.definitionOf(old.type)).delete(old.id, wire(old.outputs)));
    }
    this.host.letGo(old);
    return undefined;
  }

  private as<T>(urn: string, step: Actor["step"], task: () => Promise<T>): Promise<T> {
    return actors.run({ process: this.host.process, stack: this.host.stack.id, urn, step }, task);
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.turn.then(task);
    this.turn = result.catch(() => {});
    return result;
  }

  /** Records a failure, after which nothing else begins. */
  private async guarded<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof Skipped)) this.errors.push(error);
      throw error;
    }
  }

  private throwErrors(): void {
    if (this.errors.length > 0) throw new Error(this.errors.map((error) => (error as Error).message).join("\n"));
  }

  private save(): void {
    this.host.save(this.snapshot);
  }
}
