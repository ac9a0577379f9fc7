import { createHash } from "node:crypto";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { isAbandoned, type LockHolder, newHolder, readHolder, removeAbandoned, tryLock, unlock } from "../../process/pid-lock";
import { createFolder, isPrivateFolder } from "../../process/private-folder";

const POLL_MS = 100;
// Longer than any task takes: another process has the process id by now.
const MAX_AGE_MS = 15 * 60_000;

/**
 * Runs a task while no other process of this user on this machine runs one with the same key, whatever XDG_CACHE_HOME or backend it uses. A process
 * that died holds no lock. Where no lock can be created, the task runs without one. `pause` returns whether there is time to wait longer.
 */
export async function withMachineLock<T>(key: string, pause: (ms: number) => Promise<boolean>, task: () => Promise<T>): Promise<T> {
  const folder = lockFolder();
  if (folder === undefined) return task();
  const file = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`);
  const mine = newHolder();
  let state = take(file, mine);
  while (state === "taken" && (await pause(POLL_MS))) state = take(file, mine);
  try {
    return await task();
  } catch (error) {
    if (state === "taken" && error instanceof Error) {
      error.message += `\n  Another process of this user holds the lock ${file}. Let it finish, or end it.`;
    }
    throw error;
  } finally {
    unlock(file, mine);
  }
}

/** The first folder in which no other user can create a lock that blocks this one. */
function lockFolder(): string | undefined {
  const name = "pulumi-twilio-conversations";
  const folders = [join(homedir(), ".cache", name, "locks"), join(tmpdir(), `${name}-${process.getuid?.() ?? "user"}`)];
  return folders.find((folder) => {
    try {
      createFolder(folder);
    } catch {
      return false;
    }
    return isPrivateFolder(folder);
  });
}

function take(file: string, mine: LockHolder): "held" | "taken" | "impossible" {
  try {
    if (tryLock(file, mine)) return "held";
    const holder = readHolder(file);
    if (isAbandoned(file, holder, MAX_AGE_MS)) removeAbandoned(file, holder);
    return "taken";
  } catch {
    return "impossible";
  }
}
