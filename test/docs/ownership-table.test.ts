import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ownershipTable } from "../../src/core/lifecycle/ownership";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "reliability.md"), "utf8");

const cell = (condition: boolean | undefined) => (condition === undefined ? "–" : condition ? "yes" : "no");

it("docs/reliability.md has the rows of the ownership table, in the same order", () => {
  const [, section = ""] = page.split("## Whose an object is\n");
  const table = /^\| held by another resource \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(section)?.[1] ?? "";
  const documented = table
    .trim()
    .split("\n")
    .map((row) => row.slice(2, -2).split(" | "));
  const expected = ownershipTable.map(({ isHeldByAnother, isOfUnfinishedCreate, carriesMark, whose }) => [
    ...[isHeldByAnother, isOfUnfinishedCreate, carriesMark].map(cell),
    whose,
  ]);
  expect(documented).toEqual(expected);
});
