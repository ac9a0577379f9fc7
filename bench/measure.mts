import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Runs a task and measures its duration. */
export async function timed<T>(task: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const startedAt = performance.now();
  const result = await task();
  return { seconds: (performance.now() - startedAt) / 1000, result };
}

/** Runs a task and measures by how much a count grows: in all, and per second at most, read once per second. */
export async function peakRate<T>(
  task: () => Promise<T>,
  count: () => Promise<number>,
): Promise<{ total: number; peak: number; result: T }> {
  let [total, peak, readAt] = [0, 0, performance.now()];
  const sample = async () => {
    const [current, now] = [await count(), performance.now()];
    // On a busy machine, the timer is late.
    peak = Math.max(peak, (current - total) / Math.max(1, (now - readAt) / 1000));
    [total, readAt] = [current, now];
  };
  const timer = setInterval(() => void sample(), 1000);
  try {
    const result = await task();
    await sample();
    return { total, peak, result };
  } finally {
    clearInterval(timer);
  }
}

/** Runs a task and measures the peak memory of this process's descendants in MiB, sampled ten times per second. */
export async function peakMemory<T>(task: () => Promise<T>, except: readonly number[]): Promise<{ mib: number; result: T }> {
  let peak = 0;
  const sample = () => {
    peak = Math.max(peak, memoryOfDescendants(process.pid, except));
  };
  const timer = setInterval(sample, 100);
  try {
    const result = await task();
    sample();
    return { mib: Math.round(peak / 1024), result };
  } finally {
    clearInterval(timer);
  }
}

/** The resident memory of all descendants in KiB; 0 on systems without /proc. */
function memoryOfDescendants(root: number, except: readonly number[]): number {
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
      // The process has ended meanwhile.
    }
  }
  const isDescendant = (pid: number): boolean => {
    if (except.includes(pid)) return false;
    const parent = parents.get(pid)?.parent;
    return parent !== undefined && (parent === root || isDescendant(parent));
  };
  return [...parents].filter(([pid]) => isDescendant(pid)).reduce((sum, [, { kib }]) => sum + kib, 0);
}

/** The size of a stack's state file in bytes. */
export function stateBytes(backend: string, project: string, stack: string): number {
  return statSync(join(backend, ".pulumi", "stacks", project, `${stack}.json`)).size;
}
