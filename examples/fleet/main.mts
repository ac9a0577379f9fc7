// node examples/fleet/main.mts [--tenants 20] [--at-once 4] [--folder .fleet] [--all] [--unlock] [--json]
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startEmulator } from "pulumi-twilio-conversations/emulator";
import { bringUp } from "./fleet.mts";
import type { Outcome } from "./one.mts";
import type { Tenant } from "./tenant.mts";

const { values } = parseArgs({
  options: {
    tenants: { type: "string", default: "20" },
    "at-once": { type: "string", default: "4" },
    folder: { type: "string", default: ".fleet" },
    all: { type: "boolean", default: false },
    unlock: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const folder = resolve(values.folder);
await mkdir(folder, { recursive: true, mode: 0o700 });

// Replace this with your list of customers.
const tenants: Tenant[] = Array.from({ length: Number(values.tenants) }, (_, index) => ({
  name: `tenant-${String(index + 1).padStart(2, "0")}`,
  phone: `+1555867${5310 + index}`,
}));

// All tenants share one account, here the emulator's and not one of the shell. For your own account, remove this and use its SID and key.
const twilio = await startEmulator({ stateDir: `${folder}/twilio` });
for (const name of Object.keys(process.env)) if (name.startsWith("TWILIO_")) delete process.env[name];
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

let endedCount = 0;
const report = (text: string) => process.stderr.write(`[${endedCount}/${tenants.length}] ${text}\n`);
const startedAt = performance.now();
const outcomes = await bringUp({
  tenants,
  atOnce: Number(values["at-once"]),
  folder: `${folder}/tenants`,
  env: {
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE ?? "local-twilio",
    TWILIO_BASE_URL: twilio.url,
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
  },
  all: values.all,
  unlock: values.unlock,
  signal: interrupted.signal,
  onBegin: (name) => report(`${name} …`),
  onEnd(outcome) {
    endedCount += 1;
    report(describe(outcome));
  },
});
const seconds = (performance.now() - startedAt) / 1000;
const writes = await countWrites();
await twilio.close();

const failed = outcomes.filter(({ error }) => error !== undefined);
const up = outcomes.length - failed.length;
if (values.json) console.log(JSON.stringify({ seconds, writes, writesPerSecond: writes / seconds, outcomes }));
else {
  const notStarted = tenants.length - outcomes.length;
  console.log(
    `${up} of ${tenants.length} tenants are up, ${failed.length} failed, ${notStarted} did not start, in ${seconds.toFixed(1)} s.`,
  );
  console.log(`${writes} writes to Twilio, ${(writes / seconds).toFixed(1)} a second. Twilio's limit is 30 a second in each service.`);
}
for (const { name, error, log } of failed) console.error(`${name}: ${error}\n  log: ${log}`);
if (up < tenants.length) {
  console.error("Run the command again for the remaining tenants. Tenants that are up are not changed.");
  process.exitCode = 1;
}

function describe({ name, seconds, changes = {}, error, upToDate }: Outcome): string {
  if (upToDate) return `${name}: up to date`;
  const done = Object.entries(changes).map(([what, count]) => `${count} ${what}`);
  return `${name}: ${error === undefined ? done.join(", ") : `FAILED: ${error}`} (${seconds.toFixed(1)} s)`;
}

/** The emulator counts the requests of this run. */
async function countWrites(): Promise<number> {
  const { calls } = (await (await fetch(`${twilio.url}/_emulator/calls`)).json()) as { calls: { method: string; count: number }[] };
  return calls.reduce((sum, { method, count }) => (method === "GET" ? sum : sum + count), 0);
}
