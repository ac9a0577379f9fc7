// Runs one operation of a stack in a separate process, as for a user: when the engine is killed, everything it leaves in the process of
// the program ends with that process. Reads a JSON object from stdin. Exits with 0 if the operation succeeds.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { type Plan, programOf } from "./plan.mts";

/** The operation to run. */
export interface OperationRequest {
  readonly operation: "up" | "destroy";
  readonly plan: Plan;
  /** The folder of the engine's executables. */
  readonly engine: string;
  /** The existing workspace of the stack. */
  readonly workDir: string;
  readonly envVars: Record<string, string>;
}

const { LocalWorkspace, PulumiCommand } = createRequire(import.meta.url)(
  "@pulumi/pulumi/automation",
) as typeof import("@pulumi/pulumi/automation/index.js");

const { operation, plan, engine, workDir, envVars } = JSON.parse(await text(process.stdin)) as OperationRequest;
try {
  const stack = await LocalWorkspace.selectStack(
    { projectName: "proof", stackName: "test", program: programOf(plan) },
    { workDir, envVars, pulumiCommand: await PulumiCommand.get({ root: dirname(engine) }) },
  );
  // These would run the CLI two more times after the operation.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
  const onOutput = (more: string) => void process.stdout.write(more);
  await stack[operation]({ color: "never", onOutput, onError: onOutput });
  process.exit(0);
} catch {
  // The CLI has printed its errors already; a CLI that was killed prints nothing.
  process.exit(1);
}
