import { columns } from "../lab/columns.mts";
import type { Cell } from "./faults.mts";
import type { Survived } from "./incidents.mts";
import type { Kill } from "./kills.mts";

/** All that was gone through. */
export interface Results {
  readonly seed: number;
  readonly faults: readonly Cell[];
  readonly kills: readonly Kill[];
  readonly incidents: readonly Survived[];
}

/** Everything that ended badly, as words. */
export function troubles({ faults, kills, incidents }: Results): string[] {
  const named = [
    ...faults.map(({ fault, operation, wrong }) => [`${fault} × ${operation}`, wrong] as const),
    ...kills.map((kill, index) => [`kill ${index + 1}: ${nameOf(kill)}, ${kill.operation}`, kill.wrong] as const),
    ...incidents.map(({ incident, wrong }) => [incident, wrong] as const),
  ];
  return named.flatMap(([name, wrong]) => wrong.map((what) => `${name}: ${what}`));
}

/** A table for people. */
export function describe({ seed, faults, kills, incidents }: Results): string {
  const groups = new Map<string, Kill[]>();
  for (const kill of kills) {
    const key = `${nameOf(kill)}, ${kill.operation}`;
    groups.set(key, [...(groups.get(key) ?? []), kill]);
  }
  const rows = [
    ...faults.map((cell) => row(cell.fault, cell.operation, String(cell.calls), [cell])),
    ...incidents.map((one) => row(one.incident, "up", String(one.calls), [one])),
    ...[...groups].sort(([one], [other]) => one.localeCompare(other)).map(([, group]) => killsRow(group)),
  ];
  return `${columns([["trouble", "operation", "calls", "seconds", "more ups", "besides", "verdict"], ...rows])}\nseed ${seed}`;
}

const nameOf = ({ victim, checkpoints }: Kill): string => `kill -9 of ${victim}${checkpoints ? "" : ", no checkpoints"}`;

function killsRow(group: readonly Kill[]): string[] {
  const kill = group[0] as Kill;
  return row(`${group.length} × ${nameOf(kill)}`, kill.operation, "", group);
}

type Ended = Pick<Cell, "seconds" | "ups" | "asked" | "wrong">;

/** Several of one kind in one row: seconds of one, and of everything else the most. */
function row(trouble: string, operation: string, calls: string, ended: readonly Ended[]): string[] {
  const seconds = ended.reduce((total, one) => total + one.seconds, 0) / ended.length;
  const asked = [...new Set(ended.flatMap((one) => one.asked))].sort().join(", ");
  const bad = ended.filter(({ wrong }) => wrong.length > 0).length;
  const verdict = bad === 0 ? "ok" : ended.length === 1 ? (ended[0]?.wrong[0] ?? "") : `${bad} of ${ended.length} wrong`;
  return [trouble, operation, calls, seconds.toFixed(1), String(Math.max(...ended.map(({ ups }) => ups))), asked, verdict];
}
