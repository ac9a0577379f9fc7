/** One operation on one stack. */
export interface Row {
  readonly case: string;
  readonly size: number;
  readonly latencyMs: number;
  readonly step: string;
  readonly seconds: number;
  readonly callsPerResource: number;
  /** Engine, language host and provider together. */
  readonly peakMib: number;
  /** Bytes of state per resource, once it is up. */
  readonly bytes: number | undefined;
}

// What the project aims at. Time is compared with the engine's floor of the same run, since machines differ.
const aims = {
  timesFloor: 1.25,
  bytesPerConversation: 900,
  callsPerResource: { up: 1, "no-op up": 0, "up, each changed": 1, destroy: 1 } as Record<string, number>,
};
// The engine runs four operations at once for each core it may use; the governor lets ten requests through.
const parallel = 10;

/** Prints a table for people: seconds, the ratio to the floor, calls, state, and where an aim is missed. */
export function print(rows: readonly Row[]): void {
  const lines = [["case", "N", "latency", "operation", "seconds", "x floor", "calls/resource", "state B", "peak MiB", "aim"]];
  for (const row of rows) {
    const floor = rows.find(({ case: name, size, step }) => name === "engine's floor" && size === row.size && step === row.step);
    const resources = row.case === "conversations with a participant" ? 2 : 1;
    const waits = (row.callsPerResource * row.size * resources * row.latencyMs) / 1000 / parallel;
    const ratio = floor && floor !== row ? row.seconds / (floor.seconds * resources + waits) : undefined;
    lines.push([
      row.case,
      String(row.size),
      `${row.latencyMs} ms`,
      row.step,
      row.seconds.toFixed(2),
      ratio?.toFixed(2) ?? "",
      row.callsPerResource.toFixed(2),
      row.bytes === undefined ? "" : String(row.bytes),
      String(row.peakMib),
      missed(row, ratio),
    ]);
  }
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

function missed(row: Row, ratio: number | undefined): string {
  if (row.case === "engine's floor") return "";
  const misses = [
    ratio !== undefined && ratio > aims.timesFloor ? `over ${aims.timesFloor} x floor` : "",
    row.bytes !== undefined && row.case === "conversations" && row.bytes > aims.bytesPerConversation
      ? `over ${aims.bytesPerConversation} B`
      : "",
    // One service beside the conversations, with its configuration, costs a few calls of its own.
    row.callsPerResource > (aims.callsPerResource[row.step] ?? 1) + 5 / row.size ? "more calls" : "",
  ].filter(Boolean);
  return misses.length > 0 ? `missed: ${misses.join(", ")}` : "met";
}
