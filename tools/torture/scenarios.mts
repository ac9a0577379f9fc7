import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "../engine/lock.mts";
import { openStack, processesOf, type TestStack } from "../harness/stack.mts";
import { fillableDisk } from "./full-disk.mts";
import { clockStep, destroyKilled } from "./kill-scenarios.mts";
import { renamedStack, secondBackend } from "./owner-scenarios.mts";
import { fullPlan, itemsOf, type Plan, programOf } from "./plan.mts";
import { isLocked } from "./recovery.mts";
import { duplicatedRequests, falseResponses, limitedWrites } from "./response-scenarios.mts";
import type { Scenario } from "./scenario.mts";
import { variants } from "./variants.mts";
import { waitForWrites, waitUntil } from "./wait.mts";

/** Ctrl-C, once or twice. */
export const interrupted = (times: 1 | 2): Scenario => ({
  name: times === 1 ? "SIGINT" : "SIGINT, twice",
  async run(testbed, _options, random) {
    testbed.plan = variants(random).next();
    const operating = testbed.runSeparately("up");
    await waitForWrites(testbed, random, operating);
    const pid = await findEngine(testbed.stack);
    process.kill(pid, "SIGINT");
    if (times === 2) {
      await delay(random.below(100));
      if (isAlive(pid)) process.kill(pid, "SIGINT");
    }
    const outcome = await operating;
    return { outcome, problems: outcome.ok ? ["the interrupted run reports success"] : [] };
  },
});

/** Two concurrent runs on one stack: the second one reports the lock of the first. */
export const twoRunsOneStack: Scenario = {
  name: "two concurrent ups, one stack",
  async run(testbed) {
    testbed.plan = fullPlan(1);
    const first = testbed.stack.up();
    await waitUntil(() => isLocked(testbed.stack), first);
    const second = await testbed.stack.up();
    const problems = second.ok || !second.text.includes("currently locked") ? ["the second run does not report the lock"] : [];
    const { ok, text } = await first;
    return { outcome: second, problems: ok ? problems : [...problems, `the first run failed: ${text}`] };
  },
};

/** The same program, stack and account on two machines. Each has its own backend and notes, and buys numbers of its own. */
const twoBackends: Scenario = {
  name: "two concurrent ups, two backends",
  async run(testbed, { engine, config = {} }) {
    // Without a service, because Twilio accepts two with one name and does not show who created them.
    const plan: Plan = Object.fromEntries(itemsOf(fullPlan(1), "PhoneNumber"));
    const other = await openStack({ engine, twilio: testbed.emulator, config, program: programOf(plan) });
    testbed.onClose(other.close);
    testbed.plan = plan;
    const [outcome, otherOutcome] = await Promise.all([testbed.stack.up(), other.up()]);
    const repeated = otherOutcome.ok ? otherOutcome : await other.up();
    const last = await other.up();
    const isComplete = repeated.ok && last.ok && Object.keys(last.changes).length === 0;
    const [ours, theirs] = await Promise.all([testbed.stack.resources(), other.state()]);
    const problems = isComplete ? [] : [`the other stack is not up to date: ${last.text}`];
    for (const name of Object.keys(plan)) {
      const { id = "none" } = theirs[name] ?? {};
      if (ours.some((resource) => resource.id === id)) problems.push(`both stacks hold ${name} (${id})`);
      else await testbed.client.client.incomingPhoneNumbers(id).remove();
      testbed.expectedPurchases.replacementReleasedOutside();
    }
    return { outcome, problems };
  },
};

/** The disk of Pulumi's state is full during the run, either for a while or until the engine is killed. */
const stateDiskFull = (end: "freed" | "killed"): Scenario => ({
  name: `disk of Pulumi's state full, then ${end === "freed" ? "freed" : "engine killed"}`,
  async run(testbed, _options, random) {
    const disk = await fillableDisk(join(testbed.stack.folder, ".pulumi"));
    testbed.onClose(disk.remove);
    testbed.plan = variants(random).next();
    const operating = testbed.runSeparately("up");
    await waitForWrites(testbed, random, operating);
    const pid = await findEngine(testbed.stack);
    await disk.fill(16_384, pid);
    // The engine retries to write for half a minute.
    await delay(3000);
    if (end === "killed" && isAlive(pid)) process.kill(pid, "SIGKILL");
    await disk.free();
    return { outcome: await operating, method: disk.method };
  },
});

/** The disk of the emulator's state is full during the run. */
const emulatorDiskFull: Scenario = {
  name: "disk of the emulator's state full",
  async run(testbed, _options, random) {
    const disk = await testbed.restartEmulator(() => fillableDisk(testbed.stateDir));
    testbed.onClose(disk.remove);
    testbed.plan = variants(random).next();
    const operating = testbed.runSeparately("up");
    await waitForWrites(testbed, random, operating);
    await disk.fill(0, testbed.emulator.pid);
    const outcome = await operating;
    await disk.free();
    if (!isAlive(testbed.emulator.pid)) await testbed.restartEmulator();
    return { outcome, method: disk.method };
  },
};

/** The emulator is killed during the run and restarted immediately. */
const emulatorRestarted: Scenario = {
  name: "emulator killed and restarted",
  async run(testbed, _options, random) {
    testbed.plan = variants(random).next();
    const operating = testbed.runSeparately("up");
    await waitForWrites(testbed, random, operating);
    await testbed.restartEmulator();
    return { outcome: await operating };
  },
};

/** All scenarios. */
export const scenarios: readonly Scenario[] = [
  interrupted(1),
  interrupted(2),
  twoRunsOneStack,
  twoBackends,
  stateDiskFull("freed"),
  stateDiskFull("killed"),
  emulatorDiskFull,
  emulatorRestarted,
  destroyKilled("engine and provider"),
  destroyKilled("engine"),
  destroyKilled("provider"),
  clockStep(10),
  clockStep(-10),
  renamedStack(false),
  renamedStack(true),
  secondBackend,
  falseResponses,
  duplicatedRequests("first"),
  duplicatedRequests("second"),
  limitedWrites,
];

/** The process of the CLI that works on the stack. */
async function findEngine({ folder }: TestStack): Promise<number> {
  for (const pid of await processesOf(folder)) {
    if ((await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() === "pulumi") return pid;
  }
  throw new Error("The engine ended before it could be disturbed.");
}
