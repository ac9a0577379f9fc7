import { join } from "node:path";
import { ensureEngine } from "../engine/engine.mts";
import { withLock } from "../engine/lock.mts";
import { ensureBuilt } from "./build.mts";
import { operate } from "./cli.mts";
import { type LocalTwilio, openTwilio } from "./embedded.mts";
import { interrupt } from "./interrupt.mts";
import { endLeftovers } from "./leftovers.mts";
import { type Line, prove, type Quickstart, quickstartOf } from "./proof.mts";
import { note } from "./report.mts";
import { prepareStack } from "./stack.mts";
import { rest } from "./twilio.mts";
import { type Verification, verifyAfterwards } from "./verify.mts";
import { byHand, MARK, openWorkspace, STACK, type Workspace } from "./workspace.mts";

const root = join(import.meta.dirname, "../..");

/** How a run is made. */
export interface Settings {
  /** The folder of Twilio's and the stack's state; relative to the project. */
  stateDir: string;
  /** Keeps stdout free: the engine's display goes to stderr. */
  quiet: boolean;
  /** Whether the local Twilio serves on after the work, until `then` returns. */
  serve: boolean;
}

/** What every result tells. */
interface Result {
  backend: { kind: "emulator"; url: string; accountSid: string; stateDir: string; stack: string; stackUrl: string };
  /** How many resources the engine created, updated, deleted, left the same… */
  changes: Record<string, number>;
  /** Milliseconds by step. */
  durations: Record<string, number>;
}

/** The quickstart is up, and proven. */
export interface Started extends Result, Quickstart {
  /** Whether the engine found everything in place. */
  unchanged: boolean;
  transcript: Line[];
  verification: Verification;
  /** What to export to work on the stack with the CLI. */
  byHand: string[];
}

/** The quickstart is removed. */
export interface Destroyed extends Result {
  /** Numbers that stay in Twilio, as is their default. */
  kept: { phoneNumber: string; sid: string }[];
}

/** Brings the quickstart up on the local Twilio, proves it and hands the result on. */
export async function start(settings: Settings, then: (result: Started, local: LocalTwilio) => Promise<void>): Promise<void> {
  const up = async ({ local, workspace, timed }: Session) => {
    const { changes, outputs } = await timed("up", () => operate(workspace, "up", settings));
    const quickstart = quickstartOf(outputs);
    const transcript = await timed("proof", () => prove(local, quickstart));
    const verification: Verification = workspace.verifies
      ? { when: "in the deployment" }
      : await timed("verify", () => verifyAfterwards(workspace, quickstart));
    const unchanged = Object.keys(changes).every((kind) => kind === "same");
    return { ...quickstart, unchanged, changes, transcript, verification, backend: describe(workspace, local), byHand: byHand(workspace) };
  };
  await onLocalTwilio(settings, up, then);
}

/** Removes what {@link start} made. */
export async function destroy(settings: Settings, then: (result: Destroyed) => void): Promise<void> {
  const down = async ({ local, workspace, timed }: Session) => {
    const { changes } = await timed("destroy", () => operate(workspace, "destroy", settings));
    const path = `api.twilio.com/2010-04-01/Accounts/${local.accountSid}/IncomingPhoneNumbers.json`;
    const numbers = await rest<{ incoming_phone_numbers: { sid: string; phone_number: string }[] }>(local, path);
    const kept = numbers.incoming_phone_numbers.map(({ sid, phone_number }) => ({ sid, phoneNumber: phone_number }));
    return { changes, kept, backend: describe(workspace, local) };
  };
  await onLocalTwilio(settings, down, then);
}

interface Session {
  local: LocalTwilio;
  workspace: Workspace;
  /** Does a step and takes its time. */
  timed: <T>(step: string, work: () => Promise<T>) => Promise<T>;
}

/**
 * Makes sure of the engine and the built package, works on the stack and its local Twilio while no other run does, then hands the result
 * on.
 */
async function onLocalTwilio<T>(
  settings: Settings,
  work: (session: Session) => Promise<T>,
  then: (result: T & Pick<Result, "durations">, local: LocalTwilio) => Promise<void> | void,
): Promise<void> {
  const began = performance.now();
  const durations: Record<string, number> = {};
  const timed: Session["timed"] = async (step, act) => {
    const since = performance.now();
    const result = await act();
    durations[step] = Math.round(performance.now() - since);
    return result;
  };
  const [engine] = await Promise.all([
    timed("engine", () => ensureEngine({ signal: interrupt })),
    timed("build", () => ensureBuilt(root, interrupt)),
  ]);
  const workspace = await openWorkspace(root, settings.stateDir, engine);
  let local: LocalTwilio | undefined;
  try {
    const opened = async () => {
      // Only now: what a killed run left behind, and may have served this folder, has been ended.
      local = await timed("twilio", () => openTwilio(workspace.stateDir));
      await prepareStack(workspace, settings);
      const result = await work({ local, workspace, timed });
      // Before the next run may begin: it would take a Twilio for its own that is about to end.
      if (!settings.serve) await local.close();
      return { local, result };
    };
    const { result, local: serving } = await exclusively(workspace, opened);
    durations.total = Math.round(performance.now() - began);
    await then({ ...result, durations }, serving);
  } finally {
    await local?.close();
  }
}

/** Works on the stack while no other run does, and leaves no process on it behind, neither its own nor those of a run that was killed. */
async function exclusively<T>(workspace: Workspace, work: () => Promise<T>): Promise<T> {
  const onWait = (pid: number) => note(`Waiting for process ${pid}, which is working on the same stack.`);
  const cleanly = async () => {
    await endLeftovers(MARK, workspace.stateDir);
    try {
      return await work();
    } finally {
      await endLeftovers(MARK, workspace.stateDir);
    }
  };
  return withLock(join(workspace.folder, "start.lock"), cleanly, { signal: interrupt, onWait });
}

function describe({ stateDir, backend }: Workspace, { url, accountSid }: LocalTwilio): Result["backend"] {
  return { kind: "emulator", url, accountSid, stateDir, stack: STACK, stackUrl: backend };
}
