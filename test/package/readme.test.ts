import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Block, commandsIn, docPages } from "../support/doc-blocks";
import { engineEnv } from "../support/engine";
import { newProject, type Project } from "../support/project";

const run = promisify(execFile);

/** What `npm install` of a package name, with or without a version, asks for. */
const parse = (spec: string) => spec.match(/^(?<name>@?[^@]+)(?:@(?<version>.+))?$/)?.groups as { name: string; version?: string };

/** The blocks of a page's section, or of a whole page. */
const blocksOf = async (file: string, heading?: string): Promise<Block[]> => {
  const page = (await docPages()).find((one) => one.file === file);
  return (page?.blocks ?? []).filter((block) => heading === undefined || block.heading === heading);
};

/** A page's commands of this package and of the CLI that need only the stack that the README's program creates. */
async function commandsOnStack(file: string): Promise<string[]> {
  const blocks = (await blocksOf(file)).filter(({ language }) => language === "sh" || language === "console");
  return blocks.flatMap(commandsIn).filter((command) => /^(npx|pulumi preview) /.test(command));
}

describe("the README's own program, in an empty folder", { timeout: 90_000 }, () => {
  let program: Record<string, string>;
  let packages: { name: string; version?: string }[];
  let commands: string[];
  let fromTemplate: string[];
  beforeAll(async () => {
    const blocks = await blocksOf("README.md", "Your own program");
    const of = (language: string) => blocks.filter((block) => block.language === language);
    program = { "Pulumi.yaml": of("yaml")[0]?.text as string, "index.ts": of("ts")[0]?.text as string };
    const [template, [install, ...steps]] = of("sh").map(commandsIn) as [string[], string[]];
    fromTemplate = template;
    packages = String(install)
      .replace(/^npm install /, "")
      .split(" ")
      .map(parse);
    commands = steps;
  });

  async function project(names: readonly string[]) {
    const made: Project = await newProject(names);
    onTestFinished(() => made.remove());
    await made.write(program);
    const settings = engineEnv(made.folder);
    const env = { ...settings, PATH: [join(made.folder, "node_modules/.bin"), settings.PATH].join(delimiter) };
    const shell = async (command: string): Promise<string> => {
      const { stdout } = await run("sh", ["-c", command], { cwd: made.folder, env });
      return stdout;
    };
    return Object.assign(shell, { write: made.write });
  }

  it("installs versions that this repository is tested with", async () => {
    const require = createRequire(import.meta.url);
    for (const { name, version } of packages) {
      const installed = (require(`${name}/package.json`) as { version: string }).version;
      if (version !== undefined) expect(`${name}@${installed}`).toMatch(new RegExp(`^${name}@${version}\\b`));
    }
    expect(packages.map(({ name }) => name)).toEqual(["pulumi-twilio-conversations", "@pulumi/pulumi", "typescript"]);
  });

  it("comes up by the commands as they are written, and the chat works", async () => {
    const shell = await project(packages.map(({ name }) => name));
    const outputs: string[] = [];
    for (const command of commands) {
      // It would ask a person to confirm.
      outputs.push(
        await shell(command === "pulumi up" ? "pulumi up --yes --skip-preview --non-interactive" : command.replace(/^npx /, "")),
      );
    }
    expect(commands.map((command) => command.split(" ").slice(0, 2).join(" "))).toEqual([
      "pulumi login",
      "pulumi stack",
      "pulumi config",
      "pulumi up",
      "npx twilio-conversations",
    ]);
    expect(outputs[3]).toContain("+ 6 created");
    expect(outputs[4]).toMatch(/^ok +message/m);

    // What the pages say for such a stack works on it.
    const shown = ["docs/chat.md", "docs/pull-requests.md", "docs/drift.md", "docs/troubleshooting.md"].map(commandsOnStack);
    const printed: Record<string, string> = {};
    for (const command of (await Promise.all(shown)).flat()) {
      // It serves until Ctrl-C, or it is about a stack of this repository.
      if (/^npx twilio-conversations chat$|preview --stack dev/.test(command)) continue;
      printed[command] = await shell(command.replace(/^npx /, "").replace("--stack prod", "--stack dev"));
    }
    expect(Object.keys(printed).map((command) => command.split(" ").slice(1, 3).join(" "))).toEqual([
      "twilio-conversations token",
      "twilio-conversations token",
      "preview --json",
      "twilio-conversations ci",
      "twilio-conversations drift",
      "twilio-conversations doctor",
      "twilio-conversations graph",
    ]);
    const [token, tokenAsJson, , comment, drift] = Object.values(printed);
    expect(token?.trim().split(".")).toHaveLength(3);
    expect(JSON.parse(tokenAsJson as string)).toMatchObject({ claims: { grants: { identity: "testPineapple" } } });
    expect(comment).toContain("support");
    expect(drift).toContain("No drift");

    // The program of another page, on the same stack. Its look-ups come before the provider starts the emulator, and its deletes after the
    // program has ended.
    const [lookUps] = await blocksOf("docs/look-ups.md");
    await shell.write({ "index.ts": lookUps?.text as string });
    expect(await shell("pulumi up --yes --skip-preview --non-interactive")).toMatch(/- 2 deleted/);
    const found = JSON.parse(await shell("pulumi stack output --json"));
    expect(found).toMatchObject({ accountType: "Full", numbers: [expect.stringMatching(/^\+1/)] });
    expect(found.permissions).toContain("removeParticipant");
  });

  it("starts with the template, whose own test brings it up", () => {
    expect(fromTemplate.map((command) => command.split(" ").slice(0, 2).join(" "))).toEqual([
      "npm install",
      "pulumi login",
      "pulumi new",
      "pulumi up",
      "npx twilio-conversations",
    ]);
    expect(fromTemplate.slice(3)).toEqual(commands.slice(3));
  });

  it("compiles with the TypeScript that Pulumi bundles, where none is installed", async () => {
    const shell = await project(packages.map(({ name }) => name).filter((name) => name !== "typescript"));
    for (const command of commands.filter((line) => /^pulumi (stack|config) /.test(line))) await shell(command);
    const preview = await shell("pulumi preview --non-interactive --debug");
    expect(preview).toContain("Using vendored typescript@3.8.3");
    expect(preview).toContain("+ 6 to create");
  });
});
