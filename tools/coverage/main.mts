// Writes the tables of docs/coverage.md: node tools/coverage/main.mts, after npm run build. A test fails when that file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageName } from "../reference/page-name.mts";
import { coverageOf, type Row } from "./coverage.mts";
import { exceptions, lookUps } from "./entries.mts";
import { parts } from "./published.mts";

const FILE = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "coverage.md");
const MARK = "<!-- What follows is written by `npm run docs`. -->\n";

const coverage = parts.map((part) => ({ part, ...coverageOf(part, { lookUps, exceptions }) }));

/** What is wrong: paths without an entry, and stale entries. */
export const problems: readonly string[] = coverage.flatMap((one) => one.problems);

const code = (text: string): string => `\`${text}\``;

const cellOf = ({ by, what, inDefaultService }: Row): string => {
  const text =
    by === "resource"
      ? what.map((name) => `[${code(name)}](reference/${pageName(name)})`).join(", ")
      : by === "look-up"
        ? `look-up ${what.map(code).join(", ")}`
        : `not covered: ${what.join(", ")}`;
  return inDefaultService ? `${text} ¹` : text;
};

const summary = coverage.map(({ part, rows }) => {
  const count = (kind: Row["by"]) => rows.filter(({ by }) => by === kind).length;
  return `| ${part.title} | ${rows.length} | ${count("resource")} | ${count("look-up")} | ${count("exception")} |`;
});

const sections = coverage.map(({ part, rows }) =>
  [
    `### ${part.title}\n`,
    "| path | methods | covered by |",
    "|---|---|---|",
    ...rows.map((row) => `| ${code(row.path)} | ${row.methods.map((method) => method.toUpperCase()).join(" ")} | ${cellOf(row)} |`),
  ].join("\n"),
);

/** The page as it is, and as it should be. */
export function coveragePage(): { actual: string; expected: string } {
  const actual = readFileSync(FILE, "utf8");
  const head = ["## Every path", "", "| part | paths | resource | look-up | not covered |", "|---|---|---|---|---|", ...summary].join("\n");
  const note = "¹ The objects of the account's default service, which the resource reaches under its service's path too.";
  return { actual, expected: `${actual.split(MARK)[0]}${MARK}\n${head}\n\n${sections.join("\n\n")}\n\n${note}\n` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (problems.length > 0) throw new Error(problems.join("\n"));
  writeFileSync(FILE, coveragePage().expected);
}
