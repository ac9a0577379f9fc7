// npm run bench [-- --sizes 10,100,500 --latencies 0,80 --clients 100 --messages 5000 --requests 10000 --minutes 60 --records 100000 --tenants 20 --at-once 4 --only-stacks --out bench/results/latest.json]; --sizes "" leaves the table of operations out, --only-stacks everything else
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureEngine } from "../tools/engine/engine.mts";
import { measureChat, printChat } from "./chat.mts";
import { measureFleet, printFleet } from "./fleet.mts";
import { measureKinds, printKinds } from "./kinds.mts";
import { measureLoad, printLoad } from "./load.mts";
import { measureStacks } from "./stacks.mts";
import { printTable } from "./table.mts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

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
    "only-stacks": { type: "boolean", default: false },
    out: { type: "string", default: join(root, "bench", "results", "latest.json") },
  },
});
const numbers = (list: string) => (list === "" ? [] : list.split(",").map(Number));
const engine = await ensureEngine();
process.env.PATH = `${engine}${delimiter}${process.env.PATH ?? ""}`;
const rows = values.sizes === "" ? [] : await measureStacks(engine, numbers(values.sizes), numbers(values.latencies));
printTable(rows);
if (values["only-stacks"]) {
  save({ rows });
  process.exit();
}
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
save({ rows, kinds, chat, load, fleet });
// The SDK keeps timers running after its shutdown.
setImmediate(() => process.exit());

function save(figures: object): void {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(figures, null, 2)}\n`);
}
