// npm run torture [-- --seed 1 --only faults,scenarios,kills --kills 100 --quick --json --out tools/torture/results/latest.json]
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { ensureEngine } from "../engine/engine.mts";
import { seeded } from "../harness/random.mts";
import { allCases, type FaultResult, runFaultMatrix } from "./fault-matrix.mts";
import { type KillResult, runKills } from "./kills.mts";
import { listProblems, printable, type Results } from "./report.mts";
import { runScenario, type ScenarioResult } from "./scenario.mts";
import { scenarios } from "./scenarios.mts";
import { closeTestbeds, type TestbedOptions } from "./testbed.mts";

const { values } = parseArgs({
  options: {
    // The seed is printed, so that a run without this option can be repeated.
    seed: { type: "string", default: String(Date.now() % 100_000) },
    // Parts, or words in the names of scenarios.
    only: { type: "string", default: "faults,scenarios,kills" },
    kills: { type: "string" },
    // Shortens long faults and reduces the number of kills.
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    out: { type: "string", default: join(import.meta.dirname, "results", "latest.json") },
  },
});
const { quick, json, out } = values;
const seed = Number(values.seed);
const count = Number(values.kills ?? (quick ? 10 : 100));
const only = values.only.split(",");
const chosen = scenarios.map((scenario, index) => ({ scenario, index })).filter(({ scenario }) => isChosen(scenario.name));
const parts = ["faults", "scenarios", "kills"];
const unknown = only.filter((part) => !parts.includes(part) && !scenarios.some(({ name }) => name.includes(part)));
if (unknown.length > 0)
  throw new Error(`--only must be ${parts.join(", ")} or words in the name of a scenario, but is ${unknown.join(", ")}.`);
if (![seed, count].every(Number.isInteger)) throw new Error("--seed and --kills must be integers.");

// A permanent listener: without one, the SDK's listener would end the process immediately.
process.on("SIGINT", () => void closeTestbeds().finally(() => process.exit(130)));

const engine = await ensureEngine();
const options: TestbedOptions = quick ? { engine, config: { "twilio:callTimeout": "1" } } : { engine };
const durations = quick ? { slowMs: 3000, refusedSeconds: 3 } : { slowMs: 60_000, refusedSeconds: 30 };
const faults: FaultResult[] = [];
const scenarioResults: ScenarioResult[] = [];
const kills: KillResult[] = [];
say(`seed ${seed}`);

if (only.includes("faults")) {
  await runFaultMatrix(allCases(durations), options, (result) => {
    faults.push(result);
    progress(`${result.fault} × ${result.operation}`, result);
  });
}
for (const { scenario, index } of chosen) {
  const result = await runScenario(scenario, options, seeded(seed + index));
  scenarioResults.push(result);
  progress(result.scenario, result);
}
if (only.includes("kills")) {
  for (const checkpoints of [true, false]) {
    const half = checkpoints ? Math.ceil(count / 2) : Math.floor(count / 2);
    await runKills({ count: half, random: seeded(seed + Number(checkpoints)), checkpoints }, options, (result) => {
      kills.push(result);
      progress(`kill ${kills.length} of ${count}: ${result.victim}, ${result.operation}, after ${result.writes} writes`, result);
    });
  }
}

const results: Results = { seed, faults, kills, scenarios: scenarioResults };
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
const problems = listProblems(results);
console.log(json ? JSON.stringify(results) : [printable(results), ...problems].join("\n"));
process.exitCode = problems.length === 0 ? 0 : 1;

function isChosen(name: string): boolean {
  return only.some((part) => part === "scenarios" || name.includes(part));
}

function progress(what: string, { seconds, ups, extraSteps, problems }: FaultResult | ScenarioResult | KillResult): void {
  const more = [...(ups > 0 ? [`${ups} more up`] : []), ...extraSteps].join(", ");
  say(`${what}: ${problems.length === 0 ? "ok" : problems.join("; ")} (${seconds.toFixed(1)} s${more && `; ${more}`})`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
