import { execFile } from "node:child_process";
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type CommandHelp, helpOfAllCommands } from "../../tools/docs/cli.mts";
import { emulatorClient } from "../engine/twilio";
import { commandsIn, docPages, type Page } from "../support/doc-blocks";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
const CLI = "twilio-conversations";

/** What this test does not run, and why. */
const NOT_RUN: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^terraform /, "needs Terraform and its state"],
  [/^export /, "sets variables of a shell"],
  [/^sh set-secrets\.sh$/, "is written by `export`, whose test runs it"],
  [/^(tar|docker) /, "needs a container engine; the image's test executes the Dockerfile"],
  [/^cd account$/, "is where `export` writes"],
];

/** A command as it is typed, and where. */
interface Typed {
  readonly file: string;
  readonly command: string;
}

const inline = /`((?:npx )?twilio-conversations [^`]+|pulumi [^`<]+|npm [^`]+|npx [^`]+)`/g;

/** Every command of a page: those in blocks, and those within sentences. */
function typedIn({ file, blocks, prose }: Page): Typed[] {
  const lines = blocks.filter(({ language }) => ["sh", "console"].includes(language)).flatMap(commandsIn);
  const inText = [...prose.matchAll(inline)].map(([, command]) => (command as string).replace(/\s+/g, " "));
  // `source <(…)` reads the output of a command.
  const all = [...lines, ...inText].flatMap((line) => line.replace(/^source <\((.*)\)$/, "$1").split(" && "));
  return all.map((command) => ({ file, command: command.replace(/^npx (?=twilio-conversations )/, "") }));
}

const optionsIn = (command: string): string[] => [...command.matchAll(/(?<= )(--[a-z-]+)/g)].map(([, option]) => option as string);

describe("the commands in README.md and docs", () => {
  let commands: Typed[];
  let emulator: Emulator;
  beforeAll(async () => {
    commands = (await docPages()).flatMap(typedIn);
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  const startingWith = (pattern: RegExp): Typed[] => commands.filter(({ command }) => pattern.test(command));
  /** Collects what is wrong with each command, so that a failure shows all of them. */
  const wrongIn = async (found: readonly Typed[], problem: (command: string) => string | undefined | Promise<string | undefined>) => {
    const all = await Promise.all(found.map(async ({ file, command }) => ({ file, command, problem: await problem(command) })));
    return all.flatMap((one) => (one.problem === undefined ? [] : [`${one.file}: ${one.command}: ${one.problem}`]));
  };

  it("are all of a kind that this test checks, or that it names with a reason", () => {
    const checked = /^(pulumi|twilio-conversations|npm|curl|cp) /;
    const others = commands.filter(({ command }) => !checked.test(command) && !NOT_RUN.some(([pattern]) => pattern.test(command)));
    expect(others).toEqual([]);
    for (const [pattern] of NOT_RUN) expect(startingWith(pattern), String(pattern)).not.toEqual([]);
    expect(commands.length).toBeGreaterThan(80);
  });

  it("of this package exist, with their options", async () => {
    const helps: CommandHelp[] = await helpOfAllCommands();
    const known = (words: readonly string[]) => helps.findLast(({ path }) => path.every((word, index) => words[index] === word));
    const problem = (command: string) => {
      const words = command
        .replace(/^npm run emulator --/, `${CLI} emulator`)
        .split(" ")
        .slice(1);
      const { path, help } = known(words) as CommandHelp;
      if (path.length === 0 && !/^(-|<command>)/.test(words[0] as string)) return "no such command";
      return optionsIn(command.replace(/^npm run emulator -- /, "")).find((option) => !new RegExp(`${option}\\b(?!-)`).test(help));
    };
    const found = [...startingWith(new RegExp(`^${CLI} `)), ...startingWith(/^npm run emulator --/)];
    expect(found.length).toBeGreaterThan(20);
    expect(await wrongIn(found, problem)).toEqual([]);
  });

  it("of the Pulumi CLI exist, with their options", async () => {
    const helps = new Map<string, Promise<string>>();
    const help = (path: string) => {
      const known = helps.get(path) ?? run(join(inject("engine"), "pulumi"), [...path.split(" "), "--help"]).then(({ stdout }) => stdout);
      helps.set(path, known);
      return known;
    };
    const problem = async (command: string) => {
      const words = command.split(" ").slice(1);
      let path = words[0] as string;
      let text = await help(path);
      if (!text.includes(`pulumi ${path}`)) return "no such command";
      for (const word of words.slice(1)) {
        // For an argument, the CLI prints the help of the command before it. A list of commands does not name the aliases.
        const deeper = /^[a-z][a-z-]*$/.test(word) ? await help(`${path} ${word}`) : text;
        if (deeper === text) break;
        path += ` ${word}`;
        text = deeper;
      }
      return optionsIn(command).find((option) => !new RegExp(`${option}\\b(?!-)`).test(text));
    };
    const found = startingWith(/^pulumi /);
    expect(found.length).toBeGreaterThan(25);
    expect(await wrongIn(found, problem)).toEqual([]);
  });

  it("of npm run scripts that exist, with options that these read, and install packages that this repository is tested with", async () => {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, Record<string, string>>;
    const tested: Record<string, string> = { ...manifest.devDependencies, ...manifest.dependencies };
    const problem = async (command: string) => {
      const [, verb = "", ...rest] = command.split(" ");
      if (verb === "install" || verb === "pack") {
        if (rest.includes("--prefix")) return undefined;
        const wrong = rest.filter((spec) => {
          const [, name = "", version = ""] = /^(@?[^@]+)@?(.*)$/.exec(spec) ?? [];
          return tested[name] === undefined || !(tested[name].startsWith("file:") || tested[name].startsWith(version));
        });
        return wrong.length > 0 ? `installs ${wrong.join()}` : undefined;
      }
      const script = verb === "run" ? rest.find((word) => !word.startsWith("-")) : verb;
      if (["ci", "cit", "audit", "test"].includes(verb)) return undefined;
      if (script === undefined || manifest.scripts?.[script] === undefined) return `no script ${script}`;
      const [, folder] = /^node (tools\/\w+|bench)\//.exec(manifest.scripts[script]) ?? [];
      if (folder === undefined) return undefined;
      const sources = (await readdir(join(root, folder))).filter((name) => name.endsWith(".mts"));
      const text = (await Promise.all(sources.map((name) => readFile(join(root, folder, name), "utf8")))).join("\n");
      return optionsIn(command.replace(/ --silent/, "")).find((option) => !new RegExp(`\\b${option.slice(2)}\\b`).test(text));
    };
    const found = startingWith(/^npm (?!run emulator --)/);
    expect(found.length).toBeGreaterThan(8);
    expect(await wrongIn(found, problem)).toEqual([]);
  });

  it("with curl are accepted by the emulator", async () => {
    const { conversations } = emulatorClient(emulator).client.conversations.v1;
    const conversation = await conversations.create();
    await conversations(conversation.sid).messages.create({ body: "Hello" });
    // Any URL that responds will do.
    const url = { "configuration.url": emulator.url, "configuration.filters": ["onMessageAdded"] };
    await conversations(conversation.sid).webhooks.create({ target: "webhook", ...url });
    const found = startingWith(/^curl /);
    expect(found.length).toBeGreaterThan(1);
    const problem = async (command: string) => {
      const [, path, , body] = /^curl \$TWILIO_BASE_URL(\S+)( -d '(.*)')?$/.exec(command) ?? [];
      if (path === undefined) return "is not understood";
      const text = body?.replace("CH…", conversation.sid) ?? null;
      const response = await fetch(emulator.url + path, { method: text === null ? "GET" : "POST", body: text });
      return response.ok ? undefined : `HTTP ${response.status} ${await response.text()}`;
    };
    expect(await wrongIn(found, problem)).toEqual([]);
  });

  it("copy files that the package contains", async () => {
    const { files } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { files: string[] };
    const paths = commands.flatMap(({ command }) => [...command.matchAll(/node_modules\/pulumi-twilio-conversations\/([^\s"]+)/g)]);
    expect(paths.length).toBeGreaterThan(1);
    for (const [, path = ""] of paths) {
      expect(files).toContain(path.split("/")[0]);
      await access(join(root, path));
    }
  });
});
