import { AsyncLocalStorage } from "node:async_hooks";

const beginning = new AsyncLocalStorage<number>();
let running = 0;

/** Runs one operation on one resource. All its requests, retries and waits share one time limit, which begins now. */
export async function operation<T>(task: () => Promise<T>): Promise<T> {
  running += 1;
  try {
    return await beginning.run(Date.now(), task);
  } finally {
    running -= 1;
  }
}

/** How many operations of this process have begun and not ended. */
export const runningOperations = (): number => running;

/** When the current operation must end, in milliseconds since 1970; infinity outside of an operation. */
export function endOfOperation(limitMs: number): number {
  const begin = beginning.getStore();
  return begin === undefined ? Number.POSITIVE_INFINITY : begin + limitMs;
}
