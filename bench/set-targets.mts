/** The targets of sets: many objects as one resource. */

/** The figures of one operation on a set. */
interface Figures {
  readonly resources: number;
  readonly step: string;
  readonly seconds: number;
  readonly calls?: number | undefined;
  readonly writeLimit?: number | undefined;
  readonly bytes?: number | undefined;
  readonly peakMib?: number | undefined;
}

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
export function missesOfSet({ resources, step, seconds, calls = 0, writeLimit, bytes = 0, peakMib = 0 }: Figures): string[] {
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
