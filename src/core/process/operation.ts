import { AsyncLocalStorage } from "node:async_hooks";

const began = new AsyncLocalStorage<number>();

/** Runs one operation on one resource. All that it asks of Twilio, repetitions and waits included, shares one time limit from here on. */
export const operation = <T>(task: () => Promise<T>): Promise<T> => began.run(Date.now(), task);

/** When the operation that this is part of has to end, in milliseconds since 1970; without end outside of one. */
export function endOfOperation(limitMs: number): number {
  const begin = began.getStore();
  return begin === undefined ? Number.POSITIVE_INFINITY : begin + limitMs;
}
