import { UsageError } from "../../core/errors";
import { pulumi, saidBy } from "../engine";
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
