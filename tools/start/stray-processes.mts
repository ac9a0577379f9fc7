import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../engine/lock.mts";

/**
 * Kills the processes whose environment contains this variable with this value. A CLI that was killed leaves its language host and its
 * providers running, each in a separate process group, so only the environment identifies them. Does nothing on systems without /proc.
 */
export async function killProcessesWithEnv(name: string, value: string): Promise<void> {
  const wanted = `${name}=${value}`;
  const ids = (await readdir("/proc").catch(() => [])).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(ids.map(async (pid) => (await environmentOf(pid)).includes(wanted)));
  await Promise.all(ids.filter((_, index) => found[index]).map(killAndWait));
}

async function environmentOf(pid: number): Promise<string[]> {
  // Other users' processes cannot be read, and some processes end meanwhile.
  return (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0");
}

async function killAndWait(pid: number): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    return;
  }
  for (const until = Date.now() + 5_000; isAlive(pid) && Date.now() < until; ) await delay(10);
}
