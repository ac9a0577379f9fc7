// npm run torture [-- --seed 1 --only faults,kills,incidents --kills 100 --quick --json --out tools/torture/results/latest.json]
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ensureEngine } from "../engine/engine.mts";
import { type Cell, faultsOf, operations, tortureByFaults } from "./faults.mts";
import { incidents, type Survived, survive } from "./incidents.mts";
import { type Kill, tortureByKills } from "./kills.mts";
import { closeLabs, type LabOptions } from "./lab.mts";
import { seeded } from "./random.mts";
import { describe, type Results, troubles } from "./table.mts";

const { values } = parseArgs({
  options: {
    // Whoever names none is told which one it was.
    seed: { type: "string", default: String(Date.now() % 100_000) },
    only: { type: "string", default: "faults,incidents,kills" },
    kills: { type: "string" },
    // Long faults are short, and kills few.
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    out: { type: "string", default: join(import.meta.dirname, "results", "latest.json") },
  },
});
const { quick, json, out } = values;
const seed = Number(values.seed);
const count = Number(values.kills ?? (quick ? 10 : 100));
const only = values.only.split(",");
if (![seed, count].every(Number.isInteger)) throw new Error("--seed and --kills are whole numbers");

// Stays: with no listener left, the SDK's own would end the process at once.
process.on("SIGINT", () => void closeLabs().finally(() => process.exit(130)));

const engine = await ensureEngine();
const options: LabOptions = quick ? { engine, config: { "twilio:callTimeout": "1" } } : { engine };
const lengths = quick ? { slowMs: 3000, refusedSeconds: 3 } : { slowMs: 60_000, refusedSeconds: 30 };
const faults: Cell[] = [];
const survived: Survived[] = [];
const kills: Kill[] = [];
say(`seed ${seed}`);

if (only.includes("faults")) {
  const cells = faultsOf(lengths).flatMap((fault) => operations.map((operation) => [fault, operation] as const));
  await tortureByFaults(cells, options, (cell) => {
    faults.push(cell);
    progress(`${cell.fault} × ${cell.operation}`, cell);
  });
}
if (only.includes("incidents")) {
  for (const [index, incident] of incidents.entries()) {
    const one = await survive(incident, options, seeded(seed + index));
    survived.push(one);
    progress(one.incident, one);
  }
}
if (only.includes("kills")) {
  for (const checkpoints of [true, false]) {
    const half = checkpoints ? Math.ceil(count / 2) : Math.floor(count / 2);
    await tortureByKills({ count: half, random: seeded(seed + Number(checkpoints)), checkpoints }, options, (kill) => {
      kills.push(kill);
      progress(`kill ${kills.length} of ${count}: ${kill.victim}, ${kill.operation}, after ${kill.writes} writes`, kill);
    });
  }
}

const results: Results = { seed, faults, kills, incidents: survived };
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
const wrong = troubles(results);
console.log(json ? JSON.stringify(results) : [describe(results), ...wrong].join("\n"));
process.exitCode = wrong.length === 0 ? 0 : 1;

function progress(what: string, { seconds, ups, asked, wrong }: Cell | Survived | Kill): void {
  const more = [...(ups > 0 ? [`${ups} more up`] : []), ...asked].join(", ");
  say(`${what}: ${wrong.length === 0 ? "ok" : wrong.join("; ")} (${seconds.toFixed(1)} s${more && `; ${more}`})`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
