import { AsyncLocalStorage } from "node:async_hooks";

const beginning = new AsyncLocalStorage<number>();

/** Runs one operation on one resource. All its requests, retries and waits share one time limit, which begins now. */
export const operation = <T>(task: () => Promise<T>): Promise<T> => beginning.run(Date.now(), task);

/** When the current operation must end, in milliseconds since 1970; infinity outside of an operation. */
export function endOfOperation(limitMs: number): number {
  const begin = beginning.getStore();
  return begin === undefined ? Number.POSITIVE_INFINITY : begin + limitMs;
}
