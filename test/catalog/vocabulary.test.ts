import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import type { Definition } from "../../src/core/lifecycle/definition";

const source = readFileSync(join(import.meta.dirname, "../../src/core/lifecycle/definition.ts"), "utf8");

/** The words of an interface: each property and the comment above it. */
function wordsOf(name: string): [word: string, comment: string][] {
  const [, body = ""] = new RegExp(`export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source) ?? [];
  const words = [...body.matchAll(/((?: {2}\/\*\*[\s\S]*?\*\/\n)?) {2}readonly (\w+)\??:/g)];
  return words.map(([, comment = "", word = ""]) => [word, comment.replace(/\s+\*?\/?\s*/g, " ")]);
}

type Parts = (definition: Definition) => readonly object[];

/** Where a definition uses the words of each interface. What `define` adds to every definition is nobody's choice. */
const places: Record<string, Parts> = {
  Definition: (definition) => [definition],
  Listing: ({ list }) => (list ? [list] : []),
  Groups: ({ groups }) => (groups ? [groups] : []),
  Field: ({ fields }) =>
    Object.entries(fields).flatMap(([property, field]) => (property === "adopt" || property === "onDelete" ? [] : [field])),
};

const users = (word: string, parts: Parts): string => {
  const found = catalog.filter((definition) => parts(definition).some((part) => (part as Record<string, unknown>)[word] !== undefined));
  if (found.length === catalog.length) return "all";
  return found.length > 4 ? "most" : found.map(resourceName).sort().join(", ");
};

describe.each(Object.entries(places))("the vocabulary of %s", (name, parts) => {
  it.each(wordsOf(name))("the comment of `%s` names its users", (word, comment) => {
    expect(comment).toContain(`Users: ${users(word, parts)}.`);
  });
});

it("has about thirty words, none of them without a user", () => {
  const words = Object.entries(places).flatMap(([name, parts]) => wordsOf(name).map(([word]) => [word, users(word, parts)]));
  expect(words.filter(([, who]) => who === "")).toEqual([]);
  expect(words.length).toBeLessThanOrEqual(38);
});
