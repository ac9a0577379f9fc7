/** Plays many histories, and reports those that fail. */
import fc from "fast-check";
import { histories } from "./generate";
import type { Feature, History } from "./history";
import type { Batch, Failure, Result } from "./messages";
import { simulate } from "./simulate";

/** Plays the histories of a batch, and shrinks the first that fails. */
export async function runBatch(batch: Batch): Promise<Result> {
  const { seed, runs, path, without, all } = batch;
  if (all) return playAll(batch);
  const property = fc.asyncProperty(histories(new Set(without as Feature[])), async (history) => {
    const { violations } = await simulate(history);
    if (violations.length > 0) throw new Error(violations.join("\n"));
  });
  const details = await fc.check(property, { seed, numRuns: runs, ...(path === undefined ? {} : { path, endOnFailure: true }) });
  if (!details.failed) return { runs: details.numRuns, failures: [] };
  const [history] = details.counterexample as [History];
  return {
    runs: details.numRuns,
    failures: [{ ...(await simulate(history)), seed, path: details.counterexamplePath as string, history }],
  };
}

async function playAll({ seed, runs, without }: Batch): Promise<Result> {
  const failures: Failure[] = [];
  for (const [index, history] of fc.sample(histories(new Set(without as Feature[])), { seed, numRuns: runs }).entries()) {
    const played = await simulate(history);
    if (played.violations.length > 0) failures.push({ ...played, seed, path: String(index), history });
  }
  return { runs, failures };
}
