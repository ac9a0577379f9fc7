import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../harness/random.mts";
import type { Testbed } from "./testbed.mts";

/** Polls until the condition holds. Returns false if `ended` settles first. */
export async function waitUntil(condition: () => Promise<boolean> | boolean, ended: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    if (await condition()) return true;
    await delay(5);
  }
  return false;
}

/** Waits for a random number of writes. */
export async function waitForWrites({ client }: Testbed, random: Random, operating: Promise<unknown>): Promise<void> {
  const enough = 5 + random.below(25);
  await waitUntil(async () => (await client.writes()).reduce((total, { count }) => total + count, 0) >= enough, operating);
}
