/** Histories: what happens to some stacks and to their Twilio account, as data that fast-check can shrink. */
import type { Fault } from "./faults";
import type { Spec } from "./program";

/** What can be left out of the histories. */
export type Feature =
  | Fault["kind"]
  | Spec["kind"]
  | "kill"
  | "rename"
  | "alias"
  | "stack rename"
  | "ignore"
  | "application"
  | "deletion"
  | "clock"
  | "second stack"
  | "second backend"
  | "readable backend"
  | "target"
  | "secret"
  | "protect"
  | "retain"
  | "shared names"
  | "foreign"
  | "together"
  | "twins"
  | "long faults";

/** A change of a program. */
export type Edit =
  | { readonly what: "add"; readonly spec: Spec }
  | { readonly what: "remove" }
  | { readonly what: "variant"; readonly variant: number }
  | { readonly what: "rename"; readonly letter: string; readonly withAlias: boolean }
  /** Another resource of the same kind takes the name that this one had. */
  | { readonly what: "reuse name" }
  | { readonly what: "ignore" }
  | { readonly what: "keeps"; readonly keeps: Spec["keeps"] };

/** An operation of Pulumi. */
export interface Operated {
  readonly event: "up" | "preview" | "refresh" | "destroy";
  readonly stack: number;
  readonly faults: readonly Fault[];
  /** The effect at which the process is killed. */
  readonly killAt?: number | undefined;
  readonly target?: number | undefined;
  /** How long its first requests are held back, in milliseconds: that decides how it interleaves with another operation. */
  readonly pace?: readonly number[] | undefined;
}

/** One event of a history. */
export type Event =
  | Operated
  /** Two stacks at the same time. */
  | { readonly event: "together"; readonly operations: readonly [Operated, Operated] }
  | { readonly event: "edit"; readonly stack: number; readonly key: number; readonly edit: Edit }
  | { readonly event: "rename stack"; readonly stack: number }
  | { readonly event: "application writes" | "object is deleted"; readonly pick: number }
  | { readonly event: "somebody creates"; readonly what: "conversation" | "number" | "service"; readonly key: number }
  | { readonly event: "clock step"; readonly seconds: number }
  | { readonly event: "wait"; readonly seconds: number };

export interface History {
  /** Decides how long requests take and how they overlap. */
  readonly seed: number;
  readonly programs: readonly (readonly Spec[])[];
  /** Whether the backends are such that a run cannot read the states in them. */
  readonly hidesStates: boolean;
  /** The first stack is deployed without a fault first. */
  readonly beginsWithUp: boolean;
  readonly events: readonly Event[];
}

export const letters = ["a", "b", "c"];

/** There is one object of these kinds, which a program may declare once, and a name occurs once. */
export function consistent(specs: readonly Spec[]): Spec[] {
  return specs.filter(
    (spec, index) =>
      !specs
        .slice(0, index)
        .some(
          (other) =>
            other.kind === spec.kind && (other.letter === spec.letter || spec.kind === "configuration" || spec.kind.startsWith("adopted")),
        ),
  );
}

/** The program after an edit. */
export function edited(specs: readonly Spec[], key: number, edit: Edit): readonly Spec[] {
  const at = key % Math.max(1, specs.length);
  const old = specs[at];
  if (edit.what === "add") return specs.some((spec) => spec.key === edit.spec.key) ? specs : consistent([...specs, edit.spec]);
  if (!old) return specs;
  switch (edit.what) {
    case "remove":
      return specs.filter((spec) => spec !== old);
    case "variant":
      return specs.with(at, { ...old, variant: edit.variant });
    case "keeps":
      return specs.with(at, { ...old, keeps: edit.keeps });
    case "ignore":
      return specs.with(at, { ...old, ignores: !old.ignores });
    case "reuse name": {
      const unused = [0, 1, 2, 3, 4, 5, 6, 7].find((one) => !specs.some((spec) => spec.key === one)) as number;
      const letter = old.aliases[0] ?? letters.find((one) => one !== old.letter);
      // The engine refuses a name that another resource still declares as its alias.
      return consistent([...specs.with(at, { ...old, aliases: [] }), { ...old, key: unused, letter: letter as string, aliases: [] }]);
    }
    case "rename": {
      if (specs.some(({ kind, letter }) => kind === old.kind && letter === edit.letter)) return specs;
      const aliases = edit.withAlias ? [old.letter, ...old.aliases].filter((alias) => alias !== edit.letter) : [];
      return specs.with(at, { ...old, letter: edit.letter, aliases });
    }
  }
}
