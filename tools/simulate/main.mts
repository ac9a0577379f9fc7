// npm run simulate -- [--runs 10000] [--seed 1] [--path 12:0:3] [--without "kill;late"] [--all]
import { fork } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";
import type { Batch, Failure, Result } from "../../test/simulation/messages.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    // The seed is printed, so that a run without this option can be repeated.
    seed: { type: "string", default: String(Date.now() % 100_000) },
    path: { type: "string" },
    without: { type: "string", default: "" },
    // Plays on after a failure, and lists every kind of failure once.
    all: { type: "boolean", default: false },
  },
});
const root = join(import.meta.dirname, "../..");
const [runs, seed] = [Number(values.runs), Number(values.seed)];
if (![runs, seed].every(Number.isInteger)) throw new Error("--runs and --seed must be integers.");
const without = values.without.split(";").filter(Boolean);
// Small enough that a failure appears soon; each batch has a seed of its own.
const perBatch = 250;

process.exitCode = await main();

async function main(): Promise<number> {
  const worker = await bundle();
  const batches: Batch[] =
    values.path === undefined
      ? Array.from({ length: Math.ceil(runs / perBatch) }, (_, index) => ({
          seed: seed + index,
          runs: Math.min(perBatch, runs - index * perBatch),
          without,
          all: values.all,
        }))
      : [{ seed, runs: 1, path: values.path, without, all: false }];
  const begun = performance.now();
  const results: Result[] = [];
  const next = async (index: number): Promise<void> => {
    const child = fork(worker, [], { execArgv: ["--enable-source-maps"], cwd: root });
    for (
      let batch = batches.shift();
      batch && (values.all || results.every(({ failures }) => failures.length === 0));
      batch = batches.shift()
    ) {
      const answer = new Promise<Result>((resolve, reject) => {
        child.once("message", (result) => resolve(result as Result));
        child.once("exit", (code) => reject(new Error(`Worker ${index} ended with code ${code}.`)));
      });
      child.send(batch);
      const result = await answer;
      child.removeAllListeners("exit");
      results.push(result);
    }
    child.kill();
  };
  const workers = values.path === undefined ? Math.min(availableParallelism(), batches.length) : 1;
  await Promise.all(Array.from({ length: workers }, (_, index) => next(index)));
  const count = results.reduce((sum, result) => sum + result.runs, 0);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${count} histories in ${seconds.toFixed(0)} s, seed ${seed}.`);
  const failures = results.flatMap((result) => result.failures);
  if (values.all) for (const [violation, failure] of oneOfEachKind(failures)) console.log(`\n${violation}\n${replay(failure)}`);
  else for (const failure of failures.slice(0, 1)) show(failure);
  return failures.length > 0 ? 1 : 0;
}

function show(failure: Failure): void {
  const { history, violations, story } = failure;
  console.log(`\n${JSON.stringify(history, null, 2)}\n\n${story}\n\n${violations.join("\n")}\n${replay(failure)}`);
}

function replay({ seed: ofBatch, path }: Failure): string {
  return `Replay: npm run simulate -- --seed ${ofBatch} --path ${path}${values.without ? ` --without "${values.without}"` : ""}`;
}

/** Violations that differ in names and SIDs only are of one kind. */
function oneOfEachKind(failures: readonly Failure[]): Map<string, Failure> {
  const kinds = new Map<string, [string, Failure]>();
  for (const failure of failures) {
    for (const violation of failure.violations) {
      const kind = violation.replace(/\b[A-Z]{2}[0-9a-f]{32}\b|\+1\d+|\b[ABC]\b|::[a-z-]+-[abc]\b|:(dev|prod)2?:/g, "…");
      if (!kinds.has(kind)) kinds.set(kind, [violation, failure]);
    }
  }
  return new Map(kinds.values());
}

/** One file, because the sources cannot be run as they are. */
async function bundle(): Promise<string> {
  const file = join(root, "node_modules", ".cache", `simulate-${process.pid}.cjs`);
  process.once("exit", () => rmSync(file, { force: true }));
  const input = join(root, "test", "simulation", "worker.ts");
  const built = await rolldown({ input, cwd: root, platform: "node", external: [/^[^./]/] });
  await built.write({ file, format: "cjs", codeSplitting: false, sourcemap: "inline" });
  await built.close();
  return file;
}
