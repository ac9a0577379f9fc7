import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../engine/lock.mts";
import { type Outcome, openStack, processesOf, type TestStack } from "../lab/stack.mts";
import { type Ending, isLocked, type Lab, type LabOptions, openLab, until } from "./lab.mts";
import { everyKind, itemsOf, type Plan, programOf } from "./plan.mts";
import type { Random } from "./random.mts";
import { smallDisk } from "./small-disk.mts";
import { variants } from "./variants.mts";

/** Something that happens in the middle of an `up`. */
export interface Incident {
  readonly name: string;
  /** Goes through it with a stack of which nothing exists yet. */
  happen(lab: Lab, options: LabOptions, random: Random): Promise<Happened>;
}

interface Happened {
  /** What the troubled run said. */
  readonly outcome: Outcome;
  /** What was not as it should be already. */
  readonly wrong?: readonly string[];
  /** How it was brought about. */
  readonly means?: string;
  /** To be looked at when all is over. */
  readonly atLast?: () => Promise<readonly string[]>;
}

/** An incident and what came of it. */
export interface Survived extends Ending {
  readonly incident: string;
  readonly calls: number;
  readonly seconds: number;
}

/** Goes through an incident on a stack of its own. */
export async function survive(incident: Incident, options: LabOptions, random: Random): Promise<Survived> {
  const lab = await openLab(options);
  try {
    const begun = performance.now();
    const happened = await incident.happen(lab, options, random);
    const { outcome, wrong = [], means, atLast } = happened;
    const calls = await lab.outside.calls();
    const ending = await lab.end(outcome);
    return {
      ...ending,
      wrong: [...wrong, ...ending.wrong, ...((await atLast?.()) ?? [])],
      incident: means ? `${incident.name} (${means})` : incident.name,
      calls: calls.reduce((total, { count }) => total + count, 0),
      seconds: (performance.now() - begun) / 1000,
    };
  } finally {
    await lab.close();
  }
}

/** Ctrl-C, once or twice. */
export const interrupted = (times: 1 | 2): Incident => ({
  name: times === 1 ? "SIGINT" : "SIGINT, twice",
  async happen(lab, _options, random) {
    lab.declare(variants(random).next());
    const operating = lab.apart("up");
    await someWrites(lab, random, operating);
    const pid = await engineOf(lab.stack);
    process.kill(pid, "SIGINT");
    if (times === 2) {
      await delay(random.below(100));
      if (isAlive(pid)) process.kill(pid, "SIGINT");
    }
    const outcome = await operating;
    return { outcome, wrong: outcome.ok ? ["the interrupted run says that all went well"] : [] };
  },
});

/** Two runs at once on one stack: the second is told so. */
export const twoOnOneStack: Incident = {
  name: "two ups at once, one stack",
  async happen(lab) {
    lab.declare(everyKind(1));
    const first = lab.stack.up();
    await until(() => isLocked(lab.stack), first);
    const second = await lab.stack.up();
    const wrong = second.ok || !second.text.includes("currently locked") ? ["the second run was not told of the first"] : [];
    const { ok, text } = await first;
    return { outcome: second, wrong: ok ? wrong : [...wrong, `the first run failed: ${text}`] };
  },
};

/** The same program, stack and account from two machines: each has a backend and notes of its own, and they share what it says by itself. */
const twoBackends: Incident = {
  name: "two ups at once, two backends",
  async happen(lab, { engine, config = {} }) {
    // Without a service: Twilio takes two of one name, and nothing there tells whose they are.
    const plan: Plan = Object.fromEntries(itemsOf(everyKind(1), "PhoneNumber"));
    const other = await openStack({ engine, twilio: lab.twilio, config, program: programOf(plan) });
    lab.beforeClose(other.close);
    lab.declare(plan);
    const [outcome, theirs] = await Promise.all([lab.stack.up(), other.up()]);
    const atLast = async () => {
      const again = theirs.ok ? theirs : await other.up();
      const quiet = await other.up();
      const [mine, their] = await Promise.all([lab.stack.state(), other.state()]);
      const different = Object.keys(plan).filter((name) => mine[name]?.id !== their[name]?.id);
      return [
        ...(again.ok && quiet.ok && Object.keys(quiet.changes).length === 0 ? [] : [`the other stack is not settled: ${quiet.text}`]),
        ...different.map((name) => `${name} is ${mine[name]?.id} here and ${their[name]?.id} there`),
      ];
    };
    return { outcome, atLast };
  },
};

/** The disk of Pulumi's state is full in the middle: for a while, or until the engine is killed. */
const noRoomForState = (then: "room again" | "killed"): Incident => ({
  name: `disk full, Pulumi's state; ${then}`,
  async happen(lab, _options, random) {
    const disk = await smallDisk(join(lab.stack.folder, ".pulumi"));
    lab.beforeClose(disk.remove);
    lab.declare(variants(random).next());
    const operating = lab.apart("up");
    await someWrites(lab, random, operating);
    const pid = await engineOf(lab.stack);
    await disk.fill(16_384, pid);
    // The engine tries to write for half a minute.
    await delay(3000);
    if (then === "killed" && isAlive(pid)) process.kill(pid, "SIGKILL");
    await disk.free();
    return { outcome: await operating, means: disk.means };
  },
});

/** The disk of Twilio's state is full in the middle. */
const noRoomForTwilio: Incident = {
  name: "disk full, Twilio's state",
  async happen(lab, _options, random) {
    const disk = await lab.restartTwilio(() => smallDisk(lab.stateDir));
    lab.beforeClose(disk.remove);
    lab.declare(variants(random).next());
    const operating = lab.apart("up");
    await someWrites(lab, random, operating);
    await disk.fill(0, lab.twilio.pid);
    const outcome = await operating;
    await disk.free();
    if (!isAlive(lab.twilio.pid)) await lab.restartTwilio();
    return { outcome, means: disk.means };
  },
};

/** Twilio is killed in the middle, and is there again a moment later. */
const twilioRestarted: Incident = {
  name: "emulator killed and restarted",
  async happen(lab, _options, random) {
    lab.declare(variants(random).next());
    const operating = lab.apart("up");
    await someWrites(lab, random, operating);
    await lab.restartTwilio();
    return { outcome: await operating };
  },
};

/** All of them. */
export const incidents: readonly Incident[] = [
  interrupted(1),
  interrupted(2),
  twoOnOneStack,
  twoBackends,
  noRoomForState("room again"),
  noRoomForState("killed"),
  noRoomForTwilio,
  twilioRestarted,
];

/** Waits for a chance moment in the middle of a run. */
async function someWrites({ outside }: Lab, random: Random, operating: Promise<unknown>): Promise<void> {
  const enough = 5 + random.below(25);
  await until(async () => (await outside.writes()).reduce((total, { count }) => total + count, 0) >= enough, operating);
}

/** The CLI that works on a stack. */
async function engineOf({ folder }: TestStack): Promise<number> {
  for (const pid of await processesOf(folder)) {
    if ((await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() === "pulumi") return pid;
  }
  throw new Error("the engine was too fast");
}
