// node tools/docs/cli.mts writes the commands' help into docs/cli.md; a test tells when that has become stale
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

/** Every command of the command line that is built, found by what the help of the one above it lists. */
export async function everyHelp(path: readonly string[] = []): Promise<CommandHelp[]> {
  const { stdout: help } = await promisify(execFile)(process.execPath, [join(root, "dist", "cli", "main.js"), ...path, "--help"]);
  const listed = /^Commands:\n((?: {2}.*\n)+)/m.exec(help)?.[1] ?? "";
  const names = [...listed.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name as string).filter((name) => name !== "help");
  const below = await Promise.all(names.map((name) => everyHelp([...path, name])));
  return [{ path, help }, ...below.flat()];
}

/** The page as it is, and as it should be. */
export async function cliPage(): Promise<{ is: string; should: string }> {
  const is = readFileSync(FILE, "utf8");
  const sections = (await everyHelp())
    .filter(({ path }) => path.length > 0)
    .map(({ path, help }) => `## ${path.join(" ")}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`);
  return { is, should: `${is.split(MARK)[0]}${MARK}\n${sections.join("\n")}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, (await cliPage()).should);
