/** What something is called in a program: as a resource, and as a constant. */
export interface Name {
  /** In kebab case, `front-desk`. */
  readonly name: string;
  /** In camel case, `frontDesk`. */
  readonly identifier: string;
}

// Longer ones help nobody; what is unique about them may lie behind.
const LONGEST = 48;

// Words that TypeScript keeps for itself, and what a program of ours imports.
const reserved = new Set(
  (
    "arguments async await break case catch class config const constructor continue debugger default delete do else enum eval export " +
    "exports extends false finally for function if implements import in index instanceof interface interpolate let module new null numbers " +
    "package private protected prototype public require return static super switch this throw true try typeof undefined var void while " +
    "with yield"
  ).split(" "),
);

/** Gives each thing a name of its own, the nearest to the wishes in the order of liking; the last is for when none has a letter in it. */
export function namer(): (...wishes: readonly unknown[]) => Name {
  const taken = new Set<string>(reserved);
  const used = new Map<string, number>();
  return (...wishes) => {
    const wished = wishes.map(kebab).find((name) => name !== "") ?? "";
    for (let count = (used.get(wished) ?? 0) + 1; ; count += 1) {
      const name = count === 1 ? wished : `${wished}-${count}`;
      const identifier = camel(name);
      if (taken.has(identifier.toLowerCase())) continue;
      taken.add(identifier.toLowerCase());
      used.set(wished, count);
      return { name, identifier };
    }
  };
}

/** Letters and digits of plain English, beginning with a letter; empty where there are none. */
export function kebab(text: unknown): string {
  const words = String(text ?? "")
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const name = words.join("-").slice(0, LONGEST).replace(/-+$/, "");
  return /^\d/.test(name) ? `n${name}` : name;
}

const camel = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
