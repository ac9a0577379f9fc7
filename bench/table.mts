import { availableParallelism } from "node:os";
import { formatTable } from "../tools/harness/text-table.mts";
import type { Usage } from "./processes.mts";
import { baselineName, emptyName, quickstartName, setName } from "./programs.mts";
import { missesOfSet } from "./set-targets.mts";

/** The figures of one operation on one stack. */
export interface Row extends Partial<Omit<Usage, "seconds">> {
  readonly case: string;
  readonly resources: number;
  readonly latencyMs: number;
  /** How many writes per second the service accepted, if limited. */
  readonly writeLimit?: number | undefined;
  /** Whether the engine wrote the state after each step. Default: true. */
  readonly checkpoints?: boolean;
  readonly step: string;
  readonly seconds: number;
  /** The number of requests to Twilio, if counted. */
  readonly calls?: number | undefined;
  /** The bytes of state per resource after the deployment. */
  readonly bytes?: number | undefined;
}

// The project's targets. Time is relative to the engine's baseline in the same run, because machines differ.
const maxRatio = 1.25;
const maxQuickstartRatio = 1.15;
const maxBytesPerConversation = 1_150;
const maxStartSeconds = { first: 12, again: 3 };
// Before a conversation is deleted, its messages are read.
const maxCallsPerResource: Record<string, number> = { up: 1, refresh: 1, "up, each changed": 1, destroy: 2 };

// The engine runs four operations per core concurrently; the governor allows ten requests.
const concurrency = Math.min(10, 4 * availableParallelism());

interface Ratios {
  /** Seconds, to those of the baseline and the time that Twilio takes. */
  readonly seconds?: number | undefined;
  /** The program's CPU time without that of an empty program. */
  readonly program?: number | undefined;
  readonly provider?: number | undefined;
}

/** Prints a table: seconds, CPU time, the ratios to the baseline, calls, state, and missed targets. */
export function printTable(rows: readonly Row[]): void {
  const header = ["case", "resources", "latency", "operation", "seconds", "x", "program CPU s", "x", "provider CPU s", "x"];
  const lines = [[...header, "calls/resource", "state B", "peak MiB", "target"]];
  for (const row of rows) {
    const ratios = ratiosOf(row, rows);
    const times = [row.seconds, ratios.seconds, row.cpu?.program, ratios.program, row.cpu?.provider, ratios.provider];
    const limited = row.writeLimit === undefined ? "" : `, ${row.writeLimit} writes/s`;
    const name = `${row.case}${row.checkpoints === false ? ", no checkpoints" : ""}${limited}`;
    const cells = [name, row.resources, `${row.latencyMs} ms`, row.step, ...times.map((time) => time?.toFixed(2) ?? "")];
    const calls = row.calls === undefined || row.resources === 0 ? "" : (row.calls / row.resources).toFixed(2);
    lines.push([...cells, calls, row.bytes ?? "", row.peakMib ?? "", compareWithTargets(row, ratios)].map(String));
  }
  console.log(formatTable(lines));
}

function ratiosOf(row: Row, rows: readonly Row[]): Ratios {
  const rowOf = (name: string, resources: number) =>
    rows.find(
      (other) =>
        other.case === name &&
        other.resources === resources &&
        other.step === row.step &&
        (name === emptyName || other.checkpoints === (row.checkpoints ?? true)),
    );
  const [empty, baseline] = [rowOf(emptyName, 0), rowOf(baselineName, row.resources)];
  if (row.case === quickstartName) return { seconds: empty && row.seconds / empty.seconds };
  if (!baseline || baseline === row || row.case === setName) return {};
  const waiting = row.writeLimit
    ? (row.calls ?? 0) / row.writeLimit
    : baseline.seconds + ((row.calls ?? 0) * row.latencyMs) / 1000 / concurrency;
  const own = (one: Row | undefined) => (one?.cpu?.program ?? 0) - (empty?.cpu?.program ?? 0);
  const ratio = (part = 0, whole = 0) => (part > 0 && whole > 0 ? part / whole : undefined);
  return {
    seconds: ratio(row.seconds, waiting),
    program: row.step === "refresh" || row.step === "destroy" ? undefined : ratio(own(row), own(baseline)),
    provider: ratio(row.cpu?.provider, baseline.cpu?.provider),
  };
}

function compareWithTargets(row: Row, { seconds, program, provider }: Ratios): string {
  if (row.case === baselineName || row.case === emptyName || row.case.startsWith("Terraform")) return "";
  if (row.case.startsWith("npm start")) {
    const most = row.step === "first" ? maxStartSeconds.first : maxStartSeconds.again;
    return row.seconds > most ? `missed: over ${most} s` : "met";
  }
  if (row.case === setName) {
    const misses = missesOfSet(row);
    return misses.length > 0 ? `missed: ${misses.join(", ")}` : "met";
  }
  const most = row.case === quickstartName ? maxQuickstartRatio : maxRatio;
  // The service that contains the conversations needs a few calls as well.
  const callsAllowed = (maxCallsPerResource[row.step] ?? 0) * row.resources + 3;
  const misses = [
    (seconds ?? 0) > most ? `over ${most} x seconds` : "",
    (program ?? 0) > most ? `over ${most} x program` : "",
    (provider ?? 0) > most ? `over ${most} x provider` : "",
    row.case === "conversations" && (row.bytes ?? 0) > maxBytesPerConversation ? `over ${maxBytesPerConversation} B` : "",
    row.case !== quickstartName && (row.calls ?? 0) > callsAllowed ? "too many calls" : "",
  ].filter(Boolean);
  return misses.length > 0 ? `missed: ${misses.join(", ")}` : "met";
}
