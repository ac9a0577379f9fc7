import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { interrupt, interruptNow, onInterrupt } from "./interrupt.mts";
import { STACK, type Workspace } from "./workspace.mts";

/** What an operation did. */
export interface Outcome {
  /** How many resources were created, updated, deleted, left the same… */
  changes: Record<string, number>;
  /** The stack's outputs; those that are secret read "[secret]". */
  outputs: Record<string, unknown>;
}

/** The events of the engine's log that matter here. */
interface EngineEvent {
  summaryEvent?: { isPreview: boolean; resourceChanges?: Record<string, number> };
  resOutputsEvent?: { metadata: { type: string; new: { outputs: Record<string, unknown> } | null } };
  diagnosticEvent?: { message: string; severity: string };
}

/**
 * Runs up, refresh or destroy of the stack, showing the engine's own display, on stderr if quiet. Throws when it fails.
 */
export async function operate(
  workspace: Workspace,
  operation: "up" | "refresh" | "destroy",
  { quiet }: { quiet: boolean },
  args: string[] = [],
): Promise<Outcome> {
  const { configFile, configArgs, folder } = workspace;
  const log = join(folder, `${operation}-events.json`);
  await rm(log, { force: true });
  const common = ["--stack", STACK, "--yes", "--skip-preview", "--config-file", configFile, ...configArgs, "--event-log", log];
  const code = await pulumi(workspace, [operation, ...common, ...args], { quiet });
  const events = await readEvents(log);
  await rm(log, { force: true });
  if (code === 0) return summarise(events);
  // In its live display the CLI reads the terminal itself, so Ctrl-C never reaches this process.
  if (events.some(({ diagnosticEvent }) => diagnosticEvent?.severity === "error" && /update cancell?ed/.test(diagnosticEvent.message))) {
    interruptNow();
  }
  interrupt.throwIfAborted();
  throw new Error(
    `\`pulumi ${operation}\` failed; its own words are above. What it had done is kept: run it again to go on from there, or remove ${workspace.stateDir} to start afresh.`,
  );
}

/** Runs the CLI to its end and returns its exit code. Every interrupt is handed on: the first asks it to finish what is under way, the second to stop. */
export function pulumi(
  workspace: Workspace,
  args: string[],
  { quiet, cwd = workspace.root }: { quiet: boolean; cwd?: string },
): Promise<number> {
  interrupt.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A group of its own: a terminal's Ctrl-C would reach it twice otherwise, and twice means "stop at once".
    const child = spawn("pulumi", args, {
      cwd,
      env: workspace.env,
      detached: process.platform !== "win32",
      stdio: [process.stdin.isTTY && !quiet ? "inherit" : "ignore", quiet ? 2 : "inherit", "inherit"],
    });
    const settled = onInterrupt(() => child.kill("SIGINT"));
    child.once("error", reject);
    child.once("close", (code) => {
      settled();
      resolve(code ?? 1);
    });
  });
}

async function readEvents(log: string): Promise<EngineEvent[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  // A CLI that was killed may leave half a line.
  const lines = text.split("\n").filter((line) => line.endsWith("}"));
  return lines.map((line) => JSON.parse(line) as EngineEvent);
}

function summarise(events: EngineEvent[]): Outcome {
  const outputs = events.findLast(({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack");
  return {
    changes: events.findLast(({ summaryEvent }) => summaryEvent?.isPreview === false)?.summaryEvent?.resourceChanges ?? {},
    outputs: outputs?.resOutputsEvent?.metadata.new?.outputs ?? {},
  };
}
