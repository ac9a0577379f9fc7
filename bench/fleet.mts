import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringUp } from "../examples/fleet/fleet.mts";
import { startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { formatTable } from "../tools/harness/text-table.mts";
import { peakMemory, timed } from "./measure.mts";

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
  /** The peak memory of all processes together. */
  readonly peakMib: number;
  readonly failed: number;
}

/** Deploys the fleet twice, the second time without a change, and compares it with a single tenant. */
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
    env: {
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
    config: {
      "twilio:baseUrl": { value: emulator.url },
      "twilio:accountSid": { value: emulator.accountSid },
      "twilio:authToken": { value: emulator.authToken, secret: true },
    },
  };
  const steps: Omit<Step, "ratio">[] = [];
  try {
    for (const step of ["up", "no-op up"]) {
      await emulator.calls();
      const { seconds, result } = await timed(() => peakMemory(() => bringUp(options), [emulator.pid]));
      const failed = result.result.filter(({ error }) => error !== undefined).length;
      steps.push({ step, seconds, calls: await emulator.calls(), peakMib: result.mib, failed });
      process.stderr.write(`fleet of ${tenants}, ${atOnce} concurrently: ${step} ${seconds.toFixed(1)} s\n`);
    }
    return steps;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the figures as a table. */
export function printFleet({ tenants, atOnce, steps }: FleetResult): void {
  const head = ["fleet", "operation", "seconds", "x one tenant", "s/tenant", "calls/tenant", "peak MiB", "failed"];
  const rows = steps.map(({ step, seconds, ratio, calls, peakMib, failed }) =>
    [
      ...[`${tenants} tenants, ${atOnce} concurrently`, step, seconds.toFixed(1), ratio.toFixed(1), (seconds / tenants).toFixed(1)],
      ...[(calls / tenants).toFixed(1), peakMib, failed],
    ].map(String),
  );
  console.log(`\n${formatTable([head, ...rows])}`);
}
