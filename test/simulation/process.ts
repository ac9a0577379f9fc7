/** A process of the engine and its providers, which can be killed between any two of its effects. */
import { AsyncLocalStorage } from "node:async_hooks";

/** What never happens, because the process that waits for it is dead. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** Who sends a request: the stack, the resource and what is done with it. */
export interface Actor {
  readonly process: SimulatedProcess;
  readonly stack: string;
  readonly urn: string;
  readonly step: "check" | "diff" | "create" | "update" | "delete" | "read";
}

/** The actor of the code that runs. */
export const actors = new AsyncLocalStorage<Actor>();

export class SimulatedProcess {
  /** How many effects it has had on the world outside. */
  effects = 0;
  isAlive = true;
  /** Resolves when it is killed. */
  readonly killed: Promise<"killed">;
  private die: (how: "killed") => void = () => {};

  /**
   * `killAt`: it is killed just before this effect. Between two effects, only the memory of the process changes, so this covers a kill at any
   * `await`.
   */
  constructor(private readonly killAt = Number.POSITIVE_INFINITY) {
    this.killed = new Promise((resolve) => {
      this.die = resolve;
    });
  }

  /** Whether the next effect takes place. */
  proceeds(): boolean {
    if (!this.isAlive) return false;
    this.effects += 1;
    if (this.effects < this.killAt) return true;
    this.isAlive = false;
    this.die("killed");
    return false;
  }

  /** A result that arrives from outside: nobody receives it in a dead process. */
  async receive<T>(result: Promise<T>): Promise<T> {
    try {
      const value = await result;
      return this.proceeds() ? value : never();
    } catch (error) {
      if (!this.proceeds()) return never();
      throw error;
    }
  }
}
