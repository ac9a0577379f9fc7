import type { CatalogEntry } from "../../../catalog";
import type { Reference } from "../../../core/lifecycle/catalog-facts";
import { resourceName } from "../../../core/lifecycle/check";
import type { Props } from "../../../core/lifecycle/props";
import { get, set } from "../../../core/lifecycle/props";
import { fromBody } from "../../../core/lifecycle/wire";
import type { FoundObject } from "./account";
import { Code } from "./code";

/** Replaces SIDs and numbers in arguments with references to the resources that have them. */
export class References {
  readonly #code = new Map<string, Code>();
  readonly #properties: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(entries: readonly CatalogEntry[]) {
    const references = entries.flatMap(({ facts }) => Object.values(facts.references ?? {}));
    const classes = new Set(references.map(({ to }) => to));
    this.#properties = new Map([...classes].map((to) => [to, new Set(references.filter((one) => one.to === to).map(byOf))]));
  }

  /** Makes a resource of the program known to those that are declared after it. */
  add(found: FoundObject, identifier: string): void {
    const to = resourceName(found.entry.definition);
    for (const by of this.#properties.get(to) ?? []) {
      const value = referredValue(found, by);
      const text = by === "sid" ? identifier : `${identifier}.${by}`;
      if (value !== undefined) this.#code.set(`${to} ${by} ${value}`, new Code(text, [identifier]));
    }
  }

  /** Puts references into the arguments, in place. */
  replaceIn(args: Props, { facts }: CatalogEntry): void {
    for (const [property, reference] of Object.entries(facts.references ?? {})) {
      const value = get(args, property);
      const code = typeof value === "string" ? this.#code.get(keyOf(reference, value)) : undefined;
      const { prefix } = reference;
      if (code) set(args, property, prefix && String(value).startsWith(prefix) ? prefixed(prefix, code) : code);
    }
  }
}

const byOf = ({ by = "sid" }: Reference): string => by;

const keyOf = (reference: Reference, value: string): string =>
  `${reference.to} ${byOf(reference)} ${reference.prefix === undefined ? value : value.replace(reference.prefix, "")}`;

const prefixed = (prefix: string, { text, uses }: Code): Code => new Code(`interpolate\`${prefix}\${${text}}\``, uses, ["interpolate"]);

/** The value by which other objects refer to this one. */
function referredValue({ entry, sid, body }: FoundObject, by: string): unknown {
  const field = entry.definition.fields[by];
  return by === "sid" || !field || !body ? sid : fromBody(by, field, body);
}

/** Whether an object of the trees refers to this one. */
export function isReferredTo(found: FoundObject, trees: readonly FoundObject[]): boolean {
  const to = resourceName(found.entry.definition);
  return trees.some(
    (one) =>
      isReferredTo(found, one.children) ||
      Object.entries(one.entry.facts.references ?? {}).some(([property, reference]) => {
        const field = one.entry.definition.fields[property];
        const value = reference.to === to && field && one.body ? fromBody(property, field, one.body) : undefined;
        return typeof value === "string" && keyOf(reference, value) === `${to} ${byOf(reference)} ${referredValue(found, byOf(reference))}`;
      }),
  );
}
