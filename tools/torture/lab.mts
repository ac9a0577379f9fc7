import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { type LocalTwilio, startTwilio } from "../lab/emulator.mts";
import { type Outside, outside } from "../lab/outside.mts";
import { type Outcome, openStack, type TestStack } from "../lab/stack.mts";
import { endLeftovers } from "../start/leftovers.mts";
import type { Task } from "./apart.mts";
import { inventory, type Live } from "./inventory.mts";
import { type Kind, type Plan, programOf } from "./plan.mts";
import { carriedOut, type Purchases, Wanted } from "./purchases.mts";
import { judge, type Known } from "./verdict.mts";

/** How a trouble was set right. */
export interface Ending {
  /** Runs of `pulumi up` that it took, without the last one, which does nothing. */
  readonly ups: number;
  /** What else it took: `refresh`, `cancel`; `mend` where a file of the backend was written in part only. */
  readonly asked: readonly string[];
  /** What is wrong in the end; empty when all is well. */
  readonly wrong: readonly string[];
}

/** How to make a {@link Lab}. */
export interface LabOptions {
  /** The folder of the engine's executables. */
  readonly engine: string;
  /** The stack's further configuration. */
  readonly config?: Readonly<Record<string, string>>;
}

/** A Twilio in a process of its own, a stack before it, and what both must hold. */
export interface Lab {
  readonly twilio: LocalTwilio;
  readonly outside: Outside;
  readonly stack: TestStack;
  /** The folder of Twilio's state. */
  readonly stateDir: string;
  readonly wanted: Wanted;
  /** What the program declares from now on. */
  readonly plan: Plan;
  declare(plan: Plan): void;
  /** What the account holds beyond what a new one has. */
  live(): Promise<Live[]>;
  /** The engine's state. */
  state(): Promise<Known[]>;
  /** What was bought and released so far. */
  purchases(): Promise<Purchases>;
  /** Twilio's process is killed, and started again on the same port and folder; something may be done in between. */
  restartTwilio<T>(between?: () => Promise<T>): Promise<T>;
  /** An operation in a process of its own, for those whose engine is killed. */
  apart(operation: Task["operation"]): Promise<Outcome>;
  /** Ends with at most two more `up`, and says what is wrong then. */
  end(troubled: Outcome, options?: EndOptions): Promise<Ending>;
  /** Something to undo before the folders are removed. */
  beforeClose(task: () => Promise<unknown>): void;
  close(): Promise<void>;
}

/** How a trouble ends. */
export interface EndOptions {
  /** Begins with a refresh, which is how Pulumi learns what was done without its knowledge. */
  readonly refresh?: boolean;
  /** Comes when nothing is under way at Twilio any more. */
  readonly settled?: Promise<unknown>;
}

const mostUps = 2;

/** Makes it. */
export async function openLab({ engine, config = {} }: LabOptions): Promise<Lab> {
  const stateDir = await mkdtemp(join(tmpdir(), "twilio-torture-"));
  let twilio = await startTwilio({ stateDir });
  const view = outside(twilio);
  const stack = await openStack({ engine, twilio, config });
  const wanted = new Wanted();
  const undo: (() => Promise<unknown>)[] = [];
  let plan: Plan = {};
  /** What was known last by each name: a number that is kept is not in the state any more. */
  const idOf = new Map<string, string>();
  // What emulators that have ended carried out.
  let earlier = { bought: 0, released: 0 };
  const ofNewAccount = new Set((await inventory(view)).map(({ id }) => id));

  const live = async () => (await inventory(view)).filter(({ id }) => !ofNewAccount.has(id));
  const state = async () =>
    (await stack.resources())
      .filter(({ type }) => type.startsWith("pulumi-nodejs:twilio/"))
      .map(({ urn, type, id }): Known => ({ name: urn.split("::").at(-1) as string, kind: type.split(":").at(-1) as Kind, id }));
  const purchases = async () => {
    const { bought, released } = await carriedOut(stateDir);
    return { bought: earlier.bought + bought, released: earlier.released + released };
  };

  async function end(troubled: Outcome, options: EndOptions = {}): Promise<Ending> {
    try {
      return await ended(troubled, options);
    } catch (error) {
      // What cannot even be looked at is wrong, and others follow that want to be gone through.
      return { ups: 0, asked: [], wrong: [String(error)] };
    }
  }

  async function ended(troubled: Outcome, { refresh = false, settled }: EndOptions): Promise<Ending> {
    const asked: string[] = [];
    const said: string[] = [];
    let ups = 0;
    const up = async () => {
      const outcome = await stack.up();
      if (!outcome.ok) said.push(`an up failed: ${errorsOf(outcome)}`);
      return outcome;
    };
    const refreshed = async () => {
      asked.push("refresh");
      await stack.refresh({ clearPendingCreates: true });
    };
    if (await mendState(stack)) asked.push("mend");
    if (await isLocked(stack)) {
      asked.push("cancel");
      await stack.stack.cancel();
    }
    if (refresh) await refreshed();
    let last = troubled;
    if (!troubled.ok) {
      if (!refresh && asksForRefresh(troubled)) await refreshed();
      last = await up();
      ups += 1;
    }
    await settled;
    for (;;) {
      if (last !== troubled && asksForRefresh(last)) await refreshed();
      await view.forgetCalls();
      last = await up();
      const writes = (await view.writes()).reduce((total, { count }) => total + count, 0);
      const changes = Object.entries(last.changes).map(([name, op]) => `${name} (${op})`);
      if ((!last.ok || changes.length + writes > 0) && ups < mostUps) {
        ups += 1;
        continue;
      }
      wanted.settle(plan);
      const known = await state();
      for (const { name, id } of known) idOf.set(name, id);
      const kept = wanted.kept(plan).map((name) => ({ name, id: String(idOf.get(name)) }));
      const findings = { plan, state: known, live: await live(), kept, wanted, purchases: await purchases() };
      const wrong = judge({ ...findings, last: { ok: last.ok, changes, writes } });
      return { ups, asked, wrong: wrong.length > 0 ? [...wrong, ...said] : wrong };
    }
  }

  const lab: Lab = {
    get twilio() {
      return twilio;
    },
    outside: view,
    stack,
    stateDir,
    wanted,
    get plan() {
      return plan;
    },
    declare(next) {
      plan = next;
      stack.program = programOf(next);
    },
    live,
    state,
    purchases,
    async apart(operation) {
      const { workDir, envVars } = stack.stack.workspace as LocalWorkspace;
      const child = spawn(process.execPath, [join(import.meta.dirname, "apart.mts")], { stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.end(JSON.stringify({ operation, plan, engine, workDir, envVars } satisfies Task));
      const exited = once(child, "exit");
      const said = await text(child.stdout);
      const [code] = (await exited) as [number | null];
      return { ok: code === 0, text: said, steps: [], changes: {}, diagnostics: [], events: "" };
    },
    async restartTwilio<T>(between?: () => Promise<T>) {
      await twilio.kill();
      earlier = await purchases();
      const done = await between?.();
      twilio = await startTwilio({ stateDir, port: Number(new URL(twilio.url).port) });
      return done as T;
    },
    end,
    beforeClose: (task) => void undo.push(task),
    async close() {
      openLabs.delete(lab);
      await endLeftovers("PULUMI_BACKEND_URL", `file://${stack.folder}`);
      for (const task of undo) await task();
      await stack.close();
      await twilio.kill();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
  openLabs.add(lab);
  return lab;
}

const openLabs = new Set<Lab>();

/** For who is interrupted: leaves neither processes nor folders behind. */
export async function closeLabs(): Promise<void> {
  await Promise.allSettled([...openLabs].map((lab) => lab.close()));
}

/** A CLI that was killed leaves the stack locked. */
export async function isLocked({ folder }: Pick<TestStack, "folder">): Promise<boolean> {
  const locks = await readdir(join(folder, ".pulumi", "locks"), { recursive: true }).catch(() => []);
  return locks.some((name) => name.endsWith(".json"));
}

/**
 * Mends what Pulumi's file backend leaves when the writing of the state is cut off, and no command of Pulumi's can read any more: an empty
 * description of the file beside it; on a full disk half of the file itself, with the one from before in `.bak`.
 */
async function mendState({ folder }: TestStack): Promise<boolean> {
  let isMended = false;
  const backend = join(folder, ".pulumi");
  for (const name of await readdir(backend, { recursive: true })) {
    if (!/\.json(\.attrs)?$/.test(name)) continue;
    const file = join(backend, name);
    if (isJson(await readFile(file, "utf8"))) continue;
    isMended = true;
    if (name.endsWith(".attrs") || !name.startsWith("stacks")) await rm(file);
    else await copyFile(`${file}.bak`, file);
  }
  return isMended;
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

/** In words: our resources do in an error, the engine in a warning that operations of an earlier run were cut off. */
const asksForRefresh = ({ text }: Outcome): boolean => text.includes("pulumi refresh");

/** Waits until something is so, looking again every few milliseconds; false when `over` comes first. */
export async function until(isSo: () => Promise<boolean> | boolean, over: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  while (!isOver) {
    if (await isSo()) return true;
    await delay(5);
  }
  return false;
}
