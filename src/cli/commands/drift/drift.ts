import { resourceName } from "../../../core/lifecycle/check";
import { UsageError } from "../../../core/twilio/errors";
import type { DriftReport } from "../../shared/drift-report";
import { errorTextOf, nameOf, pulumi, readDigest } from "../../shared/engine";
import { compare } from "./compare";
import { findUndeclared } from "./undeclared";

/** Reports everything that is known about a stack's drift. */
export async function findDrift(stack: string | undefined): Promise<DriftReport> {
  const { present, ...found } = await compare(stack);
  return { drift: found.drifted.length > 0, ...found, ...(await findUndeclared(stack, present)) };
}

/** Resets the stack to its declaration, and compares again. */
export async function repair(stack: string | undefined, before: DriftReport, show: NodeJS.WritableStream): Promise<DriftReport> {
  await refuseDeletions(stack, before);
  const run = await pulumi(["up", "--refresh", "--yes", "--skip-preview"], { stack, show });
  if (run === undefined || run.code !== 0) {
    const errors = run && errorTextOf(run);
    const how = run ? `exited with code ${run.code}` : "could not run: there is no `pulumi` on the PATH";
    throw new UsageError(
      `the drift is not repaired: \`pulumi up --refresh\` ${how}${errors ? `: ${errors}` : ""}. ` +
        "The state may now contain Twilio's values, so `pulumi preview` shows what is left to repair.",
    );
  }
  const after = await findDrift(stack);
  const left = new Set(after.drifted.map(({ urn }) => urn));
  return { ...after, fixed: before.drifted.filter(({ urn }) => !left.has(urn)) };
}

/** A repair would delete the resources that the program in this folder no longer declares, which nobody asked for. */
async function refuseDeletions(stack: string | undefined, { drifted }: DriftReport): Promise<void> {
  const preview = await pulumi(["preview", "--refresh", "--json"], { stack });
  const known = new Set(drifted.map(({ urn }) => urn));
  const deleted = (readDigest(preview?.stdout ?? "")?.steps ?? []).filter(({ op, urn }) => op === "delete" && !known.has(urn));
  if (deleted.length === 0) return;
  const names = deleted.map(({ urn }) => `${resourceName(nameOf(urn))} ${nameOf(urn).name}`).join(", ");
  throw new UsageError(
    `the drift is not repaired: the program in this folder no longer declares ${names}, which a repair would delete. ` +
      "Deploy the deletion first with `pulumi up`, or repair from the program that was deployed.",
  );
}
