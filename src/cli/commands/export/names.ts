import { kebab } from "../../shared/kebab";

/** The two names of a resource in a program. */
export interface Name {
  /** The resource's name, in kebab case: `front-desk`. */
  readonly name: string;
  /** The constant's name, in camel case: `frontDesk`. */
  readonly identifier: string;
}

// Reserved words of TypeScript and CommonJS, and the names that an exported program imports.
const reserved = new Set(
  (
    "arguments async await break case catch class config const constructor continue debugger default delete do else enum eval export " +
    "exports extends false finally for function if implements import in index instanceof interface interpolate let module new null " +
    "package private protected prototype public require return static super switch this throw true try typeof undefined var void while " +
    "with yield"
  ).split(" "),
);

/** Returns a function that gives each object a unique name: the first candidate with a letter or digit, numbered where it is taken. */
export function namer(): (...candidates: readonly unknown[]) => Name {
  const taken = new Set<string>(reserved);
  const used = new Map<string, number>();
  return (...candidates) => {
    const preferred = candidates.map(kebab).find((name) => name !== "") ?? "";
    for (let count = (used.get(preferred) ?? 0) + 1; ; count += 1) {
      const name = count === 1 ? preferred : `${preferred}-${count}`;
      const identifier = camel(name);
      if (taken.has(identifier.toLowerCase())) continue;
      taken.add(identifier.toLowerCase());
      used.set(preferred, count);
      return { name, identifier };
    }
  };
}

const camel = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
