/** Stacks, and how their operations end. */
import type { DynamicProvider } from "../../src/core/provider/dynamic-provider";
import type { Fault } from "./faults";
import type { Machine } from "./machine";
import type { Planned } from "./operation";
import type { SimulatedProcess } from "./process";
import type { Spec } from "./program";

/** A stack, its backend and the machine on which it runs. */
export interface Stack {
  readonly id: string;
  name: string;
  specs: readonly Spec[];
  /** The state as the backend has it. */
  state: string;
  readonly machine: Machine;
  /** The backend's name. */
  readonly backend: string;
}

/** How an operation ended. */
export interface Outcome {
  readonly stack: Stack;
  readonly event: string;
  readonly error: string | undefined;
  readonly wasKilled: boolean;
  /** Whether faults or a kill were planned for it. */
  readonly isDisturbed: boolean;
  readonly planned: ReadonlyMap<string, Planned>;
  readonly process: SimulatedProcess;
  /** By Twilio's clock. */
  readonly begunAt: number;
  readonly endedAt: number;
  /** What the preview has shown, and then the operation. */
  readonly previewLines: readonly string[];
  readonly lines: readonly string[];
  /** Objects that came into the state and that this resource's create had not just made: they were in a state before, or are somebody else's. */
  readonly found: readonly string[];
  /** Objects in the states that the run could read, of other stacks. */
  readonly heldByOthers: ReadonlySet<string>;
}

/** What an operation is disturbed by, and how it is asked for. */
export interface Run {
  readonly faults?: readonly Fault[] | undefined;
  readonly killAt?: number | undefined;
  /** How long its first requests are held back, in milliseconds. */
  readonly pace?: readonly number[] | undefined;
  readonly target?: number | undefined;
  readonly acceptsAllMissing?: boolean;
}

export type Name = "up" | "preview" | "refresh" | "destroy";

/** Replaces a provider by one with a fault; `show` writes a line that the user sees. */
export type Sabotage = (provider: DynamicProvider, show: (line: string) => void) => DynamicProvider;

/** A process of the engine while it works. */
export interface Session {
  readonly process: SimulatedProcess;
  readonly ended: AbortSignal;
  readonly faults: readonly Fault[];
  readonly pace: readonly number[];
  readonly lines: string[];
  readonly found: string[];
  readonly acceptsAllMissing: boolean;
}
