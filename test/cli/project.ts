import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NewStack, writeStack } from "../../tools/harness/new-stack.mts";
import { engineEnv } from "../support/engine";
import { type Ended, launch, type Program, run } from "../tools/program";

/** A project with one stack, `dev`, whose state holds outputs and nothing else, for the commands that ask the CLI for them. */
export interface Project {
  readonly folder: string;
  /** This process's environment without Twilio's and Pulumi's variables, and with the engine. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `twilio-conversations` in the project's folder. */
  command(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** Runs the Pulumi CLI on the stack. */
  pulumi(args: readonly string[], input?: string): void;
  /** Starts it there. */
  launch(args: readonly string[], env?: NodeJS.ProcessEnv): Program;
  close(): Promise<void>;
}

const CLI = "dist/cli/main.js";

export async function openProject(
  config: Readonly<Record<string, string>>,
  outputs: Readonly<Record<string, unknown>>,
  opened: Pick<NewStack, "hasPassphrase"> = {},
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-project-"));
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_)/.test(name)));
  const env: NodeJS.ProcessEnv = { ...own, ...engineEnv(folder), HOME: folder };
  const pulumi = (args: string[], input?: string) => {
    const { status, stderr } = spawnSync("pulumi", [...args, "--non-interactive"], { cwd: folder, env, input, encoding: "utf8" });
    if (status !== 0) throw new Error(`pulumi ${args.join(" ")}: ${stderr}`);
  };
  await writeFile(join(folder, "Pulumi.yaml"), "name: project\nruntime: nodejs\n");
  const type = "pulumi:pulumi:Stack";
  const stack = { urn: `urn:pulumi:dev::project::${type}::project-dev`, custom: false, type, outputs };
  // As most stacks do, it has a secret.
  const secrets = { "project:other": "a secret of the program" };
  await writeStack({ backend: folder, folder, project: "project", name: "dev", config, secrets, ...opened, resources: [stack] });
  return {
    folder,
    env,
    pulumi: (args, input) => pulumi([...args, "--stack", "dev"], input),
    command: (args, more) => run(CLI, [...args], { ...env, ...more }, folder),
    launch: (args, more) => launch(CLI, [...args], { ...env, ...more }, folder),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
