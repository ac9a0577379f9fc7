/** Many conversations as one resource: what each operation takes, and the targets. */
import { measureOperations } from "./operations.mts";
import { conversationSet } from "./programs.mts";
import type { Row } from "./table.mts";

/** As many requests at once as the prototype of sets had, so that latency does not hide the cost. */
const atOnce = 50;

/** The most that an operation may take, in seconds, by the number of items, with 80 ms for each request. */
const setTargets: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  500: { "preview without a change": 2, up: 4, refresh: 2.5, destroy: 3 },
  5000: { preview: 20, "preview without a change": 5, up: 20, refresh: 20, "up, each changed": 20, destroy: 20 },
};

/** State in bytes per item, and memory of all processes in MiB. */
const maxSetBytes = 250;
const maxSetMib = 500;

/** With Twilio's limit of writes, the time that these alone take. */
const maxOfIdeal = 1.05;

/** The targets that an operation on a set has missed. */
export function missesOfSet({ resources, step, seconds, calls = 0, writeLimit, bytes = 0, peakMib = 0 }: Row): string[] {
  const most = setTargets[resources]?.[step];
  // Only the writes are limited: a destroy reads the messages of each conversation first.
  const ideal = writeLimit === undefined ? undefined : Math.min(calls, resources) / writeLimit;
  return [
    ideal === undefined && most !== undefined && seconds > most ? `over ${most} s` : "",
    ideal !== undefined && seconds > maxOfIdeal * ideal ? `over ${maxOfIdeal} x the ideal of ${ideal.toFixed(0)} s` : "",
    bytes > maxSetBytes ? `over ${maxSetBytes} B` : "",
    peakMib > maxSetMib ? `over ${maxSetMib} MiB` : "",
    step === "refresh" && calls > resources / 50 ? "too many calls" : "",
  ].filter(Boolean);
}

/** Measures sets of 500 and 5,000 items, and the larger one with Twilio's limit of writes. */
export async function measureSets(engine: string, { writeLimit }: { readonly writeLimit: number }): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of [500, 5_000]) rows.push(...(await measureOperations(engine, conversationSet, { size, latencyMs: 80, atOnce })));
  const limited = { size: 5_000, latencyMs: 80, atOnce, writeLimit, steps: ["up", "destroy"] };
  rows.push(...(await measureOperations(engine, conversationSet, limited)));
  return rows;
}
