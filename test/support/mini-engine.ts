/**
 * The part of Pulumi's engine that tests of a provider need, deterministic and in this process: check, diff, create, update, replacement in
 * both orders, read, delete, unknown values in previews, partial failures, crashes. Values between engine and provider pass through protobuf's
 * Struct, as in the engine's plugin; the state is JSON.
 */
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { DynamicProvider } from "../../src/core/provider/dynamic-provider";
import { providerText } from "../../src/core/registration/resource";
import type { SetDefinition } from "../../src/core/sets/set-definition";
import { CheckFailed, json, type Plan, type Step, sortedJson, wire } from "./engine-values";
import { type Declared, registered } from "./registered";

export type { Declared } from "./registered";

/** What the engine passes in place of a value that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface State {
  readonly name: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  /** Why it is incomplete: the next update completes it, even if the diff reports no change. */
  readonly initErrors?: readonly string[];
  /** It was replaced, and the next update deletes it at the latest. */
  readonly delete?: true;
}

/** The state during an update: the resource as it was, how to save it, and what was replaced. */
interface Progress {
  readonly old: State | undefined;
  save(name: string, state: State | undefined): void;
  readonly replaced: State[];
  readonly crashAfterCreating: string;
}

/** A process of providers. `end` is how the engine ends it after a run; a crash does not. */
export interface ProviderProcess {
  (definition: Definition | SetDefinition): DynamicProvider;
  end?(): void;
}

/** The engine was killed after Twilio responded and before the state was saved. */
export class Crash extends Error {}

/** The engine with one stack. */
export class MiniEngine {
  stack = "dev";
  place = "";
  #state = "[]";

  /** `open` starts a provider process; each operation starts its own. */
  constructor(
    private readonly open: () => ProviderProcess,
    private readonly definitions: readonly (Definition | SetDefinition)[],
  ) {}

  /** The resources of the state. */
  get state(): State[] {
    return JSON.parse(this.#state);
  }

  /** An earlier state is what an engine leaves that was killed before it saved the later one. */
  set state(states: readonly State[]) {
    this.#save(states);
  }

  /** The resources of the state as the backend's file has them. */
  get resources() {
    return this.state.map(({ name, type, id, outputs }) => {
      const full = `pulumi-nodejs:${type}`;
      return { urn: `urn:pulumi:${this.stack}::laws::${full}::${name}`, type: full, id, outputs };
    });
  }

  /** A resource of the state. */
  of(name: string): State {
    const found = this.state.find((state) => state.name === name);
    if (!found) throw new Error(`the state has no ${name}`);
    return found;
  }

  #save(states: readonly State[]): void {
    this.#state = JSON.stringify(states);
  }

  /** What `up` would do. Values that only the update reveals are unknown. */
  preview(program: readonly Declared[]): Promise<Record<string, Step>> {
    return this.#run(program, true);
  }

  /**
   * Previews, then updates. `crashAfterCreating`: the engine is killed after it created this resource. `replace`: this resource is replaced,
   * as with `--target-replace` and `replaceOnChanges`.
   */
  async up(program: readonly Declared[], { crashAfterCreating = "", replace = "" } = {}): Promise<Record<string, Step>> {
    await this.#run(program, true, { replace });
    return this.#run(program, false, { crashAfterCreating, replace });
  }

  #run(program: readonly Declared[], isPreview: boolean, options = {}): Promise<Record<string, Step>> {
    return this.#inProcess((providerOf) => this.#runIn(providerOf, program, isPreview, options));
  }

  async #runIn(
    providerOf: ProviderProcess,
    program: readonly Declared[],
    isPreview: boolean,
    { crashAfterCreating = "", replace = "" } = {},
  ): Promise<Record<string, Step>> {
    const steps: Record<string, Step> = {};
    const seen = new Map<string, Props>();
    let states = this.state.filter((state) => !state.delete);
    const replaced = this.state.filter((state) => state.delete);
    const save = (name: string, state: State | undefined) => {
      if (isPreview) return;
      const at = states.findIndex((known) => known.name === name);
      if (!state) states = states.filter((known) => known.name !== name);
      else if (at < 0) states = [...states, state];
      else states = states.with(at, state);
      this.#save([...states, ...replaced]);
    };

    for (const declared of program) {
      const { name, definition, args } = declared;
      const provider = providerOf(definition);
      const old = states.find((state) => state.name === name);
      const of = (other: string) => seen.get(other) ?? {};
      const given = wire(json(registered(declared, typeof args === "function" ? args(of) : args, this, { isPreview, program })));
      const check = async (olds: Props) => {
        const { inputs = given, failures = [] } = await provider.check(wire(olds), wire(given));
        if (failures.length > 0) throw new CheckFailed(failures);
        return wire({ ...inputs, __provider: given.__provider });
      };
      let inputs = await check(old?.inputs ?? {});
      const plan: Plan = old ? await this.#diff(provider, old, inputs) : { step: "create", deleteBeforeReplace: false };
      if (old && replace === name) plan.step = "replace";
      if (plan.step === "replace") inputs = await check({});
      steps[name] = plan.step;

      // In a preview, only the inputs of a new object are known, and only the id and the inputs of a changed one.
      const isNew = plan.step === "create" || plan.step === "replace";
      const fill = (known: Props) => new Proxy(known, { get: (target, key) => target[key as string] ?? unknown });
      if (isPreview) {
        if (plan.step === "same") seen.set(name, { ...old?.outputs, id: old?.id });
        else seen.set(name, fill(isNew ? inputs : { ...inputs, id: old?.id }));
        continue;
      }

      await this.#apply(declared, provider, inputs, plan, { old, save, replaced, crashAfterCreating });
      const now = this.of(name);
      seen.set(name, { ...now.outputs, id: now.id });
    }

    const gone = [...states.filter((state) => !program.some(({ name }) => name === state.name)), ...replaced];
    for (const state of gone) if (!(state.name in steps)) steps[state.name] = "delete";
    if (!isPreview) await this.#delete(gone, providerOf);
    return steps;
  }

  /** Carries out what is planned for one resource. */
  async #apply(
    { name, definition }: Declared,
    provider: DynamicProvider,
    inputs: Props,
    plan: Plan,
    { old, save, replaced, crashAfterCreating }: Progress,
  ): Promise<void> {
    const stateOf = (id: string, outs: Props) => ({
      name,
      type: definition.type,
      id,
      inputs,
      outputs: wire({ ...outs, __provider: inputs.__provider }),
    });
    if (plan.step === "same" && old) save(name, { ...old, inputs });
    else if (plan.step === "update" && old) {
      const keep = (state: State) => save(name, { ...state, inputs: state.initErrors ? old.inputs : inputs });
      await this.#keep(keep, { ...old, inputs }, async () =>
        stateOf(old.id, (await provider.update(old.id, wire(old.outputs), wire(inputs))).outs),
      );
    } else {
      if (old && plan.deleteBeforeReplace) {
        await provider.delete(old.id, wire(old.outputs));
        save(name, undefined);
      }
      const keep = (state: State) => {
        if (old && !plan.deleteBeforeReplace) replaced.push({ ...old, delete: true });
        save(name, state);
      };
      await this.#keep(keep, stateOf("", {}), async () => {
        const { id, outs } = await provider.create(wire(inputs));
        if (crashAfterCreating === name) throw new Crash(`after ${id}`);
        return stateOf(id, outs);
      });
    }
  }

  /** Saves what an operation returns; after a partial failure what exists, so that the next update completes it. */
  async #keep(save: (state: State) => void, known: State, operation: () => Promise<State>): Promise<void> {
    let state: State;
    try {
      state = await operation();
    } catch (error) {
      const { id, properties, reasons } = error as { id?: string; properties?: Props; reasons?: string[] };
      if (id) save({ ...known, id, outputs: wire(properties ?? {}), initErrors: reasons ?? [] });
      throw error;
    }
    save(state);
  }

  async #diff(provider: DynamicProvider, old: State, inputs: Props): Promise<Plan> {
    const { changes, replaces = [], deleteBeforeReplace = false } = await provider.diff(old.id, wire(old.outputs), wire(inputs));
    // Without a list of changes, the engine compares the inputs.
    const changed = changes ?? sortedJson(old.inputs) !== sortedJson(inputs);
    if (changed && replaces.length > 0) return { step: "replace", deleteBeforeReplace };
    return { step: changed || old.initErrors ? "update" : "same", deleteBeforeReplace: false };
  }

  /** Reads every resource, and returns those that changed or no longer exist. */
  refresh(): Promise<Record<string, "changed" | "gone">> {
    return this.#inProcess((providerOf) => this.#refresh(providerOf));
  }

  async #refresh(providerOf: ProviderProcess): Promise<Record<string, "changed" | "gone">> {
    const found: Record<string, "changed" | "gone"> = {};
    const states: State[] = [];
    for (const state of this.state) {
      if (state.delete) {
        states.push(state);
        continue;
      }
      const { id, props = {}, inputs } = await providerOf(this.#definitionOf(state)).read(state.id, wire(state.outputs));
      if (!id) {
        found[state.name] = "gone";
        continue;
      }
      const { __provider } = state.outputs;
      const read = {
        name: state.name,
        type: state.type,
        id,
        inputs: inputs ? wire({ ...inputs, __provider }) : state.inputs,
        outputs: wire({ ...props, __provider }),
      };
      if (sortedJson([read.id, read.outputs]) !== sortedJson([state.id, state.outputs])) found[state.name] = "changed";
      states.push(read);
    }
    this.#save(states);
    return found;
  }

  /** `X.get(name, id)` of a program. */
  async get(definition: Definition, id: string): Promise<Props> {
    const __provider = providerText(definition);
    const { props } = await this.#inProcess((providerOf) => providerOf(definition).read(id, wire({ __provider })));
    return wire({ ...props, __provider });
  }

  /** Deletes these resources, or all. */
  destroy(names?: readonly string[]): Promise<void> {
    const wanted = this.state.filter(({ name }) => names?.includes(name) ?? true);
    return this.#inProcess((providerOf) => this.#delete(wanted, providerOf));
  }

  async #delete(states: readonly State[], providerOf: ProviderProcess): Promise<void> {
    for (const state of states.toReversed()) {
      await providerOf(this.#definitionOf(state)).delete(state.id, wire(state.outputs));
      this.#save(this.state.filter(({ name, id }) => name !== state.name || id !== state.id));
    }
  }

  async #inProcess<T>(task: (providerOf: ProviderProcess) => Promise<T>): Promise<T> {
    const providerOf = this.open();
    const known = new Map<Definition | SetDefinition, DynamicProvider>();
    let isKilled = false;
    try {
      return await task((definition) => {
        const provider = known.get(definition) ?? providerOf(definition);
        known.set(definition, provider);
        return provider;
      });
    } catch (error) {
      isKilled = error instanceof Crash;
      throw error;
    } finally {
      if (!isKilled) providerOf.end?.();
    }
  }

  /** The outputs name the provider; without it, an object can be neither read nor deleted. */
  #definitionOf({ type, outputs }: State): Definition | SetDefinition {
    if (typeof outputs.__provider !== "string") throw new Error("code must be a string, not undefined");
    return this.definitions.find((definition) => definition.type === type) as Definition | SetDefinition;
  }
}
