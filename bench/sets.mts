/** Many conversations as one resource: what each operation takes, and the targets. */
import { measureOperations } from "./operations.mts";
import { conversationSet } from "./programs.mts";
import type { Row } from "./table.mts";

/** As many requests at once as the prototype of sets had, so that latency does not hide the cost. */
const atOnce = 50;

/** Measures sets of 500 and 5,000 items, and the larger one with Twilio's limit of writes. */
export async function measureSets(engine: string, { writeLimit }: { readonly writeLimit: number }): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of [500, 5_000]) rows.push(...(await measureOperations(engine, conversationSet, { size, latencyMs: 80, atOnce })));
  const limited = { size: 5_000, latencyMs: 80, atOnce, writeLimit, steps: ["up", "destroy"] };
  rows.push(...(await measureOperations(engine, conversationSet, limited)));
  return rows;
}
