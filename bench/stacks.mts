import { measureOperations } from "./operations.mts";
import { baselines, cases, empty, quickstart, quickstartBaseline, simplest } from "./programs.mts";
import { measureQuickstart } from "./quickstart.mts";
import { measureSets } from "./sets.mts";
import type { Row } from "./table.mts";
import { measureTerraform } from "./terraform.mts";

const TWILIO_WRITES_PER_SECOND = 30;

/** Measures `npm start`, the quickstart, and stacks of these sizes, each beside its baseline. */
export async function measureStacks(engine: string, sizes: readonly number[], latencies: readonly number[]): Promise<Row[]> {
  // The first run fills the compile cache.
  await measureOperations(engine, empty, { size: 0, latencyMs: 0, steps: ["preview"] });
  const rows: Row[] = [...measureQuickstart(), ...(await measureOperations(engine, empty, { size: 0, latencyMs: 0 }))];
  for (const item of [quickstartBaseline, quickstart])
    rows.push(...(await measureOperations(engine, item, { size: 0, latencyMs: 0, steps: ["up", "preview without a change"] })));
  for (const size of sizes) {
    // The baseline sends no requests, so latency does not affect it.
    for (const item of baselines) rows.push(...(await measureOperations(engine, item, { size, latencyMs: 0 })));
    for (const latencyMs of latencies) {
      for (const item of cases) rows.push(...(await measureOperations(engine, item, { size, latencyMs })));
    }
    const fast = { size, latencyMs: 0, checkpoints: false };
    for (const item of [baselines[0], simplest]) if (item) rows.push(...(await measureOperations(engine, item, fast)));
    rows.push(...(await measureOperations(engine, simplest, { ...fast, writeLimit: TWILIO_WRITES_PER_SECOND, steps: ["up"] })));
    const terraform = await measureTerraform(size, Math.max(0, ...latencies));
    if (typeof terraform === "string") process.stderr.write(`Terraform is not measured: ${terraform}.\n`);
    else rows.push(...terraform);
  }
  if (sizes.length > 0) rows.push(...(await measureSets(engine, { writeLimit: TWILIO_WRITES_PER_SECOND })));
  return rows;
}
