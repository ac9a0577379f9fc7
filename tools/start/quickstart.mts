import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureEngine } from "../engine/engine.mts";
import { withLock } from "../engine/lock.mts";
import { rest } from "./api.mts";
import { ensureBuilt } from "./build.mts";
import { openEmulator, type StackEmulator } from "./emulator.mts";
import { interrupt } from "./interrupt.mts";
import { prove, quickstartOf } from "./proof.mts";
import { operate } from "./pulumi.mts";
import { note } from "./report.mts";
import type { Destroyed, Result, Started } from "./results.mts";
import { prepareStack } from "./stack.mts";
import { killProcessesWithEnv } from "./stray-processes.mts";
import { preloadVerification, type Verification, verifyAfterwards } from "./verify.mts";
import { byHand, openWorkspace, STACK, STACK_VARIABLE, type Workspace } from "./workspace.mts";

const root = join(import.meta.dirname, "../..");

/** The options of a run. */
export interface Settings {
  /** The folder for the state of the emulator and the stack, relative to the project. */
  stateDir: string;
  /** Sends the engine's display to stderr, so that stdout stays free. */
  quiet: boolean;
  /** Whether the emulator keeps running after the deployment, until `onResult` returns. */
  serve: boolean;
}

/** Deploys the quickstart to the emulator, verifies it and passes the result on. */
export async function start(settings: Settings, onResult: (result: Started, emulator: StackEmulator) => Promise<void>): Promise<void> {
  const up = async ({ emulator, workspace, timed }: Session) => {
    const operation = timed("up", () => operate(workspace, "up", settings));
    // Loaded while the engine starts.
    if (!workspace.verifies) preloadVerification();
    const { changes, outputs } = await operation;
    const quickstart = quickstartOf(outputs);
    const transcript = await timed("proof", () => prove(emulator, quickstart));
    const verification: Verification = workspace.verifies
      ? { when: "in the deployment" }
      : await timed("verify", () => verifyAfterwards(workspace, quickstart));
    const unchanged = Object.keys(changes).every((kind) => kind === "same");
    return {
      ...quickstart,
      unchanged,
      changes,
      transcript,
      verification,
      backend: describe(workspace, emulator),
      byHand: byHand(workspace),
    };
  };
  await withEmulator(settings, up, onResult);
}

/** Destroys the stack of {@link start}. */
export async function destroy(settings: Settings, onResult: (result: Destroyed) => void): Promise<void> {
  const down = async ({ emulator, workspace, timed }: Session) => {
    const { changes } = await timed("destroy", () => operate(workspace, "destroy", settings));
    const path = `api.twilio.com/2010-04-01/Accounts/${emulator.accountSid}/IncomingPhoneNumbers.json`;
    const numbers = await rest<{ incoming_phone_numbers: { sid: string; phone_number: string }[] }>(emulator, path);
    const kept = numbers.incoming_phone_numbers.map(({ sid, phone_number }) => ({ sid, phoneNumber: phone_number }));
    return { changes, kept, backend: describe(workspace, emulator) };
  };
  await withEmulator(settings, down, onResult);
}

interface Session {
  emulator: StackEmulator;
  workspace: Workspace;
  /** Runs a step and records its duration. */
  timed: <T>(step: string, work: () => Promise<T>) => Promise<T>;
}

/** Provides the engine and the built package, works exclusively on the stack and its emulator, then passes the result on. */
async function withEmulator<T>(
  settings: Settings,
  work: (session: Session) => Promise<T>,
  onResult: (result: T & Pick<Result, "durations">, emulator: StackEmulator) => Promise<void> | void,
): Promise<void> {
  const startedAt = performance.now();
  const durations: Record<string, number> = {};
  const timed: Session["timed"] = async (step, run) => {
    const since = performance.now();
    const result = await run();
    durations[step] = Math.round(performance.now() - since);
    return result;
  };
  const [engine] = await Promise.all([
    timed("engine", () => ensureEngine({ signal: interrupt })),
    timed("build", () => ensureBuilt(root, interrupt)),
  ]);
  const workspace = await openWorkspace(root, settings.stateDir, engine);
  let emulator: StackEmulator | undefined;
  try {
    const workOnStack = async () => {
      // Opened under the lock: processes of a killed run, which may have run the emulator of this folder, have ended by then.
      const opened = await timed("twilio", () => openEmulator(workspace.stateDir));
      emulator = opened;
      await prepareStack(workspace, settings);
      const result = await work({ emulator: opened, workspace, timed });
      // Closed under the lock: otherwise the next run could use an emulator that is about to end.
      if (!settings.serve) await opened.close();
      return { opened, result };
    };
    const { result, opened } = await withStackLock(workspace, workOnStack);
    durations.total = Math.round(performance.now() - startedAt);
    await onResult({ ...result, durations }, opened);
  } finally {
    await emulator?.close();
  }
}

/** Works on the stack under a lock. Ends all processes on the stack before and after, including those of a run that was killed. */
async function withStackLock<T>(workspace: Workspace, work: () => Promise<T>): Promise<T> {
  const onWait = (pid: number) => note(`Waiting for process ${pid}, which is working on the same stack.`);
  const workCleanly = async () => {
    await killProcessesWithEnv(STACK_VARIABLE, workspace.stateDir);
    try {
      return await work();
    } finally {
      await killProcessesWithEnv(STACK_VARIABLE, workspace.stateDir);
    }
  };
  // The lock is part of the package.
  if (!existsSync(join(root, "dist", "process"))) await ensureBuilt(root, interrupt);
  return withLock(join(workspace.folder, "start.lock"), workCleanly, { signal: interrupt, onWait });
}

function describe({ stateDir, backend }: Workspace, { url, accountSid }: StackEmulator): Result["backend"] {
  return { kind: "emulator", url, accountSid, stateDir, stack: STACK, stackUrl: backend };
}
