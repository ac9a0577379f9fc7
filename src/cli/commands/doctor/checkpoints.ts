import type { CliRun } from "../../shared/engine";
import { ok, type Result, skipped } from "./finding";
import type { Deployment } from "./stack";

/** From here on, an update spends more time on saving the state than on its resources. */
const MANY_RESOURCES = 100;

/**
 * How long the engine takes to save the state. A backend in a folder or a bucket writes the whole state after each step; others store the steps.
 * `whoami` is the output of `pulumi whoami --json`.
 */
export function checkpoints(deployment: Deployment | undefined, whoami: CliRun | undefined): Result {
  if (!deployment) return skipped("there is no stack");
  const count = deployment.resources?.length ?? 0;
  const resources = `the stack has ${count} resource${count === 1 ? "" : "s"}`;
  if (isStoredInSteps(whoami)) return ok(`${resources}, and its backend stores each step by itself`);
  if (count <= MANY_RESOURCES) return ok(resources);
  return ok(
    `${resources}, and its backend writes the whole state twice for each that changes: "Checkpoints" in docs/performance.md compares what is faster`,
  );
}

function isStoredInSteps(whoami: CliRun | undefined): boolean {
  try {
    return /^https?:/.test((JSON.parse(whoami?.stdout ?? "") as { url?: string }).url ?? "");
  } catch {
    return false;
  }
}
