import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type Outside, outside } from "../engine/twilio";
import { startCli } from "../support/engine";
import { openProject, type Project } from "./project";

const root = join(import.meta.dirname, "..", "..");

/** A project with a program of its own, its stack `dev`, and an emulator, for the commands that have the CLI run the engine. */
export interface ProgramProject extends Project {
  readonly emulator: Emulator;
  readonly twilio: Outside;
  /** Replaces the program: the body of a module in which this package's classes are known, and `pulumi`. */
  write(program: string): Promise<void>;
  /** Runs the true CLI on the stack; an error where it fails. */
  pulumi(...args: string[]): Promise<string>;
  /** The state's file, byte by byte. */
  state(): Promise<string>;
  /** The id of a resource in the state. */
  idOf(name: string): Promise<string>;
}

export async function openProgram(program: string): Promise<ProgramProject> {
  const emulator = await startEmulator({ seed: "program" });
  const { url, accountSid, authToken } = emulator;
  const project = await openProject(
    { "twilio:baseUrl": url, "twilio:accountSid": accountSid, "twilio:authToken": authToken, "twilio:backend": "twilio" },
    {},
  );
  const { folder } = project;
  const write = (text: string) =>
    writeFile(
      join(folder, "index.js"),
      `const pulumi = require("@pulumi/pulumi");
const { Conversation, ConversationService, Participant, PhoneNumber } = require("pulumi-twilio-conversations");
${text}`,
    );
  await writeFile(join(folder, "Pulumi.yaml"), "name: project\nruntime: {name: nodejs, options: {typescript: false}}\n");
  await writeFile(join(folder, "package.json"), '{"name": "project", "main": "index.js"}');
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules", "pulumi-twilio-conversations"));
  await symlink(join(root, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  await write(program);
  const state = () => readFile(join(folder, ".pulumi", "stacks", "project", "dev.json"), "utf8");
  return {
    ...project,
    emulator,
    twilio: outside(emulator),
    write,
    state,
    async pulumi(...args) {
      const { code, stdout, stderr } = await startCli([...args, "--stack", "dev"], {
        cwd: folder,
        env: project.env as Record<string, string>,
      }).ended;
      if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${stdout}\n${stderr}`);
      return stdout;
    },
    async idOf(name) {
      const { checkpoint } = JSON.parse(await state()) as { checkpoint: { latest: { resources: { urn: string; id: string }[] } } };
      return checkpoint.latest.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.id as string;
    },
    async close() {
      await emulator.close();
      await project.close();
    },
  };
}
