import type { CommonArgs } from "./common-args";
import type { Definition, Field, Hooks } from "./definition";
import { oneOf } from "./formats";
import { collectionOfSid, pathOf } from "./groups";
import { lastSid, parentIdOf } from "./props";
import type { Codec } from "./value-type";

// An Input<T> of the program as its plain value; a resource stands for its id.
type Plain<I> = I extends { readonly urn: unknown }
  ? string
  : I extends { apply: unknown } | Promise<unknown>
    ? never
    : I extends readonly (infer Item)[]
      ? Plain<Item>[]
      : I extends object
        ? { [K in keyof I]: Plain<I[K]> }
        : I;

/** The arguments of a resource as its functions receive them. In a preview, a value may be Pulumi's mark for "not known yet". */
export type Resolved<Args> = Args extends unknown ? { readonly [K in keyof Args]: Plain<Args[K]> } : never;

type IsRecord<V> = V extends object ? (string extends keyof V ? true : false) : false;

/** The dotted names of all properties of `A`, down to the leaves: `"friendlyName" | "timers.inactive"`. */
export type Leaves<A> = {
  [K in keyof A & string]-?: Plain<NonNullable<A[K]>> extends infer V
    ? V extends string | number | boolean | readonly unknown[]
      ? K
      : IsRecord<V> extends true
        ? K
        : `${K}.${Leaves<V>}`
    : never;
}[keyof A & string];

/** The type behind a dotted name. */
type ValueAt<A, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof A
    ? ValueAt<NonNullable<Plain<NonNullable<A[Head]>>>, Rest>
    : never
  : Path extends keyof A
    ? Plain<NonNullable<A[Path]>>
    : never;

// A field must say how its value travels where that follows from the argument's type.
type TypeOf<V> = [V] extends [boolean]
  ? { readonly type: "boolean" }
  : [V] extends [number]
    ? { readonly type: "integer" }
    : [V] extends [readonly unknown[]]
      ? { readonly type: "list" | "set" | Codec }
      : IsRecord<V> extends true
        ? { readonly type: "json" | "empty" }
        : { readonly type?: "string" | "keyword" | "duration" | "secret" | "corrected" };

type FieldFor<V> = Omit<Field, "type"> & TypeOf<V>;

type Fields<Args> = { readonly [K in Exclude<Leaves<Args>, keyof CommonArgs>]: FieldFor<ValueAt<Args, K>> } & {
  readonly [K in keyof CommonArgs]?: Field;
};

/** Outputs that every resource has and no definition repeats. */
type CommonOutputs = "sid" | "accountSid" | "url";

type Described<Args, Outputs> = Omit<Definition<Resolved<Args>>, "fields" | "outputs" | "secretOutputs"> &
  Hooks<Resolved<Args>> & {
    readonly fields: Fields<Args>;
    readonly secretOutputs?: readonly (keyof Outputs & string)[];
    readonly outputs?: { readonly [K in Exclude<keyof Outputs & string, CommonOutputs>]?: string | ((id: string) => string) };
  };

/**
 * Checks a definition against the types that its users see: a forgotten, misspelled or extra property, or one of the wrong type, is a compile
 * error here. Adds what all resources have: `adopt`, `onDelete` and the `url`.
 */
export function define<Args, Outputs>(described: Described<Args, Outputs>): Definition<Resolved<Args>> {
  const { fields, outputs = {}, onDelete = ["delete", "retain"], path, product } = described;
  const url = (id: string) => `https://${product}.twilio.com${itemPath(described, id, "")}`;
  return {
    ...described,
    path,
    fields: {
      ...(fields as Record<string, Field>),
      adopt: { local: "create", ...fields.adopt },
      onDelete: { local: "delete", format: oneOf(...onDelete) },
    },
    outputs: { ...(product === "api" ? {} : { url }), ...(outputs as Definition["outputs"]) },
  };
}

/** The path of one object; the 2010 API wants `.json` behind it. */
export function itemPath(
  { path, product, singleton, groups }: Pick<Definition, "path" | "product" | "singleton" | "groups">,
  id: string,
  account: string,
) {
  if (singleton) return path(id.split("/"), account) + suffixOf(product);
  const sid = lastSid(id);
  const collection = pathOf(path(parentIdOf(id).split("/").filter(Boolean), account), collectionOfSid({ groups }, sid));
  return `${collection}/${encodeURIComponent(sid)}${suffixOf(product)}`;
}

/** What follows every path of a product. */
export const suffixOf = (product: Definition["product"]): string => (product === "api" ? ".json" : "");
