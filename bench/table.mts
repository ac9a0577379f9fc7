import { availableParallelism } from "node:os";
import { columns } from "../tools/lab/columns.mts";

/** One operation on one stack. */
export interface Row {
  readonly case: string;
  readonly resources: number;
  readonly latencyMs: number;
  readonly step: string;
  readonly seconds: number;
  /** Requests to Twilio, where they are counted. */
  readonly calls: number | undefined;
  /** Engine, language host and provider together, where it is looked at. */
  readonly peakMib: number | undefined;
  /** Bytes of state per resource, once it is up. */
  readonly bytes: number | undefined;
}

// What the project aims at. Time is compared with the engine's floor of the same run, since machines differ.
const timesFloor = 1.25;
const bytesPerConversation = 900;
const warmStartSeconds = 12;
// A conversation that is deleted is asked for messages first.
const callsPerResource: Record<string, number> = { preview: 0, up: 1, "no-op up": 0, refresh: 1, "up, each changed": 1, destroy: 2 };

// The engine runs four operations at once for each core; the governor lets ten requests through.
const atOnce = Math.min(10, 4 * availableParallelism());

/** Prints a table for people: seconds, the ratio to the floor, calls, state, and where an aim is missed. */
export function print(rows: readonly Row[]): void {
  const lines = [["case", "resources", "latency", "operation", "seconds", "x floor", "calls/resource", "state B", "peak MiB", "aim"]];
  for (const row of rows) {
    const floor = rows.find(({ case: name, resources, step }) => isFloor(name) && resources === row.resources && step === row.step);
    const waiting = ((row.calls ?? 0) * row.latencyMs) / 1000 / atOnce;
    const ratio = floor && floor !== row ? row.seconds / (floor.seconds + waiting) : undefined;
    const cells = [row.case, row.resources, `${row.latencyMs} ms`, row.step, row.seconds.toFixed(2), ratio?.toFixed(2) ?? ""];
    const calls = row.calls === undefined ? "" : (row.calls / row.resources).toFixed(2);
    lines.push([...cells, calls, row.bytes ?? "", row.peakMib ?? "", missed(row, ratio)].map(String));
  }
  console.log(columns(lines));
}

const isFloor = (name: string): boolean => name === "engine's floor";

function missed(row: Row, ratio: number | undefined): string {
  if (isFloor(row.case)) return "";
  if (row.case.startsWith("npm start")) return row.seconds > warmStartSeconds ? `missed: over ${warmStartSeconds} s` : "met";
  // The service that holds the conversations costs a few calls of its own.
  const callsAllowed = (callsPerResource[row.step] ?? 0) * row.resources + 3;
  const misses = [
    ratio !== undefined && ratio > timesFloor ? `over ${timesFloor} x floor` : "",
    row.bytes !== undefined && row.case === "conversations" && row.bytes > bytesPerConversation ? `over ${bytesPerConversation} B` : "",
    (row.calls ?? 0) > callsAllowed ? "more calls" : "",
  ].filter(Boolean);
  return misses.length > 0 ? `missed: ${misses.join(", ")}` : "met";
}
