// npm run bench [-- --sizes 10,100,500 --latencies 0,80 --clients 100 --messages 5000 --tenants 20 --at-once 4 --out bench/results/latest.json]; --sizes "" measures chat and fleet alone
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { ensureEngine } from "../tools/engine/engine.mts";
import { startTwilio } from "../tools/lab/emulator.mts";
import { chat, printChat } from "./chat.mts";
import { measureFleet, printFleet } from "./fleet.mts";
import { peakMemory, stateBytes, timed } from "./measure.mts";
import { type Case, cases, floors } from "./programs.mts";
import { quickstart } from "./quickstart.mts";
import { print, type Row } from "./table.mts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { LocalWorkspace } = createRequire(import.meta.url)(
  "@pulumi/pulumi/automation",
) as typeof import("@pulumi/pulumi/automation/index.js");

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "10,100,500" },
    latencies: { type: "string", default: "0,80" },
    clients: { type: "string", default: "100" },
    messages: { type: "string", default: "5000" },
    tenants: { type: "string", default: "20" },
    "at-once": { type: "string", default: "4" },
    out: { type: "string", default: join(root, "bench", "results", "latest.json") },
  },
});
const numbers = (list: string) => (list === "" ? [] : list.split(",").map(Number));
// The Automation API asks for the CLI's version before it looks at any stack's environment.
process.env.PATH = `${await ensureEngine()}${delimiter}${process.env.PATH ?? ""}`;
const rows: Row[] = values.sizes === "" ? [] : quickstart();

for (const size of numbers(values.sizes)) {
  // The engine alone knows no latency.
  for (const item of floors) rows.push(...(await measure(item, size, 0)));
  for (const latencyMs of numbers(values.latencies)) for (const item of cases) rows.push(...(await measure(item, size, latencyMs)));
}
print(rows);
const talk = await chat({ clients: Number(values.clients), messages: Number(values.messages) });
printChat(talk);
const fleet = await measureFleet({ tenants: Number(values.tenants), atOnce: Number(values["at-once"]) });
printFleet(fleet);
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify({ rows, chat: talk, fleet }, null, 2)}\n`);
// The SDK keeps timers running after it was shut down.
setImmediate(() => process.exit());

/** One stack through its whole life. */
async function measure(item: Case, size: number, latencyMs: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "twilio-bench-"));
  const twilio = item.twilio ? await startTwilio({ latencyMs }) : undefined;
  const found: Row[] = [];
  try {
    const stack = await LocalWorkspace.createOrSelectStack(
      { projectName: "bench", stackName: "dev", program: item.program(size, 1) },
      {
        envVars: {
          PULUMI_BACKEND_URL: `file://${folder}`,
          PULUMI_HOME: join(folder, "home"),
          PULUMI_CONFIG_PASSPHRASE: "bench",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
      },
    );
    if (twilio) {
      await stack.setAllConfig({
        "twilio:baseUrl": { value: twilio.url },
        "twilio:accountSid": { value: twilio.accountSid },
        "twilio:authToken": { value: twilio.authToken, secret: true },
      });
    }
    const next = (revision: number) => {
      stack.workspace.program = item.program(size, revision);
    };
    const steps: [name: string, run: (stack: Stack) => Promise<unknown>][] = [
      ["preview", (it) => it.preview()],
      ["up", (it) => it.up()],
      ["no-op up", (it) => it.up()],
      ["refresh", (it) => it.refresh()],
      ["up, each changed", (it) => it.up()],
      ["destroy", (it) => it.destroy()],
    ];
    for (const [step, run] of steps) {
      if (step === "up, each changed") next(2);
      await twilio?.calls();
      const { seconds, result } = await timed(() => peakMemory(() => run(stack), twilio ? [twilio.pid] : []));
      const bytes = step === "up" ? Math.round(stateBytes(folder, "bench", "dev") / item.resources(size)) : undefined;
      const calls = (await twilio?.calls()) ?? 0;
      found.push({ case: item.name, resources: item.resources(size), latencyMs, step, seconds, calls, peakMib: result.mib, bytes });
      process.stderr.write(
        `${item.name}, ${item.resources(size)} resources, ${latencyMs} ms: ${step} ${seconds.toFixed(1)} s, ${calls} calls\n`,
      );
    }
    return found;
  } finally {
    await twilio?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
