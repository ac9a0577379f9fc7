import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../lifecycle/definition";
import { nearest } from "../lifecycle/spelling";
import type { DeclaredObject, DeclaredSet } from "../sets/declared";
import { settingNames } from "../twilio/settings";

/** The problems of one resource of a program. */
export interface Finding {
  readonly resource: string;
  readonly problems: readonly Problem[];
}

/** The resources that a program declares before it yields. */
export interface Batch {
  readonly findings: Finding[];
  /** Rejects where a resource of the batch has a problem. */
  readonly verdict: Promise<void>;
}

/** What a program has declared of one kind. */
export interface DeclaredKind {
  readonly sets: DeclaredSet[];
  readonly resources: string[];
  readonly objects: (() => DeclaredObject)[];
}

/** What one run of one program has declared. The Automation API runs several programs in one process, each with a stack of its own. */
export interface ProgramRun {
  /** Resource names by the values that occur once in a program. */
  readonly claims: Map<string, string>;
  /** How many resources of a kind a parent has. */
  readonly counts: Map<string, number>;
  /** What is declared of each kind that may have sets, by the type of the resource of one object. */
  readonly kinds: Map<string, DeclaredKind>;
  batch?: Batch | undefined;
}

const runs = new WeakMap<object, ProgramRun>();
const withoutStack = {};

/** The run in progress. */
export function currentRun(): ProgramRun {
  const stack = pulumi.runtime.getStackResource() ?? withoutStack;
  const known = runs.get(stack);
  if (known) return known;
  const run = { claims: new Map(), counts: new Map(), kinds: new Map() };
  runs.set(stack, run);
  warnOfMisspelledSettings(Object.keys(pulumi.runtime.allConfig()));
  return run;
}

/** Nothing reads a misspelled setting, so nothing else would report it. Other packages may have keys of their own in the same namespace. */
function warnOfMisspelledSettings(keys: readonly string[]): void {
  for (const key of keys) {
    const name = /^twilio:(.*)$/i.exec(key)?.[1];
    if (name === undefined || settingNames.some((setting) => key === `twilio:${setting}`)) continue;
    const near = nearest(name, settingNames);
    if (near) void pulumi.log.warn(`The stack's configuration has ${key}, which is not a setting. Did you mean twilio:${near}?`);
  }
}
