// One operation of a stack in a process of its own, which is what a user has: what an engine that is killed leaves in the process of its
// program is gone with that. Reads a JSON object; ends with 0 when all went well.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { type Plan, programOf } from "./plan.mts";

/** What is to be done. */
export interface Task {
  readonly operation: "up" | "destroy";
  readonly plan: Plan;
  /** The folder of the engine's executables. */
  readonly engine: string;
  /** The stack's workspace, which is there already. */
  readonly workDir: string;
  readonly envVars: Record<string, string>;
}

const { LocalWorkspace, PulumiCommand } = createRequire(import.meta.url)(
  "@pulumi/pulumi/automation",
) as typeof import("@pulumi/pulumi/automation/index.js");

const { operation, plan, engine, workDir, envVars } = JSON.parse(await text(process.stdin)) as Task;
try {
  const stack = await LocalWorkspace.selectStack(
    { projectName: "proof", stackName: "test", program: programOf(plan) },
    { workDir, envVars, pulumiCommand: await PulumiCommand.get({ root: dirname(engine) }) },
  );
  // Only what the operation says; it would run the CLI twice more.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
  const onOutput = (more: string) => void process.stdout.write(more);
  await stack[operation]({ color: "never", onOutput, onError: onOutput });
  process.exit(0);
} catch {
  // What it had to say is printed; a CLI that was killed says nothing.
  process.exit(1);
}
