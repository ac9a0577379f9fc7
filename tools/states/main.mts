// Records the state that this release writes, which every later release must accept: node tools/states/main.mts [name …]
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ensureEngine } from "../engine/engine.mts";
import { emulatorClient } from "../harness/emulator-client.mts";
import { startEmulatorProcess } from "../harness/emulator-process.mts";
import { type Outcome, openStack, type TestStack } from "../harness/stack.mts";
import { ensureBuilt } from "../start/build.mts";
import { type RecordedProgram, type Recording, recordedUrl, recordings } from "./recording.mts";

await ensureBuilt(fileURLToPath(new URL("../..", import.meta.url)), new AbortController().signal);
// Loaded late, because the programs load the built package.
const { programs } = await import("./programs.mts");
const engine = await ensureEngine();
for (const [name, program] of Object.entries(programs)) {
  const folder = join(recordings, name);
  const isWanted = process.argv.length === 2 || process.argv.includes(name);
  if (!isWanted || existsSync(folder)) console.log(`${name}: skipped${isWanted ? `, ${folder} exists` : ""}`);
  else await record(folder, program);
}

async function record(folder: string, { prepare, program }: RecordedProgram): Promise<void> {
  const stateDir = await mkdtemp(join(tmpdir(), "twilio-recording-"));
  const emulator = await startEmulatorProcess({ stateDir });
  let stack: TestStack | undefined;
  try {
    stack = await openStack({ engine, twilio: emulator });
    const config = await prepare(emulatorClient(emulator));
    await stack.stack.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value }])));
    for (const stage of ["first", "recorded"] as const) {
      stack.program = program(stage);
      succeed(await stack.up());
    }
    const { changes } = succeed(await stack.preview());
    if (Object.keys(changes).length > 0) throw new Error(`The recorded state is not up to date: ${JSON.stringify(changes)}`);
    const deployment = portable(await exported(stack), emulator.url);
    await emulator.close();
    await mkdir(join(folder, "emulator"), { recursive: true });
    const write = (file: string, text: string) => writeFile(join(folder, file), `${text}\n`);
    await write("deployment.json", JSON.stringify(deployment, null, 1));
    await write(
      "stack.json",
      JSON.stringify({ config, recordedAt: new Date().toISOString() } satisfies Omit<Recording, "deployment">, null, 2),
    );
    await write("emulator/credentials.json", (await readFile(join(stateDir, "credentials.json"), "utf8")).trim());
    await write("emulator/state.json", rowByRow(await readFile(join(stateDir, "state.json"), "utf8")));
    console.log(`${folder}: ${deployment.deployment.resources.length} resources`);
  } finally {
    await stack?.close();
    await emulator.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}

function succeed(outcome: Outcome): Outcome {
  if (!outcome.ok) throw new Error(outcome.text);
  return outcome;
}

/** The state with encrypted secrets; the Automation API exports them in plain text. */
async function exported({ stack: { workspace, name } }: TestStack): Promise<string> {
  const env = { ...process.env, ...workspace.envVars };
  const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", "--stack", name], { cwd: workspace.workDir, env });
  return stdout;
}

/** Removes the paths and ports of this machine. */
function portable(text: string, url: string) {
  return JSON.parse(text.replaceAll(url, recordedUrl), (key, value) =>
    key === "sourcePosition" || key === "stackTrace" ? undefined : value,
  );
}

/** Formats the emulator's snapshot with one row per line, so that two recordings can be compared. */
function rowByRow(text: string): string {
  const { tables, ...rest } = JSON.parse(text) as { tables: Record<string, unknown[]> };
  const lines = Object.entries(tables).map(
    ([table, rows]) => `${JSON.stringify(table)}: [${rows.map((row) => `\n${JSON.stringify(row)}`).join(",")}]`,
  );
  return `${JSON.stringify(rest).slice(0, -1)}, "tables": {\n${lines.join(",\n")}\n}}`;
}
