import { spawnSync } from "node:child_process";
import { appendFile, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator";
import { commandsIn, docPages } from "../support/doc-blocks";
import { engineEnv, startCli } from "../support/engine";
import { newProject, type Project } from "../support/project";
import { emulatorClient } from "./twilio";

describe("the template, used by the Pulumi CLI", { timeout: 120_000 }, () => {
  let project: Project;
  /** The template's path as the pages have it. */
  let documented: string;

  beforeAll(async () => {
    const commands = (await docPages()).flatMap(({ blocks }) => blocks).flatMap(commandsIn);
    const paths = commands.flatMap((command) => /^pulumi new --force "(.*)"$/.exec(command)?.[1] ?? []);
    expect(new Set(paths).size).toBe(1);
    documented = paths[0] as string;
    project = await newProject(["pulumi-twilio-conversations", "@pulumi/pulumi", "@types/node", "typescript"]);
  });
  afterAll(() => project.remove());

  async function pulumi(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await startCli(args, { cwd: project.folder, env: engineEnv(project.folder) }).ended;
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  }

  it("`pulumi new` creates a project with the given name and leaves no placeholder", async () => {
    const settings = ["--name", "my-chat", "--description", "Talks with our customers", "--generate-only", "--offline", "--yes", "--force"];
    await pulumi("new", documented.replace("$PWD", project.folder), ...settings);
    const read = (name: string) => readFile(join(project.folder, name), "utf8");
    const { name, dependencies, devDependencies } = JSON.parse(await read("package.json"));
    expect(name).toBe("my-chat");
    expect(Object.keys({ ...dependencies, ...devDependencies }).sort()).toEqual([
      "@pulumi/pulumi",
      "@types/node",
      "pulumi-twilio-conversations",
      "typescript",
    ]);
    for (const file of ["Pulumi.yaml", "README.md", "index.ts", "package.json", "tsconfig.json"])
      expect(await read(file)).not.toContain("${");
    expect(await read("README.md")).toContain("Talks with our customers");
  });

  it("`npm run check` checks the types, and a run does not", async () => {
    const { scripts } = JSON.parse(await readFile(join(project.folder, "package.json"), "utf8"));
    const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const check = () => spawnSync(process.execPath, [tsc, ...scripts.check.split(" ").slice(1)], { cwd: project.folder, encoding: "utf8" });
    expect(check()).toMatchObject({ status: 0, stdout: "" });
    await appendFile(join(project.folder, "index.ts"), '\nexport const wrong: number = "text";\n');
    expect(check().stdout).toContain("error TS2322");
  });

  it("`pulumi up` creates it on the emulator without further configuration, with the phone and the chat in one conversation", async () => {
    await pulumi("stack", "init", "dev");
    expect(await pulumi("up", "--yes", "--skip-preview")).toContain("+ 6 created");
    const { serviceSid, conversationSid, phoneNumber } = JSON.parse(await pulumi("stack", "output", "--json"));
    const emulator = await startEmulator({ stateDir: join(project.folder, ".twilio") });
    try {
      const conversation = emulatorClient(emulator).client.conversations.v1.services(serviceSid).conversations(conversationSid);
      const found = await conversation.participants.list();
      const names = found.map(
        ({ identity, messagingBinding }) => identity ?? `${messagingBinding.address} through ${messagingBinding.proxy_address}`,
      );
      expect(names.sort()).toEqual([`+15558675310 through ${phoneNumber}`, "chat"]);
    } finally {
      await emulator.close();
    }
  });
});
