// npm run bench [-- --sizes 10,100,500 --latencies 0,80 --clients 100 --messages 5000 --requests 10000 --minutes 60 --records 100000 --tenants 20 --at-once 4 --out bench/results/latest.json]; --sizes "" leaves the table of operations out
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { ensureEngine } from "../tools/engine/engine.mts";
import { startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { measureChat, printChat } from "./chat.mts";
import { measureFleet, printFleet } from "./fleet.mts";
import { measureKinds, printKinds } from "./kinds.mts";
import { measureLoad, printLoad } from "./load.mts";
import { peakMemory, stateBytes, timed } from "./measure.mts";
import { baselines, type Case, cases } from "./programs.mts";
import { measureQuickstart } from "./quickstart.mts";
import { printTable, type Row } from "./table.mts";

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
    requests: { type: "string", default: "10000" },
    minutes: { type: "string", default: "60" },
    records: { type: "string", default: "100000" },
    tenants: { type: "string", default: "20" },
    "at-once": { type: "string", default: "4" },
    out: { type: "string", default: join(root, "bench", "results", "latest.json") },
  },
});
const numbers = (list: string) => (list === "" ? [] : list.split(",").map(Number));
// The Automation API runs `pulumi version` before it applies the environment of a stack.
const engine = await ensureEngine();
process.env.PATH = `${engine}${delimiter}${process.env.PATH ?? ""}`;
const rows: Row[] = values.sizes === "" ? [] : measureQuickstart();

for (const size of numbers(values.sizes)) {
  // The baseline sends no requests, so latency does not affect it.
  for (const item of baselines) rows.push(...(await measure(item, size, 0)));
  for (const latencyMs of numbers(values.latencies)) for (const item of cases) rows.push(...(await measure(item, size, latencyMs)));
}
printTable(rows);
const kinds = await measureKinds(engine);
printKinds(kinds);
const chat = [
  await measureChat({ clients: Number(values.clients), messages: Number(values.messages), conversations: 1 }),
  await measureChat({ clients: 500, messages: 20, conversations: 50 }),
];
printChat(chat);
const load = await measureLoad({ requests: Number(values.requests), minutes: Number(values.minutes), records: Number(values.records) });
printLoad(load);
const fleet = await measureFleet({ tenants: Number(values.tenants), atOnce: Number(values["at-once"]) });
printFleet(fleet);
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify({ rows, kinds, chat, load, fleet }, null, 2)}\n`);
// The SDK keeps timers running after its shutdown.
setImmediate(() => process.exit());

/** Measures each operation of one stack, from the first preview to the destroy. */
async function measure(item: Case, size: number, latencyMs: number): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "twilio-bench-"));
  const emulator = item.usesTwilio ? await startEmulatorProcess({ latencyMs }) : undefined;
  const measured: Row[] = [];
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
    if (emulator) {
      await stack.setAllConfig({
        "twilio:baseUrl": { value: emulator.url },
        "twilio:accountSid": { value: emulator.accountSid },
        "twilio:authToken": { value: emulator.authToken, secret: true },
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
      await emulator?.calls();
      const { seconds, result } = await timed(() => peakMemory(() => run(stack), emulator ? [emulator.pid] : []));
      const bytes = step === "up" ? Math.round(stateBytes(folder, "bench", "dev") / item.resources(size)) : undefined;
      const calls = (await emulator?.calls()) ?? 0;
      measured.push({ case: item.name, resources: item.resources(size), latencyMs, step, seconds, calls, peakMib: result.mib, bytes });
      process.stderr.write(
        `${item.name}, ${item.resources(size)} resources, ${latencyMs} ms: ${step} ${seconds.toFixed(1)} s, ${calls} calls\n`,
      );
    }
    return measured;
  } finally {
    await emulator?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
