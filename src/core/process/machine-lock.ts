import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAbandoned, type LockHolder, newHolder, readHolder, removeAbandoned, tryLock, unlock } from "../../process/pid-lock";

const POLL_MS = 100;
// Longer than any task takes: another process has the process id by now.
const MAX_AGE_MS = 15 * 60_000;

/**
 * Runs a task while no other process of this user on this machine runs one with the same key, whatever cache folder or backend it uses. A process
 * that died holds no lock. Where no lock can be created, the task runs without one. `pause` returns whether there is time to wait longer.
 */
export async function withMachineLock<T>(key: string, pause: (ms: number) => Promise<boolean>, task: () => Promise<T>): Promise<T> {
  const folder = join(tmpdir(), `pulumi-twilio-conversations-${process.getuid?.() ?? "user"}`);
  const file = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`);
  const mine = newHolder();
  let state = take(folder, file, mine);
  while (state === "taken" && (await pause(POLL_MS))) state = take(folder, file, mine);
  try {
    return await task();
  } finally {
    unlock(file, mine);
  }
}

function take(folder: string, file: string, mine: LockHolder): "held" | "taken" | "impossible" {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (tryLock(file, mine)) return "held";
    const holder = readHolder(file);
    if (isAbandoned(file, holder, MAX_AGE_MS)) removeAbandoned(file, holder);
    return "taken";
  } catch {
    return "impossible";
  }
}
