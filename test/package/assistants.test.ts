import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newProject, type Project } from "../support/project";

const run = promisify(execFile);
const guides = ["AGENTS.md", "llms.txt", "SECURITY.md"];

describe("the guides in the installed package", () => {
  let project: Project;
  let packed: string;
  const read = (path: string) => readFile(join(packed, path), "utf8");
  beforeAll(async () => {
    project = await newProject(["pulumi-twilio-conversations", "@types/node"]);
    packed = join(project.folder, "node_modules", "pulumi-twilio-conversations");
  });
  afterAll(() => project.remove());

  it.each(guides)("%s links only to files in the package", async (guide) => {
    const links = [...(await read(guide)).matchAll(/\]\(([^)#\s]+)/g)].map(([, target]) => target as string);
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((target) => !/^https?:/.test(target) && !existsSync(join(packed, dirname(guide), target)))).toEqual([]);
  });

  it("AGENTS.md has ten rules, and a program that compiles", async () => {
    const text = await read("AGENTS.md");
    expect([...text.matchAll(/^(\d+)\. \*\*/gm)].map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(text) ?? [];
    const alias = 'new Conversation("renamed", { service }, { aliases: [{ name: "old-name", parent: pulumi.rootStackResource }] });';
    const others = 'export const others = [Conversation.get("other", "IS1/CH1").sid, new pulumi.Config().requireSecret("token")];';
    await project.write({ "index.ts": `import * as pulumi from "@pulumi/pulumi";\n${program}\n${alias}\n${others}\n` });
    const files = [join(project.folder, "index.ts")];
    const { Node16: module } = ts.ModuleKind;
    const compiled = ts.createProgram(files, { noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module });
    const problems = ts.getPreEmitDiagnostics(compiled).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    expect(problems).toEqual([]);
  });

  it("name only commands of the command line and settings that exist", async () => {
    const texts = (await Promise.all(guides.map(read))).join("\n");
    const help = async (...args: string[]) =>
      (await run(process.execPath, [join(packed, "dist", "cli", "main.js"), ...args, "--help"])).stdout;
    const known = [...(await help()).matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, name]) => name);
    const commands = [...new Set([...texts.matchAll(/npx twilio-conversations ([a-z]+)/g)].map(([, name]) => name as string))];
    expect(commands.length).toBeGreaterThan(2);
    expect(commands.filter((name) => !known.includes(name))).toEqual([]);
    const configuration = await read("docs/configuration.md");
    const settings = [...new Set([...texts.matchAll(/`?(twilio:\w+)/g)].map(([, name]) => name as string))];
    expect(settings.filter((name) => !configuration.includes(name))).toEqual([]);
  });
});
