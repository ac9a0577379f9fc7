import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../engine/lock.mts";

/**
 * Ends the processes whose environment has this variable at this value. A CLI that was killed leaves its language host and its providers
 * running, each in a process group of its own, so the environment is what tells them. Only where the system shows it (Linux).
 */
export async function endLeftovers(name: string, value: string): Promise<void> {
  const wanted = `${name}=${value}`;
  const ids = (await readdir("/proc").catch(() => [])).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(ids.map(async (pid) => (await environmentOf(pid)).includes(wanted)));
  await Promise.all(ids.filter((_, index) => found[index]).map(end));
}

async function environmentOf(pid: number): Promise<string[]> {
  // Processes of others cannot be read, and some end while we look.
  return (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0");
}

async function end(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
  for (const until = Date.now() + 5_000; isAlive(pid) && Date.now() < until; ) await delay(10);
}
