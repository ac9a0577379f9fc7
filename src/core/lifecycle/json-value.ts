/** A value that JSON cannot hold, and where it is. */
export interface NotJson {
  /** The path from the value that was searched: `attributes.list[0]`. */
  readonly path: string;
  /** What it is: `a Date`. */
  readonly what: string;
  /** What to write instead. */
  readonly fix: string;
}

/** Values of the program that another part of the program checks: outputs, promises, resources. */
export type IsOpaque = (value: object) => boolean;

/**
 * Finds the values that JSON cannot hold. Pulumi would change them without a word (a date becomes `{}`, `NaN` becomes `null`) or fail with an
 * error of its own. A member of an object that is `undefined` is left out, as everywhere in a program.
 */
export function findNotJson(value: unknown, path: string, isOpaque: IsOpaque = () => false): NotJson[] {
  return find(value, path, isOpaque, new Set());
}

function find(value: unknown, path: string, isOpaque: IsOpaque, above: Set<object>): NotJson[] {
  const scalar = wrongScalar(value);
  if (scalar) return [{ path, ...scalar }];
  if (typeof value !== "object" || value === null || isOpaque(value)) return [];
  if (above.has(value)) return [{ path, what: "an object that contains itself", fix: "remove the reference" }];
  if (!Array.isArray(value) && !isPlain(value)) return [{ path, ...wrongObject(value) }];
  const inside = new Set(above).add(value);
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : find(entry, member(path, key), isOpaque, inside)));
  }
  // Not `flatMap`, which leaves out the holes of an array.
  return Array.from(value, (entry, index) =>
    entry === undefined
      ? [{ path: `${path}[${index}]`, what: "undefined in a list", fix: "write null, or leave it out" }]
      : find(entry, `${path}[${index}]`, isOpaque, inside),
  ).flat();
}

const member = (path: string, key: string): string => (/^[\w$-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`);

function wrongScalar(value: unknown): Omit<NotJson, "path"> | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : { what: String(value), fix: "write a finite number, or null" };
    case "bigint":
      return { what: "a BigInt", fix: "write it as a string, or as a number" };
    case "symbol":
      return { what: "a symbol", fix: "write its description" };
    case "function":
      return { what: "a function", fix: "write its result" };
    case "string":
      return /\p{Surrogate}/u.test(value)
        ? { what: "a string with half of a surrogate pair", fix: "cut strings at characters" }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether an object is one that `{}` creates, also in another realm, such as that of a test runner. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function wrongObject(value: object): Omit<NotJson, "path"> {
  const name = String(value.constructor?.name || "class instance");
  const article = /^[AEIOU]/i.test(name) ? "an" : "a";
  const fixes: Record<string, string> = {
    Date: "write it as a string, like date.toISOString()",
    Map: "write an object, like Object.fromEntries(map)",
    Set: "write a list, like [...set]",
  };
  return { what: `${article} ${name}`, fix: fixes[name] ?? "write an object with its values" };
}

/** The problem in words, as the reason beside its path: `must be JSON: a Date is not; …`. */
export const describeNotJson = ({ what, fix }: NotJson): string => `must be JSON: ${what} is not; ${fix}`;
