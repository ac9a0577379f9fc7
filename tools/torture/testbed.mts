import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { type EmulatorClient, emulatorClient } from "../harness/emulator-client.mts";
import { type EmulatorProcess, startEmulatorProcess } from "../harness/emulator-process.mts";
import { type Kind, type LiveObject, listLiveObjects } from "../harness/live-objects.mts";
import { type Outcome, openStack, type TestStack } from "../harness/stack.mts";
import { killProcessesWithEnv } from "../start/stray-processes.mts";
import type { OperationRequest } from "./operation-process.mts";
import { type Plan, programOf } from "./plan.mts";
import type { FinalState, StateEntry } from "./problems.mts";
import { countPurchases, ExpectedPurchases, type Purchases } from "./purchases.mts";

/** Options of {@link openTestbed}. */
export interface TestbedOptions {
  /** The folder of the engine's executables. */
  readonly engine: string;
  /** Additional configuration of the stack. */
  readonly config?: Readonly<Record<string, string>>;
}

const openTestbeds = new Set<Testbed>();

/** An emulator in its own process, a stack that uses it, and the state that both must end in. */
export class Testbed {
  readonly client: EmulatorClient;
  readonly stack: TestStack;
  /** The folder of the emulator's state. */
  readonly stateDir: string;
  readonly expectedPurchases = new ExpectedPurchases();
  readonly #engine: string;
  readonly #initialIds: ReadonlySet<string>;
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  /** The last known id by resource name: a retained number is no longer in the state. */
  readonly #idByName = new Map<string, string>();
  #emulator: EmulatorProcess;
  #plan: Plan = {};
  /** The purchases up to the last restart of the emulator. */
  #earlierPurchases: Purchases = { bought: 0, released: 0 };

  constructor(engine: string, stateDir: string, emulator: EmulatorProcess, stack: TestStack, initial: readonly LiveObject[]) {
    this.#engine = engine;
    this.#emulator = emulator;
    this.#initialIds = new Set(initial.map(({ id }) => id));
    this.client = emulatorClient(emulator);
    this.stack = stack;
    this.stateDir = stateDir;
    openTestbeds.add(this);
  }

  get emulator(): EmulatorProcess {
    return this.#emulator;
  }

  /** What the program declares. */
  get plan(): Plan {
    return this.#plan;
  }

  set plan(next: Plan) {
    this.#plan = next;
    this.stack.program = programOf(next);
  }

  /** Lists the objects in the account, except those that every new account has. */
  async liveObjects(): Promise<LiveObject[]> {
    return (await listLiveObjects(this.client)).filter(({ id }) => !this.#initialIds.has(id));
  }

  /** Lists the resources of this package in the engine's state. */
  async stateEntries(): Promise<StateEntry[]> {
    return (await this.stack.resources())
      .filter(({ type }) => type.startsWith("pulumi-nodejs:twilio/"))
      .map(({ urn, type, id }) => ({ name: urn.split("::").at(-1) as string, kind: type.split(":").at(-1) as Kind, id }));
  }

  /** Counts all numbers that were bought and released so far. */
  async purchases(): Promise<Purchases> {
    const { bought, released } = await countPurchases(this.stateDir);
    return { bought: this.#earlierPurchases.bought + bought, released: this.#earlierPurchases.released + released };
  }

  /** The state of Twilio and of the engine, next to what the current plan expects. */
  async finalState(): Promise<Omit<FinalState, "last">> {
    this.expectedPurchases.apply(this.#plan);
    const state = await this.stateEntries();
    for (const { name, id } of state) this.#idByName.set(name, id);
    const retained = this.expectedPurchases.retained(this.#plan).map((name) => ({ name, id: String(this.#idByName.get(name)) }));
    const [live, purchases] = [await this.liveObjects(), await this.purchases()];
    return { plan: this.#plan, state, live, retained, expectedPurchases: this.expectedPurchases, purchases };
  }

  /** Kills the emulator and starts it again with the same port and folder. `between` runs while it is down. */
  async restartEmulator<T>(between?: () => Promise<T>): Promise<T> {
    const { url } = this.#emulator;
    await this.#emulator.kill();
    this.#earlierPurchases = await this.purchases();
    const result = await between?.();
    this.#emulator = await startEmulatorProcess({ stateDir: this.stateDir, port: Number(new URL(url).port) });
    return result as T;
  }

  /** Runs an operation in a separate process, so that its engine can be killed. */
  async runSeparately(operation: OperationRequest["operation"]): Promise<Outcome> {
    const { workDir, envVars } = this.stack.stack.workspace as LocalWorkspace;
    const request: OperationRequest = { operation, plan: this.#plan, engine: this.#engine, workDir, envVars };
    const script = join(import.meta.dirname, "operation-process.mts");
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(JSON.stringify(request));
    const exited = once(child, "exit");
    const output = await text(child.stdout);
    const [code] = (await exited) as [number | null];
    return { ok: code === 0, text: output, steps: [], changes: {}, diagnostics: [], events: "" };
  }

  /** Adds a task that runs before the folders are removed. */
  onClose(task: () => Promise<unknown>): void {
    this.#cleanups.push(task);
  }

  async close(): Promise<void> {
    openTestbeds.delete(this);
    await killProcessesWithEnv("PULUMI_BACKEND_URL", `file://${this.stack.folder}`);
    for (const task of this.#cleanups) await task();
    await this.stack.close();
    await this.#emulator.kill();
    await rm(this.stateDir, { recursive: true, force: true });
  }
}

/** Starts an emulator and creates a stack on it. */
export async function openTestbed({ engine, config = {} }: TestbedOptions): Promise<Testbed> {
  const stateDir = await mkdtemp(join(tmpdir(), "twilio-torture-"));
  const emulator = await startEmulatorProcess({ stateDir });
  const stack = await openStack({ engine, twilio: emulator, config });
  return new Testbed(engine, stateDir, emulator, stack, await listLiveObjects(emulatorClient(emulator)));
}

/** Closes all open testbeds after an interrupt, so that no process and no folder is left. */
export async function closeTestbeds(): Promise<void> {
  await Promise.allSettled([...openTestbeds].map((testbed) => testbed.close()));
}
