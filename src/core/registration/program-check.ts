import * as pulumi from "@pulumi/pulumi";
import { findProblems, resourceName } from "../lifecycle/check";
import type { Definition, Field, Problem } from "../lifecycle/definition";
import { describeNotJson, findNotJson, type NotJson } from "../lifecycle/json-value";
import { type Props, topLevel, unknownSentinel } from "../lifecycle/props";
import { isOpaque } from "./inspect";
import { namedBy } from "./own-outputs";
import { programError } from "./program-error";
import { type Batch, currentRun, type Finding, type ProgramRun } from "./run";

/**
 * Checks what a program declares as plain values. The engine asks the provider about one resource after the other and ends the program at the
 * first bad one; so all are reported here, once, as soon as the program has declared them. Returns the arguments that can be registered: the
 * SDK would fail with errors of its own on the others.
 */
export function checkProgram(definition: Definition, name: string, args: Props): Props {
  const { problems, sound } = programProblems(definition, args);
  report(definition, name, problems);
  return sound;
}

/** The problems of arguments as far as they are plain values, and the arguments that can be registered. */
export function programProblems(definition: Definition, args: Props): { readonly problems: readonly Problem[]; readonly sound: Props } {
  const notJson = Object.entries(args).flatMap(([property, value]) => findNotJson(value, property, isOpaque));
  const wrong = [...notJson.map((one) => problemOf(definition, one)), ...wrongResources(definition, args)];
  const isWrong = (property: string) => wrong.some((problem) => topLevel(problem.property.replace(/\[.*/, "")) === property);
  const sound = Object.fromEntries(Object.entries(args).filter(([property]) => !isWrong(property)));
  // What is reported already is as good as unknown to the other checks.
  const plain = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, isWrong(key) ? unknownSentinel : plainValues(value)]));
  // The state is not known here, so rules that depend on it are left to the provider.
  return { problems: [...wrong, ...findProblems(definition, plain, { somethingUnknown: true })], sound };
}

/** Fails the program with these problems of a resource, and with those of all others that it declares at once. */
export function report(definition: Pick<Definition, "type">, name: string, problems: readonly Problem[]): void {
  const { findings } = batchOf(currentRun());
  if (problems.length > 0) findings.push({ resource: labelOf(definition, name), problems });
}

/** A value that JSON cannot hold, as a problem of its property. */
export function problemOf({ fields }: Pick<Definition, "fields">, found: NotJson): Problem {
  const isJson = fields[topLevel(found.path.replace(/\[.*/, ""))]?.type === "json";
  const reason = isJson ? describeNotJson(found) : `must not be ${found.what}; ${found.fix}`;
  return { property: found.path, reason };
}

export const labelOf = (definition: Pick<Definition, "type">, name: string): string => `${resourceName(definition)} "${name}"`;

/** Resources where the property takes something else: their ids and SIDs would fail only after Twilio has created them. */
const wrongResources = ({ fields }: Definition, args: Props): Problem[] =>
  Object.entries(fields).flatMap(([property, field]) => wrongResource(property, field, plainAt(args, property)) ?? []);

/** What is wrong with a resource, or its id or SID, as the value of a property; `undefined` for any other value. */
export function wrongResource(property: string, field: Field, given: unknown): Problem | undefined {
  const own = namedBy(given);
  const isResource = pulumi.Resource.isInstance(given);
  if (!isResource && own === undefined) return undefined;
  const { parent, reference, format } = field;
  const actual = own
    ? resourceName(own.definition)
    : String((given as { __pulumiType?: string }).__pulumiType)
        .split(":")
        .at(-1);
  const expected = parent ?? (reference?.output === "sid" ? reference.resource : undefined);
  if (expected !== undefined) {
    const accepted = parent === undefined ? "SID" : "id";
    if (actual === expected) return undefined;
    return { property, reason: `must be a ${expected} or the ${accepted} of one; received a ${actual}` };
  }
  // A SID of that kind may be what the property takes.
  if (own && !isResource && format?.(`${own.definition.sid}${"0".repeat(32)}`) === undefined) return undefined;
  const fix = actual === reference?.resource && reference?.output ? `pass its \`${reference.output}\`` : "pass one of its properties";
  return { property, reason: `must not be a ${actual}${isResource ? " itself" : "'s id or SID"}: ${fix}` };
}

/** A property that the program declares as a plain value, without looking into outputs. */
const plainAt = (args: Props, property: string): unknown =>
  property
    .split(".")
    .reduce<unknown>((value, key) => (isOpaque(value) || typeof value !== "object" ? undefined : (value as Props | null)?.[key]), args);

/**
 * Waits until everything that the program declares at once has been checked. Otherwise, a run without a preview would already have created the
 * good resources when it reaches the bad one.
 */
export const programChecked = async (): Promise<void> => currentRun().batch?.verdict;

/** The batch in progress; it ends when the program yields. */
function batchOf(run: ProgramRun): Batch {
  if (run.batch) return run.batch;
  const findings: Finding[] = [];
  const verdict = new Promise<void>((resolve, reject) => {
    setImmediate(() => {
      run.batch = undefined;
      if (findings.length > 0) reject(programError(describe(findings)));
      else resolve();
    });
  });
  verdict.catch(() => {});
  run.batch = { findings, verdict };
  return run.batch;
}

function describe(found: readonly Finding[]): string {
  const lines = found.flatMap(({ resource, problems }) => problems.map(({ property, reason }) => `  ${resource}: ${property} ${reason}`));
  const count = new Set(found.map(({ resource }) => resource)).size;
  return `${count === 1 ? "1 resource has" : `${count} resources have`} invalid properties:\n${lines.join("\n")}`;
}

/** A program's value, where everything that is not known yet, or belongs to a resource, is written as the engine would. */
export function plainValues(value: unknown): unknown {
  if (isOpaque(value)) return unknownSentinel;
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainValues(entry)]));
}
