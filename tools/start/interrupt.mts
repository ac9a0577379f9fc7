import { setTimeout as delay } from "node:timers/promises";

/** One Ctrl-C may come twice, from the terminal and handed on by npm. */
const ECHO_MS = 500;

const controller = new AbortController();
const listeners = new Set<() => void>();
let last = Number.NEGATIVE_INFINITY;

// These listeners stay: none of the signals may end the process before what it started is ended.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    if (performance.now() - last < ECHO_MS) return;
    last = performance.now();
    interruptNow();
  });
}

/** Aborted by the first interrupt: SIGINT, SIGTERM or SIGHUP. */
export const interrupt: AbortSignal = controller.signal;

/** Acts as if the user had interrupted: for a child that reads the terminal's keys itself. */
export function interruptNow(): void {
  controller.abort();
  for (const listener of listeners) listener();
}

/** Calls the listener at each interrupt, until the function returned is called. */
export function onInterrupt(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Settles when the user interrupts, at once if they have. Until then the process goes on. */
export async function untilInterrupted(): Promise<void> {
  const day = 86_400_000;
  while (!interrupt.aborted) await delay(day, undefined, { signal: interrupt }).catch(() => undefined);
}
