import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Outcome, processesOf } from "../lab/stack.mts";
import { endLeftovers } from "../start/leftovers.mts";
import { type Ending, type Lab, type LabOptions, openLab, until } from "./lab.mts";
import type { Random } from "./random.mts";
import { differing, type Variants, variants } from "./variants.mts";

/** Which processes are killed. */
export type Victim = "engine and provider" | "engine" | "provider";

/** One kill and what came of it. */
export interface Kill extends Ending {
  readonly victim: Victim;
  readonly operation: "up" | "destroy";
  /** Whether the engine wrote its state after each step. */
  readonly checkpoints: boolean;
  /** Requests that change something, when it was killed. */
  readonly writes: number;
  /** Until all was well again, or given up. */
  readonly seconds: number;
}

/** How many kills, and by which chances. */
export interface Kills {
  readonly count: number;
  readonly random: Random;
  readonly checkpoints: boolean;
}

// Wrong once, a stack would go on being wrong; and a stack that lives for ever tells nothing of a new one.
const killsOfOneLab = 15;

/** Kills again and again, each time at another moment of another change of a program of 50 resources. */
export async function tortureByKills(
  { count, random, checkpoints }: Kills,
  options: LabOptions,
  onKill: (kill: Kill) => void,
): Promise<void> {
  for (let killed = 0; killed < count; ) {
    const lab = await openLab(options);
    if (!checkpoints) lab.stack.setEnv({ PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" });
    const changing = variants(random);
    try {
      for (const last = Math.min(count, killed + killsOfOneLab); killed < last; ) {
        const kill = await round(lab, changing, random, checkpoints);
        // Over before the moment had come.
        if (!kill) continue;
        killed += 1;
        onKill(kill);
        if (kill.wrong.length > 0) break;
      }
    } finally {
      await lab.close();
    }
  }
}

async function round(lab: Lab, changing: Variants, random: Random, checkpoints: boolean): Promise<Kill | undefined> {
  const { stack, outside, wanted } = lab;
  const begun = performance.now();
  const isUp = Object.keys(lab.plan).length > 0;
  const operation = isUp && random.chance(0.15) ? "destroy" : "up";
  const again = operation === "destroy" && random.chance(0.5);
  const [before, after] = [lab.plan, operation === "up" ? changing.next() : {}];
  // A random moment: before the first write, or so many writes later and a little.
  const moment = random.below(differing(before, after) + 1);
  const pause = random.below(moment === 0 ? 1500 : 50);
  const victim = random.pick<Victim>(["engine and provider", "engine and provider", "engine", "provider"]);
  const refresh = random.chance(0.25);

  lab.declare(after);
  await outside.forgetCalls();
  const { released } = await lab.purchases();
  const operating = lab.apart(operation);
  const written = async () => (await outside.writes()).reduce((total, { count }) => total + count, 0);
  const hasCome = moment === 0 || (await until(async () => (await written()) >= moment, operating));
  if (hasCome) await delay(pause);
  const writes = await written();
  const killed = hasCome ? await kill(stack.folder, victim) : 0;
  const outcome = await operating;

  if (again) {
    // What is destroyed is wanted after all; a number that went, or goes until its provider ends, is to be bought again.
    lab.declare(before);
    await endLeftovers("PULUMI_BACKEND_URL", `file://${stack.folder}`);
    if ((await lab.purchases()).released > released) wanted.lose("second");
  }
  const ending = await lab.end(again ? failed(outcome) : outcome, { refresh: refresh || (again && !checkpoints) });
  const seconds = (performance.now() - begun) / 1000;
  const result = { ...ending, victim, operation, checkpoints, writes, seconds } as const;
  return killed > 0 || ending.wrong.length > 0 ? result : undefined;
}

/** A destroy that came to its end leaves nothing of what is wanted. */
const failed = (outcome: Outcome): Outcome => ({ ...outcome, ok: false });

/** Kills what works on a backend; says how many processes that were. */
async function kill(folder: string, victim: Victim): Promise<number> {
  const pids = await processesOf(folder);
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")));
  const isVictim = (name: string) => victim === "engine and provider" || (name.trim() === "pulumi") === (victim === "engine");
  const victims = pids.filter((_, index) => isVictim(names[index] as string));
  for (const pid of victims) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
  return victims.length;
}
