import { cp, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliRun, engineEnv, startCli } from "../support/engine";
import { newProject, type Project } from "../support/project";

const PACKAGE = "pulumi-twilio-conversations";
const COMPONENT = `
const { ConversationService } = require("${PACKAGE}");
exports.declare = () => new ConversationService("support", { friendlyName: "Support" });
`;
const PROGRAM = `
new (require("@pulumi/pulumi").ComponentResource)("acme:chat:Declared", "before");
require("acme-chat").declare();
`;

describe("a program whose package of components has its own copy of this package", () => {
  let project: Project;
  let version: string;
  /** Where the program's folder, and where the package of components, has its copy. */
  let installed: string;
  let nested: string;

  beforeAll(async () => {
    project = await newProject([PACKAGE]);
    const component = join(project.folder, "node_modules/acme-chat");
    installed = join(project.folder, "node_modules", PACKAGE);
    nested = join(component, "node_modules", PACKAGE);
    await mkdir(component);
    await writeFile(join(component, "index.js"), COMPONENT);
    await cp(installed, nested, { recursive: true });
    version = (JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as { version: string }).version;
    const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
    await project.write({
      "Pulumi.yaml": `name: chat\n${runtime}config:\n  twilio:backend:\n    value: emulator\n`,
      "index.js": PROGRAM,
    });
    expect((await pulumi("stack", "init", "dev")).code).toBe(0);
  });
  afterAll(() => project.remove());

  const pulumi = (...args: string[]): Promise<CliRun> => startCli(args, { cwd: project.folder, env: engineEnv(project.folder) }).ended;

  async function setVersion(folder: string, value: string): Promise<void> {
    const path = join(folder, "package.json");
    await writeFile(path, (await readFile(path, "utf8")).replace(/"version": "[^"]*"/, `"version": "${value}"`));
  }

  it("runs where both have the same version", async () => {
    const { code, stdout } = await pulumi("preview");
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("+ 3 to create");
  });

  it("fails where the versions differ: the error names both copies and what to install, and nothing of this package is registered", async () => {
    await setVersion(nested, "9.9.9");
    const { code, stdout } = await pulumi("preview");
    expect(code).not.toBe(0);
    const [program, provider] = [await realpath(nested), await realpath(installed)];
    const folder = await realpath(project.folder);
    expect(stdout).toContain(
      `the program imports 9.9.9 from ${program}, but from ${folder} the engine loads the provider of ${version} from`,
    );
    expect(stdout).toContain(
      `from ${provider}. In the package.json of the folder with Pulumi.yaml, declare ${PACKAGE}@9.9.9 as a dependency`,
    );
    expect(stdout).not.toMatch(/ConversationService|^ {4}at /m);
  });

  it("fails where only the package of components has one, as with hoist=false", async () => {
    await rename(installed, `${installed}-elsewhere`);
    const { code, stdout } = await pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout).toContain(`${PACKAGE} must be installed where the engine finds it`);
    expect(stdout).toContain(`declare ${PACKAGE}@9.9.9 as a dependency (npm install, pnpm add or yarn add ${PACKAGE}@9.9.9)`);
    expect(stdout).not.toMatch(/ConversationService|Cannot find module|^ {4}at /m);
  });

  it("runs where the package is next to @pulumi/pulumi, as pnpm installs it", async () => {
    const modules = join(project.folder, "node_modules");
    const store = join(modules, ".pnpm/node_modules");
    await mkdir(join(store, "@pulumi"), { recursive: true });
    await rename(join(modules, "@pulumi/pulumi"), join(store, "@pulumi/pulumi"));
    await symlink(join(store, "@pulumi/pulumi"), join(modules, "@pulumi/pulumi"));
    await rename(nested, join(store, PACKAGE));
    await symlink(join(store, PACKAGE), nested);
    const { code, stdout } = await pulumi("preview");
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("+ 3 to create");
    await rm(nested);
  });
});
