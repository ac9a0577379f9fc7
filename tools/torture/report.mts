import { formatTable } from "../harness/text-table.mts";
import type { FaultResult } from "./fault-matrix.mts";
import type { KillResult } from "./kills.mts";
import type { ScenarioResult } from "./scenario.mts";

/** The results of a torture run. */
export interface Results {
  readonly seed: number;
  readonly faults: readonly FaultResult[];
  readonly kills: readonly KillResult[];
  readonly scenarios: readonly ScenarioResult[];
}

/** Lists all problems, each with the name of its run. */
export function listProblems({ faults, kills, scenarios }: Results): string[] {
  const named = [
    ...faults.map(({ fault, operation, problems }) => [`${fault} × ${operation}`, problems] as const),
    ...kills.map((kill, index) => [`kill ${index + 1}: ${nameOf(kill)}, ${kill.operation}`, kill.problems] as const),
    ...scenarios.map(({ scenario, problems }) => [scenario, problems] as const),
  ];
  return named.flatMap(([name, problems]) => problems.map((problem) => `${name}: ${problem}`));
}

/** Formats the results as a table. */
export function printable({ seed, faults, kills, scenarios }: Results): string {
  const groups = new Map<string, KillResult[]>();
  for (const kill of kills) {
    const key = `${nameOf(kill)}, ${kill.operation}`;
    groups.set(key, [...(groups.get(key) ?? []), kill]);
  }
  const rows = [
    ...faults.map((result) => row(result.fault, result.operation, String(result.calls), [result])),
    ...scenarios.map((result) => row(result.scenario, "up", String(result.calls), [result])),
    ...[...groups].sort(([one], [other]) => one.localeCompare(other)).map(([, group]) => killsRow(group)),
  ];
  return `${formatTable([["disturbance", "operation", "calls", "seconds", "more ups", "extra steps", "result"], ...rows])}\nseed ${seed}`;
}

const nameOf = ({ victim, checkpoints }: KillResult): string => `kill -9 of ${victim}${checkpoints ? "" : ", no checkpoints"}`;

function killsRow(group: readonly KillResult[]): string[] {
  const kill = group[0] as KillResult;
  return row(`${group.length} × ${nameOf(kill)}`, kill.operation, "", group);
}

type Result = Pick<FaultResult, "seconds" | "ups" | "extraSteps" | "problems">;

/** One row for several runs of one disturbance: the average of the seconds, the maximum of everything else. */
function row(disturbance: string, operation: string, calls: string, results: readonly Result[]): string[] {
  const seconds = results.reduce((total, result) => total + result.seconds, 0) / results.length;
  const extraSteps = [...new Set(results.flatMap((result) => result.extraSteps))].sort().join(", ");
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const summary = failed === 0 ? "ok" : results.length === 1 ? (results[0]?.problems[0] ?? "") : `${failed} of ${results.length} failed`;
  return [disturbance, operation, calls, seconds.toFixed(1), String(Math.max(...results.map(({ ups }) => ups))), extraSteps, summary];
}
