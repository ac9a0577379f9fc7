import { setTimeout as delay } from "node:timers/promises";

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
