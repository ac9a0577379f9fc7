import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

// A lock without a word in it belongs to a process that died while it wrote.
const emptyForMs = 2_000;
const lookEveryMs = 100;

/**
 * Runs a task while no other process of this user on this machine runs one of the same key, whatever cache folder or backend it works with. A
 * process that died holds nothing. Where no lock can be made, the task runs without. `pause` says whether there is time to go on waiting.
 */
export async function aloneOnMachine<T>(key: string, pause: (ms: number) => Promise<boolean>, task: () => Promise<T>): Promise<T> {
  const folder = join(tmpdir(), `pulumi-twilio-conversations-${userInfo().uid}`);
  const file = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`);
  let held = take(folder, file);
  while (held === "taken" && (await pause(lookEveryMs))) held = take(folder, file);
  try {
    return await task();
  } finally {
    if (held === "held") rmSync(file, { force: true });
  }
}

function take(folder: string, file: string): "held" | "taken" | "none" {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, "wx", 0o600);
    writeSync(descriptor, String(process.pid));
    closeSync(descriptor);
    return "held";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return "none";
    if (isLeft(file)) rmSync(file, { force: true });
    return "taken";
  }
}

/** Whether whoever made the lock is no more. */
function isLeft(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    if (!pid) return Date.now() - statSync(file).mtimeMs > emptyForMs;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
