import { Command } from "commander";
import { exitCodes } from "../../shared/exit-codes";
import { print } from "../../shared/output";

interface DriftOptions {
  stack?: string;
  fix?: true;
  json?: true;
}

/** `twilio-conversations drift`: compares a stack with Twilio. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("Show what differs at Twilio from what the stack declares, and which side wins. Changes nothing without --fix.")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--fix", "repair it: run `pulumi up --refresh` with the program in this folder, and compare again")
    .option("--json", "print the result as one JSON object; with --fix, the engine's output goes to stderr")
    .addHelpText(
      "after",
      `
Exits with 0 if there is no drift (any more), with 2 if there is, and with 1 if the comparison fails.

Examples:
  $ twilio-conversations drift
  $ twilio-conversations drift --stack prod --json > drift.json
  $ twilio-conversations drift --stack staging --fix`,
    )
    .action(run);
}

async function run({ stack, fix, json }: DriftOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ findDrift, repair }, { describe }] = await Promise.all([import("./drift"), import("./report")]);
  const found = await findDrift(stack);
  const result = fix && found.drift ? await repair(stack, found, json ? process.stderr : process.stdout) : found;
  print(json ? `${JSON.stringify(result)}\n` : describe(result));
  if (result.drift) process.exitCode = exitCodes.found;
}
