/** A temporary Pulumi project that the real CLI runs against an emulator. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeStack } from "./new-stack.mts";
import { engineEnv } from "./stack.mts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A project named `project` with one stack, `dev`. */
export interface CliProject {
  readonly folder: string;
  /** The environment of the engine. It excludes the Twilio and Pulumi variables of this process. */
  readonly env: Record<string, string>;
  /** Replaces the program. The text is the body of a module in which `pulumi` and this package's classes are defined. */
  write(program: string): Promise<void>;
  /** Runs the CLI on the stack and returns its output. Rejects if the CLI fails. */
  pulumi(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** Creates the project and its stack with this configuration. */
export async function createCliProject(engine: string, config: Readonly<Record<string, string>>): Promise<CliProject> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-program-"));
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_|VITEST|NODE_ENV$|NODE_OPTIONS$)/.test(name));
  const env = { ...(Object.fromEntries(inherited) as Record<string, string>), ...engineEnv(engine, folder), HOME: folder };
  const pulumi: CliProject["pulumi"] = (args, more = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn("pulumi", [...args, "--stack", "dev", "--non-interactive"], { cwd: folder, env: { ...env, ...more } });
      let [stdout, stderr] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.once("error", reject);
      child.once("close", (code) => (code === 0 ? resolve(stdout) : reject(new Error(`pulumi ${args.join(" ")}: ${stdout}\n${stderr}`))));
    });
  await writeFile(join(folder, "Pulumi.yaml"), "name: project\nruntime: {name: nodejs, options: {typescript: false}}\n");
  await writeFile(join(folder, "package.json"), '{"name": "project", "main": "index.js"}');
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules", "pulumi-twilio-conversations"));
  await symlink(join(root, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  await writeStack({ backend: folder, folder, project: "project", name: "dev", config });
  return {
    folder,
    env,
    pulumi,
    write: (program) =>
      writeFile(
        join(folder, "index.js"),
        `const pulumi = require("@pulumi/pulumi");
const { Conversation, ConversationService, Participant, PhoneNumber } = require("pulumi-twilio-conversations");
${program}`,
      ),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
