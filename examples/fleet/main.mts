// node examples/fleet/main.mts [--tenants 20] [--at-once 4] [--folder .fleet] [--unlock] [--json]
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
    unlock: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const folder = resolve(values.folder);
await mkdir(folder, { recursive: true });

// Replace this with your list of customers.
const tenants: Tenant[] = Array.from({ length: Number(values.tenants) }, (_, index) => ({
  name: `tenant-${String(index + 1).padStart(2, "0")}`,
  phone: `+1555867${5310 + index}`,
}));

// All tenants share one account, here the emulator's. For your own account, remove this and configure its SID and key.
const twilio = await startEmulator({ stateDir: `${folder}/twilio` });
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());

let endedCount = 0;
const report = (text: string) => process.stderr.write(`[${endedCount}/${tenants.length}] ${text}\n`);
const startedAt = performance.now();
const outcomes = await bringUp({
  tenants,
  atOnce: Number(values["at-once"]),
  env: { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE ?? "local-twilio" },
  config: {
    "twilio:baseUrl": { value: twilio.url },
    "twilio:accountSid": { value: twilio.accountSid },
    "twilio:authToken": { value: twilio.authToken, secret: true },
  },
  unlock: values.unlock,
  signal: interrupted.signal,
  onBegin: (name) => report(`${name} …`),
  onEnd(outcome) {
    endedCount += 1;
    report(describe(outcome));
  },
});
await twilio.close();

const failed = outcomes.filter(({ error }) => error !== undefined);
const seconds = (performance.now() - startedAt) / 1000;
if (values.json) console.log(JSON.stringify({ seconds, outcomes }));
else
  console.log(
    `${outcomes.length - failed.length} of ${tenants.length} tenants are up, ${failed.length} failed, in ${seconds.toFixed(1)} s.`,
  );
if (outcomes.length - failed.length < tenants.length) {
  console.error("Run the command again for the remaining tenants. Tenants that are up are not changed.");
  process.exitCode = 1;
}

function describe({ name, seconds, changes = {}, error }: Outcome): string {
  const done = Object.entries(changes).map(([what, count]) => `${count} ${what}`);
  return `${name}: ${error === undefined ? done.join(", ") : `FAILED: ${error}`} (${seconds.toFixed(1)} s)`;
}
