import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Runs something and says how long it took. */
export async function timed<T>(task: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const begun = performance.now();
  const result = await task();
  return { seconds: (performance.now() - begun) / 1000, result };
}

/** The most memory that the processes below this one held together while a task ran, in MiB, looked at ten times a second. */
export async function peakMemory<T>(task: () => Promise<T>, except: readonly number[]): Promise<{ mib: number; result: T }> {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, memoryBelow(process.pid, except));
  };
  const timer = setInterval(look, 100);
  try {
    const result = await task();
    look();
    return { mib: Math.round(peak / 1024), result };
  } finally {
    clearInterval(timer);
  }
}

/** Resident KiB of all descendants. Where there is no /proc, 0. */
function memoryBelow(root: number, except: readonly number[]): number {
  const parents = new Map<number, { parent: number; kib: number }>();
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  } catch {
    return 0;
  }
  for (const entry of entries) {
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      const number = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      parents.set(Number(entry), { parent: number("PPid"), kib: number("VmRSS") });
    } catch {
      // The process ended while we looked.
    }
  }
  const isBelow = (pid: number): boolean => {
    if (except.includes(pid)) return false;
    const parent = parents.get(pid)?.parent;
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  return [...parents].filter(([pid]) => isBelow(pid)).reduce((sum, [, { kib }]) => sum + kib, 0);
}

/** Bytes of a stack's state as the file backend keeps it. */
export function stateBytes(backend: string, project: string, stack: string): number {
  return statSync(join(backend, ".pulumi", "stacks", project, `${stack}.json`)).size;
}
