import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../harness/random.mts";
import { type Outcome, processesOf } from "../harness/stack.mts";
import { killProcessesWithEnv } from "../start/stray-processes.mts";
import { type Recovery, recover } from "./recovery.mts";
import { openTestbed, type Testbed, type TestbedOptions } from "./testbed.mts";
import { countDifferences, type Variants, variants } from "./variants.mts";
import { waitUntil } from "./wait.mts";

/** The processes that are killed. */
export type Victim = "engine and provider" | "engine" | "provider";

/** The result of one kill. */
export interface KillResult extends Recovery {
  readonly victim: Victim;
  readonly operation: "up" | "destroy";
  /** Whether the engine wrote its state after each step. */
  readonly checkpoints: boolean;
  /** The number of writes before the kill. */
  readonly writes: number;
  /** The duration including the recovery. */
  readonly seconds: number;
}

/** Options of {@link runKills}. */
export interface KillOptions {
  readonly count: number;
  readonly random: Random;
  readonly checkpoints: boolean;
}

// A stack with a problem would keep it, and a stack that lives too long does not cover new stacks.
const killsPerTestbed = 15;

/** Kills processes repeatedly, each time at a random moment of a random change to a program of 50 resources. */
export async function runKills(
  { count, random, checkpoints }: KillOptions,
  options: TestbedOptions,
  onResult: (result: KillResult) => void,
): Promise<void> {
  for (let killed = 0; killed < count; ) {
    const testbed = await openTestbed(options);
    if (!checkpoints) testbed.stack.setEnv({ PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" });
    const plans = variants(random);
    try {
      for (const last = Math.min(count, killed + killsPerTestbed); killed < last; ) {
        const result = await runKill(testbed, plans, random, checkpoints);
        // The operation ended before the chosen moment.
        if (!result) continue;
        killed += 1;
        onResult(result);
        if (result.problems.length > 0) break;
      }
    } finally {
      await testbed.close();
    }
  }
}

async function runKill(testbed: Testbed, plans: Variants, random: Random, checkpoints: boolean): Promise<KillResult | undefined> {
  const { stack, client, expectedPurchases } = testbed;
  const startedAt = performance.now();
  const isUp = Object.keys(testbed.plan).length > 0;
  const operation = isUp && random.chance(0.15) ? "destroy" : "up";
  const isDestroyReverted = operation === "destroy" && random.chance(0.5);
  const [before, after] = [testbed.plan, operation === "up" ? plans.next() : {}];
  // The moment of the kill: before the first write, or shortly after a random number of writes.
  const moment = random.below(countDifferences(before, after) + 1);
  const pause = random.below(moment === 0 ? 1500 : 50);
  const victim = random.pick<Victim>(["engine and provider", "engine and provider", "engine", "provider"]);
  const refresh = random.chance(0.25);

  testbed.plan = after;
  await client.forgetCalls();
  const { released } = await testbed.purchases();
  const operating = testbed.runSeparately(operation);
  const countWrites = async () => (await client.writes()).reduce((total, { count }) => total + count, 0);
  const isReached = moment === 0 || (await waitUntil(async () => (await countWrites()) >= moment, operating));
  if (isReached) await delay(pause);
  const writes = await countWrites();
  const killed = isReached ? await kill(stack.folder, victim) : 0;
  const outcome = await operating;

  if (isDestroyReverted) {
    // The program declares everything again. A number that was released, or is released before its provider ends, must be bought again.
    testbed.plan = before;
    await killProcessesWithEnv("PULUMI_BACKEND_URL", `file://${stack.folder}`);
    if ((await testbed.purchases()).released > released) expectedPurchases.releasedOutside("second");
  }
  const recovery = await recover(testbed, isDestroyReverted ? asFailed(outcome) : outcome, {
    refresh: refresh || (isDestroyReverted && !checkpoints),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const result = { ...recovery, victim, operation, checkpoints, writes, seconds } as const;
  return killed > 0 || recovery.problems.length > 0 ? result : undefined;
}

/** Marks a completed destroy as failed, so that the recovery creates the objects again. */
const asFailed = (outcome: Outcome): Outcome => ({ ...outcome, ok: false });

/** Kills the processes that use a backend and returns their number. */
export async function kill(folder: string, victim: Victim): Promise<number> {
  const pids = await processesOf(folder);
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")));
  const isVictim = (name: string) => victim === "engine and provider" || (name.trim() === "pulumi") === (victim === "engine");
  const victims = pids.filter((_, index) => isVictim(names[index] as string));
  for (const pid of victims) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has ended already.
    }
  }
  return victims.length;
}
