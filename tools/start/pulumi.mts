import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { interrupt, interruptNow, onInterrupt } from "./interrupt.mts";
import { STACK, type Workspace } from "./workspace.mts";

/** The result of an operation. */
export interface Outcome {
  /** The number of resources by kind of change: create, update, delete, same… */
  changes: Record<string, number>;
  /** The stack's outputs. A secret output is "[secret]". */
  outputs: Record<string, unknown>;
}

/** The events of the engine's log that are read here. */
interface EngineEvent {
  summaryEvent?: { isPreview: boolean; resourceChanges?: Record<string, number> };
  resOutputsEvent?: { metadata: { type: string; new: { outputs: Record<string, unknown> } | null } };
  diagnosticEvent?: { message: string; severity: string };
}

/** Runs `pulumi up`, `refresh` or `destroy` and shows the engine's display, on stderr if quiet. Throws if the operation fails. */
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
  if (code === 0) return summarize(events);
  // In its interactive display the CLI reads the terminal itself, so Ctrl-C does not reach this process.
  if (events.some(({ diagnosticEvent }) => diagnosticEvent?.severity === "error" && /update cancell?ed/.test(diagnosticEvent.message))) {
    interruptNow();
  }
  interrupt.throwIfAborted();
  throw new Error(
    `\`pulumi ${operation}\` failed; see its output above. Completed changes are kept. Run this again to continue, or remove ${workspace.stateDir} to start over.`,
  );
}

/**
 * Runs the CLI and returns its exit code. Forwards every interrupt: after the first, the CLI finishes the changes in progress; after the
 * second, it stops.
 */
export function pulumi(
  workspace: Workspace,
  args: string[],
  { quiet, cwd = workspace.root }: { quiet: boolean; cwd?: string },
): Promise<number> {
  interrupt.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A separate process group: otherwise the terminal's Ctrl-C would reach the CLI twice, which means "stop immediately".
    const child = spawn("pulumi", args, {
      cwd,
      env: workspace.env,
      detached: process.platform !== "win32",
      stdio: [process.stdin.isTTY && !quiet ? "inherit" : "ignore", quiet ? 2 : "inherit", "inherit"],
    });
    const stopForwarding = onInterrupt(() => child.kill("SIGINT"));
    child.once("error", reject);
    child.once("close", (code) => {
      stopForwarding();
      resolve(code ?? 1);
    });
  });
}

async function readEvents(log: string): Promise<EngineEvent[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  // A CLI that was killed may leave an incomplete line.
  const lines = text.split("\n").filter((line) => line.endsWith("}"));
  return lines.map((line) => JSON.parse(line) as EngineEvent);
}

function summarize(events: EngineEvent[]): Outcome {
  const outputs = events.findLast(({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack");
  return {
    changes: events.findLast(({ summaryEvent }) => summaryEvent?.isPreview === false)?.summaryEvent?.resourceChanges ?? {},
    outputs: outputs?.resOutputsEvent?.metadata.new?.outputs ?? {},
  };
}
