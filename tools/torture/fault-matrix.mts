import { setTimeout as delay } from "node:timers/promises";
import { allFaults, type Fault, type FaultDurations, type FaultRule, kindOf, type Operation, operations, rulesOf } from "./faults.mts";
import { runWithManualChanges } from "./manual-changes.mts";
import { fullPlan, itemsOf, type Plan } from "./plan.mts";
import { type Recovery, recover } from "./recovery.mts";
import { openTestbed, type Testbed, type TestbedOptions } from "./testbed.mts";

/** One combination of a fault and an operation. */
export type FaultCase = readonly [fault: Fault, operation: Operation];

/** The result of one combination. */
export interface FaultResult extends Recovery {
  readonly fault: string;
  readonly operation: string;
  /** The requests to Twilio during the disturbed operation, including those of manual changes. */
  readonly calls: number;
  readonly callsByKind: Readonly<Record<string, number>>;
  /** How often the fault applied, by resource type. */
  readonly hits: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** All combinations of faults and operations. */
export const allCases = (durations: FaultDurations): FaultCase[] =>
  allFaults(durations).flatMap((fault) => operations.map((operation) => [fault, operation] as const));

/** Runs the cases one after the other. They share a testbed until one of them has a problem; the next case then gets a new one. */
export async function runFaultMatrix(
  cases: readonly FaultCase[],
  options: TestbedOptions,
  onResult: (result: FaultResult) => void,
): Promise<void> {
  let testbed: Testbed | undefined;
  try {
    for (const [fault, operation] of cases) {
      testbed ??= await openTestbed(options);
      await prepare(testbed, operation);
      const result = await runCase(testbed, fault, operation);
      onResult(result);
      if (result.problems.length === 0) continue;
      await testbed.close();
      testbed = undefined;
    }
  } finally {
    await testbed?.close();
  }
}

/** Brings the stack into the state in which the operation starts. */
async function prepare(testbed: Testbed, operation: Operation): Promise<void> {
  const isUp = Object.keys(testbed.plan).length > 0;
  if (isUp === (operation !== "create")) return;
  testbed.plan = isUp ? {} : fullPlan(1);
  const { problems } = await recover(testbed, await testbed.stack.up());
  if (problems.length > 0) throw new Error(`The undisturbed operation failed: ${problems.join("\n")}`);
}

const nextPlan: Record<Operation, (plan: Plan) => Plan> = {
  create: () => fullPlan(1),
  read: (plan) => plan,
  update: (plan) => fullPlan(1 + (itemsOf(plan, "Conversation")[0]?.[1].revision ?? 0)),
  remove: () => ({}),
  destroy: () => ({}),
};

async function runCase(testbed: Testbed, fault: Fault, operation: Operation): Promise<FaultResult> {
  const { client, stack } = testbed;
  const startedAt = performance.now();
  const rules = fault.action ? rulesOf(fault, operation, await testbed.liveObjects(), client.accountSid) : [];
  for (const rule of rules) await client.fault(rule);
  if (fault.skewSeconds) await client.skewClock(fault.skewSeconds);
  await client.forgetCalls();

  const operate = () => {
    testbed.plan = nextPlan[operation](testbed.plan);
    if (operation === "destroy") return stack.destroy();
    return operation === "read" ? stack.refresh() : stack.up();
  };
  const outcome = fault.manual ? await runWithManualChanges(testbed, fault.manual, operation, operate) : await operate();

  // Twilio may carry out a slow request long after the client has given up.
  const settled = delay(Number(fault.action?.delayMs ?? 0));
  const calls = await client.calls();
  const recovery = await recover(testbed, outcome, { refresh: fault.manual !== undefined, settled });
  const hits = countHits(rules, await client.faultsActed());
  await client.forgetFaults();
  if (fault.skewSeconds) await client.skewClock(0);
  const callsByKind: Record<string, number> = {};
  for (const { host, path, count } of calls) {
    const kind = kindOf(`/${host}${path}`);
    callsByKind[kind] = (callsByKind[kind] ?? 0) + count;
  }
  const missed = Object.keys(hits).filter((kind) => hits[kind] === 0);
  return {
    ...recovery,
    problems: [...recovery.problems, ...missed.map((kind) => `the fault did not apply to any ${kind}`)],
    fault: fault.name,
    operation,
    calls: calls.reduce((total, { count }) => total + count, 0),
    callsByKind,
    hits,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function countHits(rules: readonly FaultRule[], acted: readonly number[]): Record<string, number> {
  const hits: Record<string, number> = {};
  for (const [index, { path }] of rules.entries()) hits[kindOf(path)] = (hits[kindOf(path)] ?? 0) + (acted[index] ?? 0);
  return hits;
}
