import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { UsageError } from "../../../../core/twilio/errors";
import type { DriftReport } from "../../../shared/drift-report";
import type { Facts } from "./compose";
import { readPlan } from "./plan";
import { readPolicies } from "./policy";
import { lookUpPrices } from "./prices";

/** The files that a comment is made from, as the command line names them. */
export interface Files {
  /** `file` or `file=stack`. */
  readonly preview: readonly string[];
  /** `file` or `file=stack`. */
  readonly policy: readonly string[];
  readonly drift: readonly string[];
  /** Why the policies of these previews were not checked, and the fix. */
  readonly uncheckedPolicies?: string | undefined;
}

/** Reads the files, by stack. */
export async function gather({ preview, policy, drift, uncheckedPolicies }: Files): Promise<Facts[]> {
  const plans = await Promise.all((preview.length > 0 ? preview : ["-"]).map(async (given) => readPlan(...(await read("preview", given)))));
  const names = plans.map(({ stack }) => stack);
  const twice = names.find((stack, index) => names.indexOf(stack) !== index);
  if (twice !== undefined) throw new UsageError(`two previews are of the stack ${twice}; give one preview of each stack.`);
  // A file that does not name its stack belongs to the only one.
  const only = names.length === 1 ? names[0] : undefined;
  const belongs = (what: string, given: string, stack: string | undefined): string => {
    const owner = stack ?? only;
    if (owner !== undefined && names.includes(owner)) return owner;
    const whose = owner === undefined ? "does not name its stack" : `is of the stack ${owner}`;
    throw new UsageError(`--${what} ${given} ${whose}, which has no preview here (previews: ${names.join(", ")}).`);
  };
  const policies = await Promise.all(
    policy.map(async (given) => {
      const [events, source, stack] = await read("policy", given);
      const { stack: named, violations } = readPolicies(events, source);
      return { stack: belongs("policy", given, stack ?? named), violations };
    }),
  );
  const drifts = await Promise.all(
    drift.map(async (given) => {
      const found = readDrift(await contents("drift", given), given);
      return { stack: belongs("drift", given, shortName(found.stack)), found };
    }),
  );
  const prices = await Promise.all(plans.map(lookUpPrices));
  return plans.map((plan, index) => {
    const mine = policies.filter(({ stack }) => stack === plan.stack);
    const found = drifts.find(({ stack }) => stack === plan.stack)?.found;
    return {
      plan,
      prices: prices[index] ?? new Map(),
      ...(mine.length > 0 ? { violations: mine.flatMap(({ violations }) => violations) } : {}),
      ...(uncheckedPolicies === undefined ? {} : { uncheckedPolicies }),
      ...(found ? { drift: found } : {}),
    };
  });
}

/** A stack's name may include its organization and project; a preview's URNs have the last part only. */
const shortName = (stack: string): string => stack.slice(stack.lastIndexOf("/") + 1);

/** The contents of `file=stack`, the file and the stack. */
async function read(option: string, given: string): Promise<[text: string, source: string, stack: string | undefined]> {
  const at = given.lastIndexOf("=");
  const [file, stack] = at === -1 ? [given, undefined] : [given.slice(0, at), given.slice(at + 1)];
  return [await contents(option, file), file === "-" ? "standard input" : file, stack];
}

async function contents(option: string, file: string): Promise<string> {
  if (file === "-") return text(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`--${option} ${file} cannot be read: ${(error as Error).message}.`);
  }
}

function readDrift(json: string, source: string): DriftReport {
  try {
    const found = JSON.parse(json) as Partial<DriftReport> | null;
    if (typeof found?.stack === "string" && Array.isArray(found.drifted)) return found as DriftReport;
  } catch {
    // The error below explains it.
  }
  throw new UsageError(`${source} is not what \`twilio-conversations drift --json\` prints.`);
}
