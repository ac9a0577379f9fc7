import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { engineEnv } from "../support/engine";
import { newProject, type Project } from "../support/project";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** What `npm install` of a package name, with or without a version, asks for. */
const parse = (spec: string) => spec.match(/^(?<name>@?[^@]+)(?:@(?<version>.+))?$/)?.groups as { name: string; version?: string };

/** The code blocks of the README's section "Your own program", by language, in their order. */
async function blocks(): Promise<Record<"sh" | "yaml" | "ts", string[]>> {
  const section = (await readFile(join(root, "README.md"), "utf8")).split(/^## /m).find((text) => text.startsWith("Your own program\n"));
  const found = { sh: [] as string[], yaml: [] as string[], ts: [] as string[] };
  for (const [, language, text] of (section ?? "").matchAll(/^```(sh|yaml|ts)\n(.*?)^```$/gms)) {
    found[language as keyof typeof found].push(text as string);
  }
  return found;
}

describe("the README's own program, in an empty folder", { timeout: 90_000 }, () => {
  let program: Record<string, string>;
  let packages: { name: string; version?: string }[];
  let commands: string[];
  beforeAll(async () => {
    const { sh, yaml, ts } = await blocks();
    program = { "Pulumi.yaml": yaml[0] as string, "index.ts": ts[0] as string };
    packages = (sh[0] as string)
      .trim()
      .replace(/^npm install /, "")
      .split(" ")
      .map(parse);
    commands = (sh[1] as string)
      .trim()
      .split("\n")
      .map((line) => line.replace(/\s+#.*/, ""));
  });

  async function project(names: readonly string[]) {
    const made: Project = await newProject(names);
    onTestFinished(() => made.remove());
    await made.write(program);
    const settings = engineEnv(made.folder);
    const env = { ...settings, PATH: [join(made.folder, "node_modules/.bin"), settings.PATH].join(delimiter) };
    return async (command: string): Promise<string> => {
      const { stdout } = await run("sh", ["-c", command], { cwd: made.folder, env });
      return stdout;
    };
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
  });

  it("compiles with the TypeScript that Pulumi bundles, where none is installed", async () => {
    const shell = await project(packages.map(({ name }) => name).filter((name) => name !== "typescript"));
    for (const command of commands.filter((line) => /^pulumi (stack|config) /.test(line))) await shell(command);
    const preview = await shell("pulumi preview --non-interactive --debug");
    expect(preview).toContain("Using vendored typescript@3.8.3");
    expect(preview).toContain("+ 6 to create");
  });
});
