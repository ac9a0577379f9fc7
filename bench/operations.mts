/** The operations of one stack on the real engine, from the first preview to the destroy. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCliProject } from "../tools/harness/cli-project.mts";
import { type EmulatorProcess, startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { stateBytes } from "./measure.mts";
import { runMeasured } from "./processes.mts";
import type { Case } from "./programs.mts";
import type { Row } from "./table.mts";

/** How a stack is measured. */
export interface Conditions {
  readonly size: number;
  readonly latencyMs: number;
  /** How many writes per second a service accepts. Default: any number. */
  readonly writeLimit?: number;
  /** Whether the engine writes the state after each step. Default: true. */
  readonly checkpoints?: boolean;
  /** How many requests run at once. Default: the package's. */
  readonly atOnce?: number;
  /** The names of the operations. Default: all. */
  readonly steps?: readonly string[];
}

const noop = fileURLToPath(new URL("noop-provider.cjs", import.meta.url));

/** The operations, in their order: name, arguments of the CLI, revision of the program. */
const operations = [
  ["preview", ["preview"], 1],
  ["up", ["up"], 1],
  ["preview without a change", ["preview"], 1],
  ["up without a change", ["up"], 1],
  ["refresh", ["refresh"], 1],
  ["up, each changed", ["up"], 2],
  ["destroy", ["destroy"], 2],
] as const;

/** Measures each operation. */
export async function measureOperations(engine: string, item: Case, conditions: Conditions): Promise<Row[]> {
  const { size, latencyMs, writeLimit, checkpoints = true, atOnce, steps } = conditions;
  const limit = writeLimit === undefined ? {} : { writeLimit };
  const emulator = item.usesTwilio ? await startEmulatorProcess({ latencyMs, ...limit }) : undefined;
  const project = await createCliProject(engine, { ...configOf(emulator), ...(atOnce ? { "twilio:maxConcurrency": String(atOnce) } : {}) });
  const skipping = checkpoints ? {} : { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };
  const options = { cwd: project.folder, env: { ...project.env, ...skipping } };
  const rows: Row[] = [];
  try {
    copyFileSync(noop, join(project.folder, "noop-provider.cjs"));
    for (const [step, [command], revision] of operations) {
      if (steps && !steps.includes(step)) continue;
      writeFileSync(join(project.folder, "index.js"), item.program(size, revision));
      await emulator?.calls();
      const confirmed = command === "preview" ? [] : ["--yes", "--skip-preview"];
      const usage = await runMeasured(["pulumi", command, ...confirmed, "--non-interactive", "--stack", "dev"], options);
      const resources = item.resources(size);
      const bytes = step === "up" && resources > 0 ? Math.round(stateBytes(project.folder, "project", "dev") / resources) : undefined;
      const calls = (await emulator?.calls()) ?? 0;
      rows.push({ case: item.name, resources, latencyMs, step, checkpoints, writeLimit, ...usage, calls, bytes });
      process.stderr.write(
        `${item.name}, ${resources} resources, ${latencyMs} ms: ${step} ${usage.seconds.toFixed(1)} s, ${calls} calls\n`,
      );
    }
    return rows;
  } finally {
    await project.close();
    await emulator?.close();
  }
}

const configOf = (emulator: EmulatorProcess | undefined): Record<string, string> =>
  emulator ? { "twilio:baseUrl": emulator.url, "twilio:accountSid": emulator.accountSid, "twilio:authToken": emulator.authToken } : {};
