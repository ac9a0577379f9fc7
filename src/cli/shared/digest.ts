import { type CliRun, errorTextOf } from "./engine";
import { stepsWithItems } from "./items";
import type { Digest } from "./steps";

/** Reads what the CLI printed with `--json`, with a step for each item of a set; `undefined` where it is something else. */
export function readDigest(text: string): Digest | undefined {
  try {
    const found = JSON.parse(text) as Partial<Digest> | null;
    if (typeof found !== "object" || found === null) return;
    // A refresh of a stack without resources prints its duration only.
    if (!["changeSummary", "steps", "diagnostics", "duration"].some((key) => key in found)) return;
    const { steps = [], diagnostics = [], changeSummary } = found;
    const omitted = Math.max(0, (changeSummary?.same ?? 0) - steps.filter(({ op }) => op === "same").length);
    return { ...found, steps: stepsWithItems(steps, diagnostics), diagnostics, omitted };
  } catch {
    return undefined;
  }
}

/** What the engine reported, each message once and on one line. */
function linesIn({ diagnostics }: Pick<Digest, "diagnostics">, wanted: "error" | "warning"): string[] {
  const found = diagnostics.filter(({ severity }) => severity === wanted).map(({ message }) => message.replace(`${wanted}: `, ""));
  return [...new Set(found.map((message) => message.replace(/\s*\n\s*/g, " ").trim()))];
}

/** The errors that the engine reported. */
export const errorsIn = (digest: Pick<Digest, "diagnostics">): string[] =>
  linesIn(digest, "error").filter((message) => message !== "preview failed");

/** The warnings of the engine and of the providers. */
export const warningsIn = (digest: Pick<Digest, "diagnostics">): string[] => linesIn(digest, "warning");

/** Why a run with `--json` failed: the errors in its JSON, or else on standard error. */
export function whyFailed(run: CliRun | undefined): string {
  if (run === undefined) return "there is no `pulumi` on the PATH";
  const digest = readDigest(run.stdout);
  return (digest && errorsIn(digest).join("; ")) || errorTextOf(run) || `pulumi exited with code ${run.code}`;
}
