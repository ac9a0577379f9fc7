import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringUp } from "../examples/fleet/fleet.mts";
import { startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { formatTable } from "../tools/harness/text-table.mts";
import { peakMemory, peakRate, timed } from "./measure.mts";

/** The figures of the example `fleet`, which has one stack per tenant. */
export interface FleetResult {
  readonly tenants: number;
  /** The number of stacks that are deployed at the same time. */
  readonly atOnce: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly step: string;
  readonly seconds: number;
  /** The duration divided by the duration for a single tenant. */
  readonly ratio: number;
  /** The number of requests to Twilio. */
  readonly calls: number;
  /** The number of requests that are not reads, in all services. */
  readonly writes: number;
  /** The highest number of writes in a second, in all services. */
  readonly peakWrites: number;
  /** The peak memory of all processes together. */
  readonly peakMib: number;
  readonly failed: number;
}

/** Twilio's limit in each service, writes per second. */
const WRITE_LIMIT = 30;

/**
 * Deploys the fleet three times and compares it with a single tenant: from nothing, with an update of each tenant that changes nothing, and
 * with a run that leaves out the tenants that are up.
 */
export async function measureFleet({ tenants, atOnce }: { tenants: number; atOnce: number }): Promise<FleetResult> {
  const [single, fleet] = [await measureTenants(1, 1), await measureTenants(tenants, atOnce)];
  return { tenants, atOnce, steps: fleet.map((step, index) => ({ ...step, ratio: step.seconds / (single[index]?.seconds ?? 0) })) };
}

async function measureTenants(tenants: number, atOnce: number): Promise<Omit<Step, "ratio">[]> {
  const folder = mkdtempSync(join(tmpdir(), "twilio-bench-fleet-"));
  const emulator = await startEmulatorProcess();
  const options = {
    tenants: Array.from({ length: tenants }, (_, index) => ({ name: `tenant-${index}`, phone: `+1555867${5310 + index}` })),
    atOnce,
    folder: join(folder, "tenants"),
    env: {
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      TWILIO_BASE_URL: emulator.url,
      TWILIO_ACCOUNT_SID: emulator.accountSid,
      TWILIO_AUTH_TOKEN: emulator.authToken,
    },
  };
  const steps: Omit<Step, "ratio">[] = [];
  try {
    for (const [step, all] of [
      ["up", false],
      ["no-op up", true],
      ["rerun", false],
    ] as const) {
      await emulator.calls();
      const run = () => peakMemory(() => bringUp({ ...options, all }), [emulator.pid]);
      const { seconds, result: rate } = await timed(() => peakRate(run, () => emulator.writes()));
      const failed = rate.result.result.filter(({ error }) => error !== undefined).length;
      const measured = { calls: await emulator.calls(), writes: rate.total, peakWrites: rate.peak, peakMib: rate.result.mib, failed };
      steps.push({ step, seconds, ...measured });
      process.stderr.write(
        `fleet of ${tenants}, ${atOnce} concurrently: ${step} ${seconds.toFixed(1)} s, ${rate.total} writes, ${rate.peak.toFixed(1)} in the busiest second\n`,
      );
    }
    return steps;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the figures as a table, and the writes beside Twilio's limit. */
export function printFleet({ tenants, atOnce, steps }: FleetResult): void {
  const head = ["fleet", "operation", "seconds", "x one tenant", "s/tenant", "calls/tenant", "writes", "writes/s", "peak", "MiB", "failed"];
  const rows = steps.map(({ step, seconds, ratio, calls, writes, peakWrites, peakMib, failed }) =>
    [
      ...[`${tenants} tenants, ${atOnce} concurrently`, step, seconds.toFixed(1), ratio.toFixed(1), (seconds / tenants).toFixed(2)],
      ...[(calls / tenants).toFixed(1), writes, (writes / seconds).toFixed(1), peakWrites.toFixed(1), peakMib, failed],
    ].map(String),
  );
  console.log(`\n${formatTable([head, ...rows])}`);
  const share = (rate: number) => `${Math.round((100 * rate) / WRITE_LIMIT)} %`;
  for (const { step, seconds, writes, peakWrites } of steps.filter(({ writes }) => writes > 0))
    console.log(
      `${step}: all services together had ${share(writes / seconds)} of the ${WRITE_LIMIT} writes a second that Twilio allows in one service, ` +
        `and ${share(peakWrites)} in the busiest second.`,
    );
}
