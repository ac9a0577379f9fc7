import { AsyncLocalStorage } from "node:async_hooks";

interface Operation {
  readonly begun: number;
  readonly maxMs: number;
}

const current = new AsyncLocalStorage<Operation>();
let running = 0;

/**
 * Runs one operation on one resource. All its requests, retries and waits share one time limit, which begins now: the connection's, or `maxMs`
 * if that is shorter.
 */
export async function operation<T>(task: () => Promise<T>, maxMs = Number.POSITIVE_INFINITY): Promise<T> {
  running += 1;
  try {
    return await current.run({ begun: Date.now(), maxMs }, task);
  } finally {
    running -= 1;
  }
}

/** How many operations of this process have begun and not ended. */
export const runningOperations = (): number => running;

/** When the current operation must end, in milliseconds since 1970; infinity outside of an operation. */
export function endOfOperation(limitMs: number): number {
  const { begun, maxMs } = current.getStore() ?? { begun: Number.POSITIVE_INFINITY, maxMs: 0 };
  return begun + Math.min(limitMs, maxMs);
}
