import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How many of the last lines of output a failure shows. */
const TAIL = 20;

/** What a finished command leaves behind. */
export interface Finished {
  /** Its exit code; `undefined` if a signal ended it. */
  code: number | undefined;
  /** The last lines that it wrote, on either stream. */
  tail: string;
}

/** Options of {@link run}. */
export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  onLine?: (line: string) => void;
}

/**
 * Runs a command to its end and reads what it writes, line by line. Throws if it cannot be started.
 * The command leads a process group of its own, so that an abort ends its children too.
 */
export function run(command: string, args: string[], { cwd, env, signal, onLine }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: process.platform !== "win32" });
    const tail: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        tail.push(line);
        if (tail.length > TAIL) tail.shift();
        onLine?.(line);
      });
    }
    const stop = () => killGroup(child.pid);
    signal?.addEventListener("abort", stop);
    child.once("error", reject);
    child.once("close", (code) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code: code ?? undefined, tail: tail.join("\n") });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGTERM");
  } catch {
    // It ended by itself in the meantime.
  }
}
