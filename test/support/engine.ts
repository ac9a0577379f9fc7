import { type ChildProcess, spawn } from "node:child_process";
import { inject } from "vitest";
import * as lab from "../../tools/lab/stack.mts";

export {
  type Account,
  type Diagnostic,
  type OperationOptions,
  type Outcome,
  processesOf,
  type StateResource,
  type Step,
  type TestStack,
} from "../../tools/lab/stack.mts";

/** Options of {@link openStack}. */
export type StackOptions = Omit<lab.StackOptions, "engine">;

/** Makes a stack on the engine that the tests' set-up found. */
export const openStack = (options: StackOptions): Promise<lab.TestStack> => lab.openStack({ ...options, engine: inject("engine") });

/** The environment in which that engine works on a backend. */
export const engineEnv = (folder: string): Record<string, string> => lab.engineEnv(inject("engine"), folder);

/** A run of the true CLI. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the true CLI, which starts the language host and the plugin. */
export function startCli(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): ChildProcess & { ended: Promise<CliRun> } {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_|VITEST|NODE_ENV$|NODE_OPTIONS$)/.test(name)),
  );
  const child = spawn("pulumi", [...args, "--non-interactive"], { cwd, env: { ...own, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": what a killed CLI leaves behind holds its pipes open.
    child.once("exit", (code) => setImmediate(() => resolve({ code, stdout, stderr })));
  });
  return Object.assign(child, { ended });
}
