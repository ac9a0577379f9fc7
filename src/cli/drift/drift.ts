import { UsageError } from "../../core/twilio/errors";
import { nameOf, nounOf, pulumi, readDigest, saidBy } from "../engine";
import { lookBeside } from "./left-alone";
import { look } from "./look";
import type { Drift } from "./report";

/** Everything that can be told of a stack's drift. */
export async function findDrift(stack: string | undefined): Promise<Drift> {
  const { present, ...found } = await look(stack);
  return { drift: found.drifted.length > 0, ...found, ...(await lookBeside(stack, present)) };
}

/** Brings the stack back to what is declared, and looks again. */
export async function repair(stack: string | undefined, before: Drift, show: NodeJS.WritableStream): Promise<Drift> {
  await refuseDeletions(stack, before);
  const run = await pulumi(["up", "--refresh", "--yes", "--skip-preview"], { stack, show });
  if (run === undefined || run.code !== 0) {
    const said = run && saidBy(run);
    throw new UsageError(
      `the drift is not repaired: \`pulumi up --refresh\` ended with ${run ? run.code : "no `pulumi` on the PATH"}${said ? `: ${said}` : ""}. ` +
        "The state may hold by now what Twilio has, so `pulumi preview` shows what is left to repair.",
    );
  }
  const after = await findDrift(stack);
  const left = new Set(after.drifted.map(({ urn }) => urn));
  return { ...after, fixed: before.drifted.filter(({ urn }) => !left.has(urn)) };
}

/** What the program in the folder no longer declares would go with the repair: nobody has asked for that. */
async function refuseDeletions(stack: string | undefined, { drifted }: Drift): Promise<void> {
  const preview = await pulumi(["preview", "--refresh", "--json"], { stack });
  const known = new Set(drifted.map(({ urn }) => urn));
  const going = (readDigest(preview?.stdout ?? "")?.steps ?? []).filter(({ op, urn }) => op === "delete" && !known.has(urn));
  if (going.length === 0) return;
  const names = going.map(({ urn }) => `${nounOf(nameOf(urn).type)} ${nameOf(urn).name}`).join(", ");
  throw new UsageError(
    `the drift is not repaired: the program in this folder no longer declares ${names}, which a repair would delete. ` +
      "Deploy that first with `pulumi up`, or repair from the program that was deployed.",
  );
}
