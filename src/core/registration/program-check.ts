import * as pulumi from "@pulumi/pulumi";
import { findProblems, resourceName } from "../lifecycle/check";
import type { Definition, Problem, Props } from "../lifecycle/definition";
import { unknownSentinel } from "../lifecycle/props";
import { UsageError } from "../twilio/errors";

interface Finding {
  readonly resource: string;
  readonly problems: readonly Problem[];
}

/** What was found in one go of one program; the Automation API runs several programs in one process. */
interface Batch {
  readonly findings: Finding[];
  readonly verdict: Promise<void>;
}

const batches = new WeakMap<object, Batch>();
const withoutStack = {};
const run = (): object => pulumi.runtime.getStackResource() ?? withoutStack;

/**
 * Looks at what a program declares as plain values. The engine asks the provider about one resource after the other and ends the program at
 * the first that is wrong; so where several are, all are said here, once, as soon as the program has declared them. Returns what is wrong that
 * the provider cannot see.
 */
export function checkProgram(definition: Definition, name: string, args: Props): Problem | undefined {
  // What exists is not known here, so rules that depend on it are left to the provider.
  const [unseen] = wrongParent(definition, args);
  const found = [...findProblems(definition, plainValues(args) as Props, { somethingUnknown: true }), ...(unseen ? [unseen] : [])];
  const { findings } = goOf(run());
  if (found.length > 0) findings.push({ resource: `${resourceName(definition)} "${name}"`, problems: found });
  return unseen;
}

/** A resource of another class in the place of the parent; its id would fail only when Twilio has made it. */
function wrongParent(definition: Definition, args: Props): Problem[] {
  return Object.entries(definition.fields).flatMap(([property, { parent }]) => {
    const given = args[property] as { __pulumiType?: string } | undefined;
    if (parent === undefined || !pulumi.Resource.isInstance(given)) return [];
    const is = String(given.__pulumiType).split(":").at(-1);
    return is === parent ? [] : [{ property, reason: `is a ${is}: give a ${parent}, or the id of one` }];
  });
}

/**
 * Settles when all that the program declares in one go was looked at. A run without a preview would else have made the resources that are right
 * by the time it comes to the one that is wrong.
 */
export const afterProgramCheck = async <T>(value: T): Promise<T> => {
  await batches.get(run())?.verdict;
  return value;
};

/** What is declared in this go, which ends when the program lets others work. */
function goOf(of: object): Batch {
  const under = batches.get(of);
  if (under) return under;
  const findings: Finding[] = [];
  const isPreview = pulumi.runtime.isDryRun();
  const verdict = new Promise<void>((resolve, reject) => {
    setImmediate(() => {
      batches.delete(of);
      const told = report(findings);
      if (told && !isPreview) reject(told);
      else resolve();
    });
  });
  verdict.catch(() => {});
  const go = { findings, verdict };
  batches.set(of, go);
  return go;
}

function report(found: readonly Finding[]): UsageError | undefined {
  if (found.length === 0) return undefined;
  const lines = found.flatMap(({ resource, problems }) => problems.map(({ property, reason }) => `  ${resource}, ${property}: ${reason}`));
  const count = found.length === 1 ? "1 resource has" : `${found.length} resources have`;
  const message = `${count} something wrong:\n${lines.join("\n")}`;
  if (found.length > 1) void pulumi.log.error(message);
  return new UsageError(message);
}

/** A program's value with all that is not known yet, or belongs to a resource, as the engine would write it. */
function plainValues(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise || pulumi.Resource.isInstance(value)) return unknownSentinel;
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainValues(entry)]));
}
