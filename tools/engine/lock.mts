import { utimes } from "node:fs/promises";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";

// The compiled package, which `npm ci` builds: Node.js cannot import its CommonJS sources.
const require = createRequire(import.meta.url);
const pidLock = () => require("../../dist/process/pid-lock.js") as typeof import("../../dist/process/pid-lock.js");

const HEARTBEAT_MS = 5_000;
const STALE_MS = 30_000;
const POLL_MS = 250;

/**
 * Runs the work while it holds a lock file. Waits as long as another process holds the lock. A holder that died is recognized by its process
 * id on this machine, and by its missing heartbeat elsewhere, because machines and containers may share a cache. `onWait` is called once with
 * the holder's process id.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal, onWait }: { signal?: AbortSignal | undefined; onWait?: (pid: number) => void } = {},
): Promise<T> {
  const { isAbandoned, newHolder, readHolder, removeAbandoned, tryLock, unlock } = pidLock();
  const self = newHolder();
  let isReported = false;
  while (!tryLock(path, self)) {
    const holder = readHolder(path);
    if (holder !== undefined && isAbandoned(path, holder, STALE_MS)) {
      removeAbandoned(path, holder);
      continue;
    }
    if (holder !== undefined && !isReported) onWait?.(holder.pid);
    isReported ||= holder !== undefined;
    await delay(POLL_MS, undefined, { signal });
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    unlock(path, self);
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  // Without a heartbeat the lock looks stale. In the worst case, the same work is done twice.
  await utimes(path, now, now).catch(() => undefined);
}

/** Whether a process of this machine is alive. */
export const isAlive = (pid: number): boolean => pidLock().isAlive(pid);

/** Whether an error is a system error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
