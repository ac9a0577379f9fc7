import { createHash, randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const lookEveryMs = 100;
// A lock without a word in it belongs to a process that died while it wrote.
const emptyForMs = 2_000;
// Longer than anybody holds one: its process id belongs to another process by now.
const heldForMs = 15 * 60_000;

/**
 * Runs a task while no other process of this user on this machine runs one of the same key, whatever cache folder or backend it works with. A
 * process that died holds nothing. Where no lock can be made, the task runs without. `pause` says whether there is time to go on waiting.
 */
export async function withMachineLock<T>(key: string, pause: (ms: number) => Promise<boolean>, task: () => Promise<T>): Promise<T> {
  const folder = join(tmpdir(), `pulumi-twilio-conversations-${process.getuid?.() ?? "user"}`);
  const file = join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`);
  const mine = `${process.pid} ${randomUUID()}`;
  let held = take(folder, file, mine);
  while (held === "taken" && (await pause(lookEveryMs))) held = take(folder, file, mine);
  try {
    return await task();
  } finally {
    if (textOf(file) === mine) rmSync(file, { force: true });
  }
}

function take(folder: string, file: string, mine: string): "held" | "taken" | "none" {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, "wx", 0o600);
    writeSync(descriptor, mine);
    closeSync(descriptor);
    return "held";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") return "none";
    clear(file, mine);
    return "taken";
  }
}

/** Removes a lock whose holder is no more; of two who see that, one removes it, and neither the other's new lock. */
function clear(file: string, mine: string): void {
  const text = textOf(file);
  if (text === undefined || !isLeft(file, text)) return;
  const aside = `${file}.${mine.slice(mine.indexOf(" ") + 1)}`;
  try {
    renameSync(file, aside);
    if (textOf(aside) === text) rmSync(aside, { force: true });
    else renameSync(aside, file);
  } catch {
    // Somebody else was faster.
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function isLeft(file: string, text: string): boolean {
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  const pid = Number(text.split(" ")[0]);
  if (!pid) return age > emptyForMs;
  return age > heldForMs || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
