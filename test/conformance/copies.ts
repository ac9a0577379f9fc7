/** The resources of the suite's program: a copy of each subject for each fact that is tested. */
import type { Fixture } from "./fixture";
import { type Args, type ArgsOf, kindOf, type Subject } from "./subject";

/** The operations before which the program changes. */
export const stages = ["create", "set", "change", "unset"] as const;

export type Stage = (typeof stages)[number];

/** A resource of the program. */
export interface Copy {
  readonly name: string;
  readonly args: (fixture: Fixture, stage: Stage) => Args;
}

/** Which of its two values a property has at each stage. */
type Plan = Readonly<Record<Stage, 0 | 1 | undefined>>;

const updatePlan: Plan = { create: undefined, set: 0, change: 1, unset: undefined };
const requiredPlan: Plan = { create: 0, set: 0, change: 1, unset: 1 };
const alternatingPlan: Plan = { create: undefined, set: 0, change: undefined, unset: 0 };
/** A singleton is also created with values, and is destroyed while the program declares some. */
const singletonPlan: Plan = { create: 0, set: undefined, change: 1, unset: 0 };

const forwardSingletonPlan: Plan = { create: 0, set: undefined, change: 1, unset: 1 };
const alternatingSingletonPlan: Plan = { create: 0, set: undefined, change: 0, unset: undefined };

/** The plan of a property that can be updated. */
export function planOf({ definition, updates }: Subject, property: string): Plan {
  if (updates[property]?.isForwardOnly) return forwardSingletonPlan;
  if (definition.singleton) return updates[property]?.isDefaultOtherwise ? alternatingSingletonPlan : singletonPlan;
  if (updates[property]?.isDefaultOtherwise) return alternatingPlan;
  return updates[property]?.required ? requiredPlan : updatePlan;
}

/** The properties of a copy that change at a stage. */
export function changedAt(subject: Subject, stage: Stage, only?: string): string[] {
  const before = stages[stages.indexOf(stage) - 1] as Stage;
  const properties = Object.keys(subject.updates).filter((property) => {
    const plan = planOf(subject, property);
    return plan[before] !== plan[stage];
  });
  return subject.definition.singleton || only === undefined ? properties : properties.filter((property) => property === only);
}

/** The beginning of the names of a subject's copies, `phone-number`. */
export const prefixOf = (subject: Subject): string =>
  kindOf(subject).replace(/[A-Z]/g, (letter, index) => (index === 0 ? "" : "-") + letter.toLowerCase());

/** The name of a copy. A singleton has one copy for all purposes. */
export function copyName(subject: Subject, purpose: string, property?: string): string {
  if (subject.definition.singleton) return prefixOf(subject);
  return [prefixOf(subject), purpose, property?.replaceAll(".", "-")].filter((part) => part !== undefined).join("-");
}

const isEarly = (stage: Stage, last: Stage) => stages.indexOf(stage) <= stages.indexOf(last);

/** The arguments with one more property, `timers.inactive` within `timers`. */
function withProperty(args: Args, property: string, value: unknown): Args {
  const [first, ...rest] = property.split(".") as [string, ...string[]];
  if (value === undefined) return args;
  return { ...args, [first]: rest.length === 0 ? value : withProperty((args[first] ?? {}) as Args, rest.join("."), value) };
}

function withUpdate(args: Args, subject: Subject, property: string, fixture: Fixture, stage: Stage): Args {
  const index = planOf(subject, property)[stage];
  const value = index === undefined ? undefined : subject.updates[property]?.values[index];
  return withProperty(args, property, typeof value === "function" ? value(fixture) : value);
}

/** All copies of a subject. */
export function copiesOf(subject: Subject): readonly Copy[] {
  return subject.definition.singleton ? [singletonCopy(subject)] : ordinaryCopies(subject);
}

function singletonCopy(subject: Subject): Copy {
  const name = copyName(subject, "");
  return {
    name,
    args(fixture, stage) {
      let args = subject.args(fixture, name);
      for (const property of Object.keys(subject.updates)) args = withUpdate(args, subject, property, fixture, stage);
      for (const [property, { values }] of Object.entries(subject.unsent)) {
        args = withProperty(args, property, values[stage === "create" ? 0 : 1]);
      }
      return args;
    },
  };
}

function ordinaryCopies(subject: Subject): Copy[] {
  const { updates, replacements, unsent, equivalents = {}, drift } = subject;
  const constant = (purpose: string, change = (args: Args) => args): Copy => {
    const name = copyName(subject, purpose);
    return { name, args: (fixture) => change(subject.args(fixture, name)) };
  };
  const switching = (purpose: string, cases: Readonly<Record<string, { values: readonly [unknown, unknown]; args?: ArgsOf }>>): Copy[] =>
    Object.entries(cases).map(([property, { values, args = subject.args }]) => {
      const name = copyName(subject, purpose, property);
      return { name, args: (fixture, stage) => withProperty(args(fixture, name), property, values[stage === "create" ? 0 : 1]) };
    });
  return [
    constant("plain"),
    constant("deleted"),
    ...(drift ? [constant("drift", (args) => withProperty(args, drift.property, drift.declared))] : []),
    ...Object.entries(updates).map(([property, { args = subject.args }]): Copy => {
      const name = copyName(subject, "update", property);
      return { name, args: (fixture, stage) => withUpdate(args(fixture, name), subject, property, fixture, stage) };
    }),
    ...Object.entries(replacements).map(([property, replacement]): Copy => {
      const name = copyName(subject, "replace", property);
      return { name, args: (fixture, stage) => replacement(fixture, name)[isEarly(stage, "set") ? 0 : 1] };
    }),
    ...switching("unsent", unsent),
    ...switching("equivalent", equivalents),
  ];
}
