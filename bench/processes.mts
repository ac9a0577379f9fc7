import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** The processes of the engine: the CLI, the program (Node.js), and the dynamic provider (Node.js). */
export type Role = "engine" | "program" | "provider" | "other";

/** What a command took. */
export interface Usage {
  readonly seconds: number;
  /** CPU seconds, user and system. Empty on systems without /proc. */
  readonly cpu: Readonly<Partial<Record<Role, number>>>;
  /** The peak memory of all its processes together, in MiB. */
  readonly peakMib: number;
}

interface Sample {
  readonly parent: number;
  readonly cpu: number;
  readonly kib: number;
}

const SAMPLE_MS = 50;
// Linux counts CPU time in hundredths of a second, whatever its timer.
const TICKS_PER_SECOND = 100;
const PAGE_KIB = 4;

/** Runs a command to its end and measures its processes. Rejects with its output if it fails. */
export async function runMeasured(command: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Usage> {
  const startedAt = performance.now();
  const [file = "", ...args] = command;
  const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const seen = new Map<number, { role: Role; cpu: number }>();
  let peakKib = 0;
  const timer = setInterval(() => {
    peakKib = Math.max(peakKib, sample(child, seen));
  }, SAMPLE_MS);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve)).finally(() =>
    clearInterval(timer),
  );
  if (code !== 0) throw new Error(`${command.join(" ")}: exit code ${code}\n${output}`);
  const cpu: Partial<Record<Role, number>> = {};
  for (const { role, cpu: own } of seen.values()) cpu[role] = (cpu[role] ?? 0) + own;
  return { seconds: (performance.now() - startedAt) / 1000, cpu, peakMib: Math.round(peakKib / 1024) };
}

/** Records the CPU time of the process and its descendants, and returns their memory in KiB. */
function sample({ pid: root = 0 }: ChildProcess, seen: Map<number, { role: Role; cpu: number }>): number {
  const processes = readProcesses();
  const isOwn = (pid: number): boolean => pid === root || (pid > 1 && isOwn(processes.get(pid)?.parent ?? 0));
  let total = 0;
  for (const [pid, { cpu, kib }] of processes) {
    if (!isOwn(pid)) continue;
    const before = seen.get(pid);
    seen.set(pid, { role: pid === root ? "engine" : roleOf(pid, before?.role), cpu });
    total += kib;
  }
  return total;
}

function readProcesses(): Map<number, Sample> {
  const found = new Map<number, Sample>();
  for (const entry of listed()) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // After the name, which may contain spaces: state, parent, …, user time, system time, …, resident pages.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const number = (index: number) => Number(fields[index]);
      const cpu = (number(11) + number(12)) / TICKS_PER_SECOND;
      found.set(Number(entry), { parent: number(1), cpu, kib: number(21) * PAGE_KIB });
    } catch {
      // The process has ended meanwhile.
    }
  }
  return found;
}

function listed(): string[] {
  try {
    return readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  } catch {
    return [];
  }
}

function roleOf(pid: number, before: Role | undefined): Role {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (/\bnode\0.*dynamic-provider/.test(line) && !line.includes("require.resolve")) return "provider";
    if (/\bnode\0.*@pulumi\/pulumi\/cmd\/run\//.test(line)) return "program";
  } catch {
    // The process has ended meanwhile.
  }
  return before ?? "other";
}
