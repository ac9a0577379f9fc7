/** What the runs on one machine share: notes, and locks that a dead process does not hold. */
import type { ProviderHost } from "../../src/core/provider/dynamic-provider";
import type { SimulatedProcess } from "./process";

const pollMs = 100;

export class Machine {
  /** Each note as the file that has it. */
  readonly notes = new Map<string, string>();
  private readonly locks = new Map<string, { readonly process: SimulatedProcess }>();

  /** The notes as a process has them; a dead one writes none. */
  openNotes(process: SimulatedProcess): ProviderHost["openNotes"] {
    const { notes } = this;
    return (scope) => {
      const keyOf = (key: string) => `${scope}\n${key}`;
      return {
        read: (key) => (notes.has(keyOf(key)) ? JSON.parse(notes.get(keyOf(key)) as string) : undefined),
        write: (key, value) => process.proceeds() && Boolean(notes.set(keyOf(key), JSON.stringify(value))),
        remove: (key) => void (process.proceeds() && notes.delete(keyOf(key))),
        all: () => [...notes].filter(([key]) => key.startsWith(`${scope}\n`)).map(([, note]) => JSON.parse(note)),
      };
    };
  }

  lock(process: SimulatedProcess): NonNullable<ProviderHost["lock"]> {
    return async (key, pause, task) => {
      const mine = { process };
      const isTaken = () => this.locks.get(key)?.process.isAlive ?? false;
      while (isTaken() && (await pause(pollMs)));
      if (!isTaken()) this.locks.set(key, mine);
      try {
        return await task();
      } finally {
        if (this.locks.get(key) === mine) this.locks.delete(key);
      }
    };
  }
}
