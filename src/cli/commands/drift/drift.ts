import { resourceName } from "../../../core/lifecycle/check";
import { UsageError } from "../../../core/twilio/errors";
import { readDigest, whyFailed } from "../../shared/digest";
import type { DriftReport, Named } from "../../shared/drift-report";
import { errorTextOf, nameOf, pulumi } from "../../shared/engine";
import { compare, type Present } from "./compare";
import { compareWithProgram, uncompared } from "./program";
import { findUndeclared } from "./undeclared";

/** Reports everything that is known about a stack's drift. */
export async function findDrift(stack: string | undefined): Promise<DriftReport> {
  const { present, urns, ...found } = await compare(stack);
  const [{ closed, ...undeclared }, program] = await Promise.all([findUndeclared(stack, present), compareWithProgram(stack, urns)]);
  const drift = found.drifted.length + program.undeployed.length > 0;
  if (!drift && program.notCompared !== undefined) throw uncompared(found.stack, program.notCompared);
  return { drift, ...found, ...program, ...undeclared, closed: present.filter((one) => isClosed(one, closed)).map(nameOnly) };
}

/** Nobody can reopen a closed conversation, so what the state says about that stays true. */
const isClosed = ({ urn, definition, state: { inputs, outputs } }: Present, atTwilio: ReadonlySet<string>): boolean =>
  definition.fields.state !== undefined && inputs?.state === undefined && (outputs?.state === "closed" || atTwilio.has(urn));

const nameOnly = ({ urn, type, name, id }: Present): Named => ({ urn, type, name, id });

/** Resets the stack to its declaration, and compares again. */
export async function repair(stack: string | undefined, before: DriftReport, show: NodeJS.WritableStream): Promise<DriftReport> {
  await refuseImpossible(stack, before);
  const run = await pulumi(["up", "--refresh", "--yes", "--skip-preview"], { stack, show });
  if (run === undefined || run.code !== 0) {
    const errors = run && errorTextOf(run);
    const how = run ? `exited with code ${run.code}` : "could not run: there is no `pulumi` on the PATH";
    throw new UsageError(
      `the drift is not repaired: \`pulumi up --refresh\` ${how}${errors ? `: ${errors}` : ""}. ` +
        "The state may now contain Twilio's values. Run drift again: it then also compares the state with the program, and shows what is left.",
    );
  }
  const after = await findDrift(stack);
  const left = new Set([...after.drifted, ...after.undeployed].map(({ urn }) => urn));
  const known = new Set(before.drifted.map(({ urn }) => urn));
  const found = [...before.drifted, ...before.undeployed.filter(({ urn }) => !known.has(urn))];
  return { ...after, fixed: found.filter(({ urn }) => !left.has(urn)) };
}

/**
 * Refuses, before anything changes, a repair that would fail, and one that would delete resources which the program in this folder no longer
 * declares, which nobody asked for.
 */
async function refuseImpossible(stack: string | undefined, { drifted }: DriftReport): Promise<void> {
  const preview = await pulumi(["preview", "--refresh", "--json"], { stack });
  const digest = readDigest(preview?.stdout ?? "");
  if (preview?.code !== 0 || !digest) {
    throw new UsageError(`the drift is not repaired, and nothing is changed: \`pulumi preview --refresh\` fails: ${whyFailed(preview)}`);
  }
  const known = new Set(drifted.map(({ urn }) => urn));
  const deleted = digest.steps.filter(({ op, urn }) => op === "delete" && !known.has(urn));
  if (deleted.length === 0) return;
  const names = deleted.map(({ urn }) => `${resourceName(nameOf(urn))} ${nameOf(urn).name}`).join(", ");
  throw new UsageError(
    `the drift is not repaired: the program in this folder no longer declares ${names}, which a repair would delete. ` +
      "Deploy the deletion first with `pulumi up`, or repair from the program that was deployed.",
  );
}
