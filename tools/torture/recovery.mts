import { copyFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Outcome, TestStack } from "../harness/stack.mts";
import { findProblems } from "./problems.mts";
import type { Testbed } from "./testbed.mts";

/** How a stack recovered from a disturbed operation. */
export interface Recovery {
  /** The number of `pulumi up` runs, without the last one, which changes nothing. */
  readonly ups: number;
  /** Other steps: `refresh`, `cancel`, and `repair` if a file of the backend was incomplete. */
  readonly extraSteps: readonly string[];
  /** The problems that remain; empty if the stack recovered. */
  readonly problems: readonly string[];
}

/** Options of {@link recover}. */
export interface RecoveryOptions {
  /** Starts with a refresh, through which Pulumi learns of changes by others. */
  readonly refresh?: boolean;
  /** Settles when Twilio has completed all requests. */
  readonly settled?: Promise<unknown>;
}

const maxUps = 2;

/** Completes the plan after a disturbed operation, with at most two more `pulumi up` runs, and reports what is wrong afterwards. */
export async function recover(testbed: Testbed, disturbed: Outcome, options: RecoveryOptions = {}): Promise<Recovery> {
  try {
    return await completePlan(testbed, disturbed, options);
  } catch (error) {
    // A stack that cannot be inspected is a problem of this run only; further runs follow.
    return { ups: 0, extraSteps: [], problems: [String(error)] };
  }
}

async function completePlan(testbed: Testbed, disturbed: Outcome, { refresh = false, settled }: RecoveryOptions): Promise<Recovery> {
  const { stack, client } = testbed;
  const extraSteps: string[] = [];
  const failures: string[] = [];
  let ups = 0;
  const up = async () => {
    const outcome = await stack.up();
    if (!outcome.ok) failures.push(`an up failed: ${errorsOf(outcome)}`);
    return outcome;
  };
  const runRefresh = async () => {
    extraSteps.push("refresh");
    await stack.refresh({ clearPendingCreates: true });
  };
  if (await repairStateFiles(stack)) extraSteps.push("repair");
  if (await isLocked(stack)) {
    extraSteps.push("cancel");
    await stack.stack.cancel();
  }
  if (refresh) await runRefresh();
  let last = disturbed;
  if (!disturbed.ok) {
    if (!refresh && asksForRefresh(disturbed)) await runRefresh();
    last = await up();
    ups += 1;
  }
  await settled;
  for (;;) {
    if (last !== disturbed && asksForRefresh(last)) await runRefresh();
    await client.forgetCalls();
    last = await up();
    const writes = (await client.writes()).reduce((total, { count }) => total + count, 0);
    const changes = Object.entries(last.changes).map(([name, op]) => `${name} (${op})`);
    if ((!last.ok || changes.length + writes > 0) && ups < maxUps) {
      ups += 1;
      continue;
    }
    const problems = findProblems({ ...(await testbed.finalState()), last: { ok: last.ok, changes, writes } });
    return { ups, extraSteps, problems: problems.length > 0 ? [...problems, ...failures] : problems };
  }
}

/** Whether the stack is locked. A CLI that was killed leaves its lock behind. */
export async function isLocked({ folder }: Pick<TestStack, "folder">): Promise<boolean> {
  const locks = await readdir(join(folder, ".pulumi", "locks"), { recursive: true }).catch(() => []);
  return locks.some((name) => name.endsWith(".json"));
}

/**
 * Repairs incomplete files in Pulumi's file backend, which no Pulumi command can read: an empty `.attrs` file after a kill, and a truncated
 * state file after a full disk. A full disk can cut off its `.bak` too; the history has the state after each finished update.
 */
export async function repairStateFiles({ folder }: Pick<TestStack, "folder">): Promise<boolean> {
  let isRepaired = false;
  const backend = join(folder, ".pulumi");
  for (const name of await readdir(backend, { recursive: true })) {
    if (!/\.json(\.attrs)?$/.test(name)) continue;
    const file = join(backend, name);
    if (isJson(await readFile(file, "utf8"))) continue;
    isRepaired = true;
    if (name.endsWith(".attrs") || !name.startsWith("stacks")) await rm(file);
    else await copyFile(await lastComplete(file, backend), file);
  }
  return isRepaired;
}

/** The newest complete copy of a state file; a backend has one stack. */
async function lastComplete(file: string, backend: string): Promise<string> {
  const history = await readdir(join(backend, "history"), { recursive: true }).catch(() => []);
  const checkpoints = history.filter((name) => name.endsWith(".checkpoint.json")).sort();
  const copies = [`${file}.bak`, ...checkpoints.reverse().map((name) => join(backend, "history", name))];
  for (const copy of copies) if (isJson(await readFile(copy, "utf8").catch(() => ""))) return copy;
  throw new Error(`${file} is cut off, and so are its copies`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function errorsOf({ diagnostics, text }: Outcome): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  return [...new Set(errors)].join("\n") || text.trim();
}

/** Our resources ask for a refresh in an error; the engine asks for it in a warning about interrupted operations. */
const asksForRefresh = ({ text }: Outcome): boolean => text.includes("pulumi refresh");
