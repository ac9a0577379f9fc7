import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringUp } from "../examples/fleet/fleet.mts";
import { columns } from "../tools/lab/columns.mts";
import { startTwilio } from "../tools/lab/emulator.mts";
import { peakMemory, timed } from "./measure.mts";

/** The example's fleet: a stack for each tenant, some at once. */
export interface Fleet {
  readonly tenants: number;
  readonly atOnce: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly step: string;
  readonly seconds: number;
  /** To what one tenant alone took in the same step. */
  readonly ratio: number;
  /** Requests to Twilio. */
  readonly calls: number;
  /** All processes together. */
  readonly peakMib: number;
  readonly failed: number;
}

/** Brings the fleet up from nothing and again without a change, beside one tenant alone. */
export async function measureFleet({ tenants, atOnce }: { tenants: number; atOnce: number }): Promise<Fleet> {
  const [alone, fleet] = [await life(1, 1), await life(tenants, atOnce)];
  return { tenants, atOnce, steps: fleet.map((step, index) => ({ ...step, ratio: step.seconds / (alone[index]?.seconds ?? 0) })) };
}

async function life(tenants: number, atOnce: number): Promise<Omit<Step, "ratio">[]> {
  const folder = mkdtempSync(join(tmpdir(), "twilio-bench-fleet-"));
  const twilio = await startTwilio();
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
      "twilio:baseUrl": { value: twilio.url },
      "twilio:accountSid": { value: twilio.accountSid },
      "twilio:authToken": { value: twilio.authToken, secret: true },
    },
  };
  const steps: Omit<Step, "ratio">[] = [];
  try {
    for (const step of ["up", "no-op up"]) {
      await twilio.calls();
      const { seconds, result } = await timed(() => peakMemory(() => bringUp(options), [twilio.pid]));
      const failed = result.result.filter(({ error }) => error !== undefined).length;
      steps.push({ step, seconds, calls: await twilio.calls(), peakMib: result.mib, failed });
      process.stderr.write(`fleet of ${tenants}, ${atOnce} at once: ${step} ${seconds.toFixed(1)} s\n`);
    }
    return steps;
  } finally {
    await twilio.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints the figures for people. */
export function printFleet({ tenants, atOnce, steps }: Fleet): void {
  const head = ["fleet", "operation", "seconds", "x one alone", "s/tenant", "calls/tenant", "peak MiB", "failed"];
  const rows = steps.map(({ step, seconds, ratio, calls, peakMib, failed }) =>
    [
      ...[`${tenants} tenants, ${atOnce} at once`, step, seconds.toFixed(1), ratio.toFixed(1), (seconds / tenants).toFixed(1)],
      ...[(calls / tenants).toFixed(1), peakMib, failed],
    ].map(String),
  );
  console.log(`\n${columns([head, ...rows])}`);
}
