import { spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The project's folder. */
const root = join(import.meta.dirname, "../..");

/** A program under test that has ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A program under test. */
export interface Program {
  readonly ended: Promise<Ended>;
  /** What it wrote so far. */
  written(): { stdout: string; stderr: string };
  /** Settles when what it wrote so far, on either stream, matches. Fails if it ends first. */
  says(pattern: RegExp): Promise<void>;
  interrupt(signal?: NodeJS.Signals): void;
}

/** Starts one of the project's programs under this Node.js. It does not outlive the test. */
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
        const look = () => pattern.test(written.stdout + written.stderr) && resolve();
        for (const name of ["stdout", "stderr"] as const) child[name].on("data", look);
        child.once("close", () => reject(new Error(`it ended without saying ${pattern}:\n${written.stdout}${written.stderr}`)));
        look();
      }),
    interrupt: (signal = "SIGINT") => void child.kill(signal),
  };
}

/** Runs one of the project's programs to its end. */
export function run(script: string, args: string[] = [], env?: NodeJS.ProcessEnv, cwd?: string): Promise<Ended> {
  return launch(script, args, env, cwd).ended;
}
