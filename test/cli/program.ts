import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type CliProject, createCliProject } from "../../tools/harness/cli-project.mts";
import { type Outside, outside } from "../engine/twilio";
import { type Ended, run } from "../tools/program";

/** A program's project and its emulator, for the commands that have the CLI run the engine. */
export interface ProgramProject extends Omit<CliProject, "pulumi"> {
  readonly emulator: Emulator;
  readonly twilio: Outside;
  pulumi(...args: string[]): Promise<string>;
  /** Runs `twilio-conversations` in the project's folder. */
  command(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** The state's file, byte by byte. */
  state(): Promise<string>;
  /** The id of a resource in the state. */
  idOf(name: string): Promise<string>;
}

export async function openProgram(program: string): Promise<ProgramProject> {
  const emulator = await startEmulator({ seed: "program" });
  const { url, accountSid, authToken } = emulator;
  const project = await createCliProject(inject("engine"), {
    "twilio:baseUrl": url,
    "twilio:accountSid": accountSid,
    "twilio:authToken": authToken,
  });
  await project.write(program);
  const state = () => readFile(join(project.folder, ".pulumi", "stacks", "project", "dev.json"), "utf8");
  return {
    ...project,
    emulator,
    twilio: outside(emulator),
    pulumi: (...args) => project.pulumi(args),
    command: (args, more) => run("dist/cli/main.js", [...args], { ...project.env, ...more }, project.folder),
    state,
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
