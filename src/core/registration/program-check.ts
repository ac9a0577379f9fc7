import * as pulumi from "@pulumi/pulumi";
import { findProblems, resourceName } from "../lifecycle/check";
import type { Definition, Problem } from "../lifecycle/definition";
import { type Props, unknownSentinel } from "../lifecycle/props";
import { UsageError } from "../twilio/errors";
import { type Batch, currentRun, type Finding, type ProgramRun } from "./run";

/**
 * Checks what a program declares as plain values. The engine asks the provider about one resource after the other and ends the program at the
 * first bad one; so where several are bad, all are reported here, once, as soon as the program has declared them. Returns a problem that the
 * provider cannot see.
 */
export function checkProgram(definition: Definition, name: string, args: Props): Problem | undefined {
  const [unseen] = wrongClasses(definition, args);
  // The state is not known here, so rules that depend on it are left to the provider.
  const found = [...findProblems(definition, plainValues(args) as Props, { somethingUnknown: true }), ...(unseen ? [unseen] : [])];
  const { findings } = batchOf(currentRun());
  if (found.length > 0) findings.push({ resource: `${resourceName(definition)} "${name}"`, problems: found });
  return unseen;
}

/** A resource of another class than the property takes; its id would fail only after Twilio has created it. */
function wrongClasses({ fields }: Definition, args: Props): Problem[] {
  return Object.entries(fields).flatMap(([property, { parent, reference }]) => {
    const expected = parent ?? reference;
    const given = args[property] as { __pulumiType?: string } | undefined;
    if (expected === undefined || !pulumi.Resource.isInstance(given)) return [];
    const actual = String(given.__pulumiType).split(":").at(-1);
    const accepted = parent === undefined ? "SID" : "id";
    return actual === expected ? [] : [{ property, reason: `must be a ${expected} or the ${accepted} of one; received a ${actual}` }];
  });
}

/**
 * Waits until everything that the program declares at once has been checked. Otherwise, a run without a preview would already have created the
 * good resources when it reaches the bad one.
 */
export const afterProgramCheck = async <T>(value: T): Promise<T> => {
  await currentRun().batch?.verdict;
  return value;
};

/** The batch in progress; it ends when the program yields. */
function batchOf(run: ProgramRun): Batch {
  if (run.batch) return run.batch;
  const findings: Finding[] = [];
  const isPreview = pulumi.runtime.isDryRun();
  const verdict = new Promise<void>((resolve, reject) => {
    setImmediate(() => {
      run.batch = undefined;
      const error = report(findings);
      if (error && !isPreview) reject(error);
      else resolve();
    });
  });
  verdict.catch(() => {});
  run.batch = { findings, verdict };
  return run.batch;
}

function report(found: readonly Finding[]): UsageError | undefined {
  if (found.length === 0) return undefined;
  const lines = found.flatMap(({ resource, problems }) => problems.map(({ property, reason }) => `  ${resource}: ${property} ${reason}`));
  const count = found.length === 1 ? "1 resource has" : `${found.length} resources have`;
  const message = `${count} invalid properties:\n${lines.join("\n")}`;
  if (found.length > 1) void pulumi.log.error(message);
  return new UsageError(message);
}

/** A program's value, where everything that is not known yet, or belongs to a resource, is written as the engine would. */
function plainValues(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise || pulumi.Resource.isInstance(value)) return unknownSentinel;
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainValues(entry)]));
}
