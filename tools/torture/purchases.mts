import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { itemsOf, type Plan } from "./plan.mts";

/** How many numbers were bought and released. */
export interface Purchases {
  readonly bought: number;
  readonly released: number;
}

type Row = { readonly sid: string };

/**
 * Counts the purchases and releases since the emulator started. Its folder contains a snapshot of the start and a journal with one line per
 * transaction.
 */
export async function countPurchases(stateDir: string): Promise<Purchases> {
  const { tables } = JSON.parse(await readFile(join(stateDir, "state.json"), "utf8")) as { tables: { numbers: Row[] } };
  const [journal] = (await readdir(stateDir)).filter((name) => /^journal-\d+\.ndjson$/.test(name));
  const lines = journal === undefined ? [] : (await readFile(join(stateDir, journal), "utf8")).split("\n").slice(0, -1);
  const rows = lines.flatMap((line) => JSON.parse(line) as [table: string, sid: string, after: Row | null][]);
  const known = new Set(tables.numbers.map(({ sid }) => sid));
  let [bought, released] = [0, 0];
  for (const [table, sid, after] of rows) {
    if (table !== "numbers") continue;
    if (after === null) released += 1;
    else if (!known.has(sid)) bought += 1;
    known.add(sid);
  }
  return { bought, released };
}

/** The purchases that the plans require: a number is bought when it is first declared, and released only if its `onDelete` says so. */
export class ExpectedPurchases implements Purchases {
  bought = 0;
  released = 0;
  /** The numbers that the account must own, each with its `onDelete`. */
  private readonly owned = new Map<string, "retain" | "release">();

  /** Records that a plan was applied. */
  apply(plan: Plan): void {
    const declared = new Map(itemsOf(plan, "PhoneNumber").map(([name, { onDelete }]) => [name, onDelete]));
    for (const [name, onDelete] of declared) {
      if (!this.owned.has(name)) this.bought += 1;
      this.owned.set(name, onDelete);
    }
    for (const [name, onDelete] of this.owned) {
      if (!declared.has(name) && onDelete === "release") this.remove(name);
    }
  }

  /** Records that a number was released outside of the program. */
  releasedOutside(name: string): void {
    if (this.owned.has(name)) this.remove(name);
  }

  /** Records that the replacement of a number released outside of the program was released outside as well. */
  replacementReleasedOutside(): void {
    this.bought += 1;
    this.released += 1;
  }

  /** The names of the numbers that the account keeps although the plan does not declare them. */
  retained(plan: Plan): string[] {
    return [...this.owned.keys()].filter((name) => plan[name] === undefined);
  }

  private remove(name: string): void {
    this.owned.delete(name);
    this.released += 1;
  }
}
