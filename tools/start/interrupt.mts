import { setTimeout as delay } from "node:timers/promises";

/** One Ctrl-C may arrive twice, from the terminal and forwarded by npm. */
const DUPLICATE_MS = 500;

const controller = new AbortController();
const listeners = new Set<() => void>();
let last = Number.NEGATIVE_INFINITY;

// These listeners are permanent: no signal may end this process before the processes that it started have ended.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    if (performance.now() - last < DUPLICATE_MS) return;
    last = performance.now();
    interruptNow();
  });
}

/** Aborted by the first interrupt: SIGINT, SIGTERM or SIGHUP. */
export const interrupt: AbortSignal = controller.signal;

/** Acts as if the user had pressed Ctrl-C, for a child that reads the terminal itself. */
export function interruptNow(): void {
  controller.abort();
  for (const listener of listeners) listener();
}

/** Calls the listener on each interrupt until the returned function is called. */
export function onInterrupt(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Resolves on the first interrupt, or immediately if it has already happened. Keeps the process running until then. */
export async function untilInterrupted(): Promise<void> {
  const day = 86_400_000;
  while (!interrupt.aborted) await delay(day, undefined, { signal: interrupt }).catch(() => undefined);
}
