// Writes docs/reference: node tools/reference/main.mts, after npm run build. A test fails when that folder is out of date.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generalErrors } from "./errors.mts";
import { type Entry, entryOf, pageOf, pageOfSet, type SetEntry, setEntryOf } from "./page.mts";
import { pageName } from "./page-name.mts";

const require = createRequire(import.meta.url);
const { catalog, sets } = require("../../dist/catalog.js") as typeof import("../../dist/catalog.js");

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "docs", "reference");

/** The first sentence of a text. */
const sentence = (text: string): string => /^.+?[.](?= |$)/.exec(text.replace(/\s+/g, " "))?.[0] ?? text;

const linkTo = ({ name, source }: Entry | SetEntry): string => `- [${name}](${pageName(name)}): ${sentence(source.doc.text)}`;

function indexOf(entries: readonly Entry[]): string {
  const namespaces = [...new Set(entries.map(({ definition }) => definition.type.split(/[/:]/)[1] as string))];
  const sections = namespaces.flatMap((namespace) => [
    `## ${namespace}`,
    entries
      .filter(({ definition }) => definition.type.startsWith(`twilio/${namespace}:`))
      .map(linkTo)
      .join("\n"),
  ]);
  return `${[
    "# Reference",
    "<!-- Written by `npm run docs` from the docstrings and the definitions. -->",
    "One page for each resource. [Resources](../resources.md) explains them together; [Coverage](../coverage.md) lists the paths of Twilio's API.",
    'The column "a change" says what a change of one argument does. `in place`: an update; the object stays. `replaces`: a new object, and the old one ' +
      "is deleted. `matters at creation only`, `matters at deletion only`: the change is recorded and sends nothing.",
    "A page lists the errors that this package explains and that only some resources meet. Every resource can meet these:",
    generalErrors.join("\n"),
    "[Troubleshooting](../troubleshooting.md) has more.",
    "The permissions are those that a restricted key needs to create, refresh, update and delete the resource, according to " +
      "[Twilio's list](https://www.twilio.com/docs/iam/api-keys/restricted-api-keys#permissions-available-with-restricted-api-keys). Look-ups of what " +
      "a property names need more. Nothing here was tried with a restricted key on a real account.",
    ...sections,
    "## Sets",
    setEntries.map(linkTo).join("\n"),
  ].join("\n\n")}\n`;
}

const entries = catalog.map(entryOf);
const setEntries = sets.map(setEntryOf);

/** The pages as they should be, by file name. */
export const expectedPages: Readonly<Record<string, string>> = Object.fromEntries([
  ["README.md", indexOf(entries)],
  ...entries.map((entry) => [pageName(entry.name), pageOf(entry)]),
  ...setEntries.map((entry) => [pageName(entry.name), pageOfSet(entry)]),
]);

/** The pages as they are, by file name. */
export const actualPages = (): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(expectedPages)) writeFileSync(join(folder, name), text);
}
