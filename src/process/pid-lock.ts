import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";

// For the file's owner only.
const PRIVATE = 0o600;

/** The content of a lock file. */
export interface LockHolder {
  /** Identifies the holder; unlike a process id, it is never used again. */
  readonly instance: string;
  readonly pid: number;
  readonly host: string;
}

/** A lock file without a holder belongs to a process that died while it wrote the file. */
const EMPTY_MS = 2_000;

/** This process as the holder of a new lock. */
export const newHolder = (): LockHolder => ({ instance: randomUUID(), pid: process.pid, host: hostname() });

/** Creates the lock file; `false` where it exists already. */
export function tryLock(path: string, holder: LockHolder): boolean {
  return createExclusively(path, JSON.stringify(holder));
}

/** The holder that a lock file names; nothing where there is no file, or no holder in it yet. */
export function readHolder<Holder extends LockHolder>(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Removes the lock file, if `holder` still has it. */
export function unlock(path: string, holder: LockHolder): void {
  if (readHolder(path)?.instance === holder.instance) rmSync(path, { force: true });
}

/**
 * Whether a lock file's holder is gone. On another host, where processes cannot be checked, and where a process id may have been used again,
 * only `maxAgeMs` counts.
 */
export function isAbandoned(path: string, holder: LockHolder | undefined, maxAgeMs = Number.POSITIVE_INFINITY): boolean {
  const age = ageOf(path);
  if (holder === undefined) return age > EMPTY_MS;
  return age > maxAgeMs || (isOnThisHost(holder) && !isAlive(holder.pid));
}

export const isOnThisHost = ({ host }: LockHolder): boolean => host === hostname();

/** Removes the lock file of a holder that is gone. A guard file ensures that nobody removes the new lock of a faster process. */
export function removeAbandoned(path: string, gone: LockHolder | undefined): void {
  const guard = `${path}.takeover`;
  if (!createExclusively(guard, "")) {
    if (ageOf(guard) > EMPTY_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    if (readHolder(path)?.instance === gone?.instance) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

/**
 * Whether a process of this machine is alive. A process that has ended and whose parent has not noticed yet is not.
 * @public The engine tool loads it from the compiled package.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // The process of another user is alive too.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // There is no /proc outside of Linux.
    return true;
  }
}

function createExclusively(path: string, text: string): boolean {
  try {
    const file = openSync(path, "wx", PRIVATE);
    try {
      writeSync(file, text);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

const ageOf = (path: string): number => {
  const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return mtimeMs === undefined ? 0 : Date.now() - mtimeMs;
};
