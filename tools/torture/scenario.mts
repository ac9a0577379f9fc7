import type { Random } from "../harness/random.mts";
import type { Outcome } from "../harness/stack.mts";
import { type Recovery, recover } from "./recovery.mts";
import { openTestbed, type Testbed, type TestbedOptions } from "./testbed.mts";

/** A disturbance of a stack. */
export interface Scenario {
  readonly name: string;
  /** Runs the scenario on a new, empty stack. */
  run(testbed: Testbed, options: TestbedOptions, random: Random): Promise<ScenarioOutcome>;
}

interface ScenarioOutcome {
  /** The outcome of the disturbed run. */
  readonly outcome: Outcome;
  /** The problems found so far. */
  readonly problems?: readonly string[];
  /** How the disturbance was produced. */
  readonly method?: string;
  /** Finds further problems after the recovery. */
  readonly finalCheck?: () => Promise<readonly string[]>;
}

/** The result of a scenario. */
export interface ScenarioResult extends Recovery {
  readonly scenario: string;
  readonly calls: number;
  readonly seconds: number;
}

/** Runs a scenario on its own testbed. */
export async function runScenario(scenario: Scenario, options: TestbedOptions, random: Random): Promise<ScenarioResult> {
  const testbed = await openTestbed(options);
  try {
    const startedAt = performance.now();
    const { outcome, problems = [], method, finalCheck } = await scenario.run(testbed, options, random);
    const calls = await testbed.client.calls();
    const recovery = await recover(testbed, outcome);
    return {
      ...recovery,
      problems: [...problems, ...recovery.problems, ...((await finalCheck?.()) ?? [])],
      scenario: method ? `${scenario.name} (${method})` : scenario.name,
      calls: calls.reduce((total, { count }) => total + count, 0),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await testbed.close();
  }
}
