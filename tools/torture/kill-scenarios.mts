import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { killProcessesWithEnv } from "../start/stray-processes.mts";
import { kill, type Victim } from "./kills.mts";
import { findProblems } from "./problems.mts";
import { isLocked, repairStateFiles } from "./recovery.mts";
import type { Scenario } from "./scenario.mts";
import { variants } from "./variants.mts";
import { waitForWrites } from "./wait.mts";

/** A destroy is killed. The next `up` is complete, or fails and names the command to run; it never reports success with less than declared. */
export const destroyKilled = (victim: Victim): Scenario => ({
  name: `destroy, kill -9 of ${victim}, then up`,
  async run(testbed, _options, random) {
    const { stack, client, expectedPurchases } = testbed;
    const plan = variants(random).next();
    testbed.plan = plan;
    const created = await stack.up();
    expectedPurchases.apply(plan);
    await client.forgetCalls();
    testbed.plan = {};
    const operating = testbed.runSeparately("destroy");
    await waitForWrites(testbed, random, operating);
    await kill(stack.folder, victim);
    await operating;
    await killProcessesWithEnv("PULUMI_BACKEND_URL", `file://${stack.folder}`);
    if ((await testbed.purchases()).released > 0) expectedPurchases.releasedOutside("second");
    // `pulumi cancel` cannot read a state file that the kill has cut off.
    await repairStateFiles(stack);
    if (await isLocked(stack)) await stack.stack.cancel();
    testbed.plan = plan;
    const before = (await testbed.liveObjects()).length;
    const outcome = await stack.up();
    const missing = outcome.ok ? findProblems({ ...(await testbed.finalState()), last: { ok: true, changes: [], writes: 0 } }) : [];
    return {
      outcome,
      method: `${before} objects were left; the up ${outcome.ok ? "completed" : "failed"}`,
      problems: [
        ...(created.ok ? [] : [`the first up failed: ${created.text}`]),
        ...missing.map((problem) => `the up reports success, but ${problem}`),
        ...(outcome.ok || /pulumi (refresh|up|cancel)/.test(outcome.text) ? [] : [`the up names no command: ${outcome.text}`]),
      ],
    };
  },
});

const maxSecondsAfterStep = 120;

/** The clock of the machine steps between a kill and the next run. */
export const clockStep = (minutes: number): Scenario => ({
  name: `kill -9, then the machine's clock ${Math.abs(minutes)} min ${minutes > 0 ? "ahead" : "behind"}`,
  async run(testbed, _options, random) {
    const { stack } = testbed;
    testbed.plan = variants(random).next();
    const operating = testbed.runSeparately("up");
    await waitForWrites(testbed, random, operating);
    await kill(stack.folder, "engine and provider");
    const outcome = await operating;
    // The engine's state files and notes have times of before the step.
    await delay(50);
    const preload = pathToFileURL(join(import.meta.dirname, "clock-step.mjs")).href;
    stack.setEnv({ NODE_OPTIONS: `--import=${preload}`, CLOCK_STEP_MS: String(60_000 * minutes), CLOCK_STEP_SINCE: String(Date.now()) });
    const begun = performance.now();
    const finalCheck = async () => {
      const seconds = (performance.now() - begun) / 1000;
      return seconds <= maxSecondsAfterStep ? [] : [`the recovery took ${seconds.toFixed(0)} s, not at most ${maxSecondsAfterStep} s`];
    };
    return { outcome, finalCheck };
  },
});
