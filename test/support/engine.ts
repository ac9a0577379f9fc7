import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { inject } from "vitest";
import { keyUrl } from "../../tools/harness/key-service.mts";
import * as harness from "../../tools/harness/stack.mts";

export {
  type Account,
  type Diagnostic,
  type OperationOptions,
  type Outcome,
  processesOf,
  type StateResource,
  type Step,
  type TestStack,
} from "../../tools/harness/stack.mts";

/** Options of {@link openStack}. */
export type StackOptions = Omit<harness.StackOptions, "engine">;

/** Creates a stack on the engine that the global setup provides. */
export const openStack = (options: StackOptions): Promise<harness.TestStack> => harness.openStack({ ...options, engine: inject("engine") });

/** The provider processes that use a backend. The language host is Pulumi's own, and ends itself within five minutes. */
export async function providersOf(folder: string): Promise<number[]> {
  const pids = await harness.processesOf(folder);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return pids.filter((_, index) => /dynamic-provider|pulumi-resource-pulumi-nodejs/.test(commands[index] as string));
}

/** The environment that makes this engine use a backend. */
export const engineEnv = (folder: string): Record<string, string> => harness.engineEnv(inject("engine"), folder);

/** The result of a run of the real CLI. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the real CLI, which starts the language host and the plugin. A new stack's secrets are encrypted by the key service. */
export function startCli(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): ChildProcess & { ended: Promise<CliRun> } {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_|VITEST|NODE_ENV$|NODE_OPTIONS$)/.test(name)),
  );
  const encryption = args[0] === "stack" && args[1] === "init" ? ["--secrets-provider", keyUrl] : [];
  const child = spawn("pulumi", [...args, ...encryption, "--non-interactive"], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": the processes that a killed CLI leaves behind keep its pipes open.
    child.once("exit", (code) => setImmediate(() => resolve({ code, stdout, stderr })));
  });
  return Object.assign(child, { ended });
}
