/**
 * An object whose members are JSON, or outputs of it. An interface is accepted too, which `Record<string, unknown>` would refuse: an interface
 * has no index signature. Lists, functions, dates, maps, promises and outputs are refused by what only they have.
 */
export interface JsonObject {
  // biome-ignore lint/suspicious/noExplicitAny: the only index signature to which every object is assignable, also of an interface type.
  readonly [key: string]: any;
  /** Lists, maps and sets have this. */
  readonly [Symbol.iterator]?: undefined;
  /** Dates have this. */
  readonly [Symbol.toPrimitive]?: undefined;
  /** Promises have this. */
  readonly [Symbol.toStringTag]?: undefined;
  /** In functions and outputs, this is a function. */
  readonly apply?: Data;
  /** In resources, this is a function. */
  readonly getProvider?: Data;
}

type Data = string | number | boolean | null | undefined | readonly unknown[] | { readonly [key: string]: Data | object };
