import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { itemsOf, type Plan } from "./plan.mts";

/** How many numbers were bought and released. */
export interface Purchases {
  readonly bought: number;
  readonly released: number;
}

type Row = { readonly sid: string };

/** What the emulator carried out since it was started: its folder has a snapshot of that moment, and a journal with a line for each transaction. */
export async function carriedOut(stateDir: string): Promise<Purchases> {
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

/** What the programs ask for: each number is bought when it is declared first, and released only where it says so. */
export class Wanted implements Purchases {
  bought = 0;
  released = 0;
  /** The numbers that the account must own, with what is to become of each when it is declared no more. */
  private readonly owned = new Map<string, "retain" | "release">();

  /** A plan is carried out. */
  settle(plan: Plan): void {
    const declared = new Map(itemsOf(plan, "PhoneNumber").map(([name, { onDelete }]) => [name, onDelete]));
    for (const [name, onDelete] of declared) {
      if (!this.owned.has(name)) this.bought += 1;
      this.owned.set(name, onDelete);
    }
    for (const [name, onDelete] of this.owned) {
      if (!declared.has(name) && onDelete === "release") this.giveUp(name);
    }
  }

  /** Somebody else releases a number. */
  lose(name: string): void {
    if (this.owned.has(name)) this.giveUp(name);
  }

  /** Somebody else released one that was kept from before, and then the one that was bought in its place. */
  loseAgain(): void {
    this.bought += 1;
    this.released += 1;
  }

  /** The numbers that are there though no plan declares them. */
  kept(plan: Plan): string[] {
    return [...this.owned.keys()].filter((name) => plan[name] === undefined);
  }

  private giveUp(name: string): void {
    this.owned.delete(name);
    this.released += 1;
  }
}
