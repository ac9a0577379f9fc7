import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { creationTable } from "../../src/core/lifecycle/creation-table";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "reliability.md"), "utf8");

/** A condition as the page shows it: a dash where any value applies. */
const cell = (condition: string | boolean | undefined) =>
  (condition === undefined ? "–" : { true: "yes", false: "no" }[`${condition}`]) ?? condition;

it("docs/reliability.md has the rows of the creation table, in the same order", () => {
  const [, section = ""] = page.split("## How an interrupted create is resolved\n");
  const table = /^\| evidence \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(section)?.[1] ?? "";
  const documented = table
    .trim()
    .split("\n")
    .map((row) => row.slice(2, -2).split(" | "));
  const expected = creationTable.map(({ evidence, found, allowsDuplicates, isWindowOpen, isLastTry, action }) => [
    ...[evidence, found, allowsDuplicates, isWindowOpen, isLastTry].map(cell),
    action,
  ]);
  expect(documented).toEqual(expected);
});
