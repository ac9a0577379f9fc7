import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** The number of output lines that are kept for an error message. */
const TAIL = 20;

/** The result of a command. */
export interface Finished {
  /** The exit code; `undefined` if a signal ended the command. */
  code: number | undefined;
  /** The last lines of output from both streams. */
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
 * Runs a command and reads its output line by line. Rejects if the command cannot be started. The command leads a separate process group, so
 * that an abort also ends its children.
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
    // The process has ended already.
  }
}
