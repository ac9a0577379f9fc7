// Writes the help of all commands into docs/cli.md: node tools/docs/cli.mts. A test fails when that file is out of date.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FILE = join(root, "docs", "cli.md");
const MARK = "<!-- What follows is written by `node tools/docs/cli.mts`. -->\n";

/** A command and what its `--help` prints. */
export interface CommandHelp {
  readonly path: readonly string[];
  readonly help: string;
}

/** The help of every command of the built CLI. Finds subcommands in the help of their parents. */
export async function helpOfAllCommands(path: readonly string[] = []): Promise<CommandHelp[]> {
  const { stdout: help } = await promisify(execFile)(process.execPath, [join(root, "dist", "cli", "main.js"), ...path, "--help"]);
  const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? "";
  const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name as string).filter((name) => name !== "help");
  const subcommands = await Promise.all(names.map((name) => helpOfAllCommands([...path, name])));
  return [{ path, help }, ...subcommands.flat()];
}

/** The page as it is, and as it should be. */
export async function cliPage(): Promise<{ actual: string; expected: string }> {
  const actual = readFileSync(FILE, "utf8");
  const sections = (await helpOfAllCommands())
    .filter(({ path }) => path.length > 0)
    .map(({ path, help }) => `## ${path.join(" ")}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`);
  return { actual, expected: `${actual.split(MARK)[0]}${MARK}\n${sections.join("\n")}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, (await cliPage()).expected);
