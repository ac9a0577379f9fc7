import { availableParallelism } from "node:os";
import { formatTable } from "../tools/harness/text-table.mts";
import { baselineName } from "./programs.mts";

/** The figures of one operation on one stack. */
export interface Row {
  readonly case: string;
  readonly resources: number;
  readonly latencyMs: number;
  readonly step: string;
  readonly seconds: number;
  /** The number of requests to Twilio, if counted. */
  readonly calls: number | undefined;
  /** The peak memory of engine, language host and provider together, if measured. */
  readonly peakMib: number | undefined;
  /** The bytes of state per resource after the deployment. */
  readonly bytes: number | undefined;
}

// The project's targets. Time is relative to the engine's baseline in the same run, because machines differ.
const maxRatio = 1.25;
const maxBytesPerConversation = 900;
const maxStartSeconds = 12;
// Before a conversation is deleted, its messages are read.
const maxCallsPerResource: Record<string, number> = { preview: 0, up: 1, "no-op up": 0, refresh: 1, "up, each changed": 1, destroy: 2 };

// The engine runs four operations per core concurrently; the governor allows ten requests.
const concurrency = Math.min(10, 4 * availableParallelism());

/** Prints a table: seconds, the ratio to the baseline, calls, state, and missed targets. */
export function printTable(rows: readonly Row[]): void {
  const lines = [["case", "resources", "latency", "operation", "seconds", "x baseline", "calls/resource", "state B", "peak MiB", "target"]];
  for (const row of rows) {
    const baseline = rows.find(
      ({ case: name, resources, step }) => name === baselineName && resources === row.resources && step === row.step,
    );
    const waiting = ((row.calls ?? 0) * row.latencyMs) / 1000 / concurrency;
    const ratio = baseline && baseline !== row ? row.seconds / (baseline.seconds + waiting) : undefined;
    const cells = [row.case, row.resources, `${row.latencyMs} ms`, row.step, row.seconds.toFixed(2), ratio?.toFixed(2) ?? ""];
    const calls = row.calls === undefined ? "" : (row.calls / row.resources).toFixed(2);
    lines.push([...cells, calls, row.bytes ?? "", row.peakMib ?? "", compareWithTargets(row, ratio)].map(String));
  }
  console.log(formatTable(lines));
}

function compareWithTargets(row: Row, ratio: number | undefined): string {
  if (row.case === baselineName) return "";
  if (row.case.startsWith("npm start")) return row.seconds > maxStartSeconds ? `missed: over ${maxStartSeconds} s` : "met";
  // The service that contains the conversations needs a few calls as well.
  const callsAllowed = (maxCallsPerResource[row.step] ?? 0) * row.resources + 3;
  const misses = [
    ratio !== undefined && ratio > maxRatio ? `over ${maxRatio} x baseline` : "",
    row.bytes !== undefined && row.case === "conversations" && row.bytes > maxBytesPerConversation
      ? `over ${maxBytesPerConversation} B`
      : "",
    (row.calls ?? 0) > callsAllowed ? "too many calls" : "",
  ].filter(Boolean);
  return misses.length > 0 ? `missed: ${misses.join(", ")}` : "met";
}
