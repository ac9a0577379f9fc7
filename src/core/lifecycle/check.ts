import type { Definition, Field, Problem, Props } from "./definition";
import { get, isUnknown, stable, topLevel } from "./props";
import { isHidden } from "./wire";

/** Every problem of a program's properties at once. What is not known yet passes. */
export function findProblems(definition: Definition, news: Props, olds: Props): Problem[] {
  const found: Problem[] = unknownNames(definition, news);
  for (const [property, field] of Object.entries(definition.fields)) {
    const value = get(news, property);
    if (isUnknown(value)) continue;
    if (value === undefined || value === null) {
      if (field.required) found.push({ property, reason: `is missing: ${resourceName(definition)} needs \`${property}\`` });
      continue;
    }
    const reason = wrong(field, value);
    if (reason) found.push({ property, reason });
  }
  return found.concat(definition.validate?.(news, olds) ?? []);
}

/** The resource's name as people say it, `PhoneNumber`. */
export const resourceName = ({ type }: Pick<Definition, "type">): string => type.slice(type.lastIndexOf(":") + 1);

function wrong(field: Field, value: unknown): string | undefined {
  const reason = field.format?.(value);
  if (reason) return reason;
  if (field.type === "boolean" && typeof value !== "boolean") return `${stable(value)} is not true or false`;
  if (field.type === "integer" && !Number.isInteger(value)) return `${stable(value)} is not a whole number`;
  if (field.type === undefined && !field.format && typeof value !== "string") return `${stable(value)} is not a text`;
  return undefined;
}

/** Names that no property has, each with the nearest that one has. */
function unknownNames(definition: Definition, news: Props): Problem[] {
  const names = Object.keys(definition.fields);
  const groups = new Set(names.filter((name) => name.includes(".")).map(topLevel));
  const found: Problem[] = [];
  const look = (props: Props, prefix: string) => {
    const known = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    for (const [key, value] of Object.entries(props)) {
      const full = prefix + key;
      if (isHidden(key) || value === undefined || names.includes(full)) continue;
      if (known.some((name) => name.startsWith(`${key}.`))) {
        if (isUnknown(value) && typeof value !== "object") continue;
        if (typeof value === "object" && value !== null) look(value as Props, `${full}.`);
        else found.push({ property: full, reason: `${stable(value)} is not an object` });
        continue;
      }
      const here = [...new Set([...known.map(topLevel), ...(prefix ? [] : groups)])];
      const near = nearest(key, here);
      const cure = near ? `did you mean \`${prefix}${near}\`?` : `there are ${here.map((name) => prefix + name).join(", ")}`;
      found.push({ property: full, reason: `is no property of ${resourceName(definition)}: ${cure}` });
    }
  };
  look(news, "");
  return found;
}

/** The word that needs the fewest edits, if it needs few enough to be a slip. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  return [...new Set(words)]
    .map((candidate) => ({ candidate, edits: edits(lower, candidate.toLowerCase()) }))
    .filter(({ edits, candidate }) => edits <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
