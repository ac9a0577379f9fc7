import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const HEARTBEAT_MS = 5_000;
const STALE_MS = 30_000;
const POLL_MS = 250;

/** The process that holds a lock file. */
interface Holder {
  pid: number;
  host: string;
}

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
  const self: Holder = { pid: process.pid, host: hostname() };
  let isReported = false;
  while (!(await take(path, self))) {
    const holder = await read(path);
    if (holder !== undefined && (await isStale(path, holder))) {
      await discard(path);
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
    await rm(path, { force: true });
  }
}

async function take(path: string, self: Holder): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(self), { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** The holder, or `undefined` if the file does not exist or is not complete. */
async function read(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

async function isStale(path: string, holder: Holder): Promise<boolean> {
  if (holder.host === hostname() && !isAlive(holder.pid)) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

/** Renames the file before it is removed: if two processes find it stale, only one of them succeeds. */
async function discard(path: string): Promise<void> {
  const away = `${path}.${randomUUID()}`;
  try {
    await rename(path, away);
    await rm(away, { force: true });
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  // Without a heartbeat the lock looks stale. In the worst case, the same work is done twice.
  await utimes(path, now, now).catch(() => undefined);
}

/** Whether a process on this machine is alive. A zombie process is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, "EPERM")) return false;
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // Not Linux.
    return true;
  }
}

/** Whether an error is a system error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
