import { spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The folder of the repository. */
const root = join(import.meta.dirname, "../..");

/** The result of a program under test. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A running program under test. */
export interface Program {
  readonly ended: Promise<Ended>;
  /** The output so far. */
  written(): { stdout: string; stderr: string };
  /** Resolves when the output on either stream matches. Rejects if the program ends first. */
  says(pattern: RegExp): Promise<void>;
  interrupt(signal?: NodeJS.Signals): void;
}

/** Starts a program of the repository with this Node.js. It is killed at the end of the test. */
export function launch(script: string, args: string[] = [], env: NodeJS.ProcessEnv = process.env, cwd = root): Program {
  const child = spawn(process.execPath, [join(root, script), ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...written }));
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    ended,
    written: () => ({ ...written }),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => pattern.test(written.stdout + written.stderr) && resolve();
        for (const name of ["stdout", "stderr"] as const) child[name].on("data", check);
        child.once("close", () => reject(new Error(`The program ended without printing ${pattern}:\n${written.stdout}${written.stderr}`)));
        check();
      }),
    interrupt: (signal = "SIGINT") => void child.kill(signal),
  };
}

/** Runs a program of the repository until it ends. */
export function run(script: string, args: string[] = [], env?: NodeJS.ProcessEnv, cwd?: string): Promise<Ended> {
  return launch(script, args, env, cwd).ended;
}
