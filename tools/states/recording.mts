import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Deployment, PulumiFn } from "@pulumi/pulumi/automation/index.js";
import type { EmulatorClient } from "../harness/emulator-client.mts";

/** The versions of a program: `"first"` and then `"recorded"` make the recorded state, `"updated"` changes a property of each resource. */
export type Stage = "first" | "recorded" | "updated";

/** A program whose state is recorded. It is the code of a user of that release, so it never changes after it was recorded. */
export interface RecordedProgram {
  /** Creates the objects that the program expects at Twilio. Returns the stack configuration that names them. */
  prepare(twilio: EmulatorClient): Promise<Record<string, string>>;
  program(stage: Stage): PulumiFn;
  /** Stack configuration that the stage `"updated"` adds. */
  readonly updatedConfig?: Readonly<Record<string, string>>;
  /** By resource name: the properties that Twilio's API returns after the stage `"updated"`, in its own names. */
  readonly updates: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The resources whose objects stay at Twilio when the stack is destroyed. */
  readonly kept: readonly string[];
}

/** A recorded state. Its folder also contains `emulator`, a state folder of the emulator. */
export interface Recording {
  /** What `pulumi stack export` printed, without paths and source positions. */
  readonly deployment: Deployment;
  /** The stack's configuration, without the credentials and the URL of the emulator. */
  readonly config: Readonly<Record<string, string>>;
  /** When it was recorded. Timers at Twilio count from then. */
  readonly recordedAt: string;
}

/** The folder of all recordings. */
export const recordings = fileURLToPath(new URL("../../test/fixtures/states", import.meta.url));

/** Replaces the emulator's URL in a recorded state. */
export const recordedUrl = "http://127.0.0.1:4010";

/** Reads a recording. */
export async function readRecording(name: string): Promise<Recording> {
  const read = async (file: string) => JSON.parse(await readFile(join(recordings, name, file), "utf8"));
  return { deployment: await read("deployment.json"), ...(await read("stack.json")) };
}
