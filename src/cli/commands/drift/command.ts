import { Command } from "commander";
import { exitCodes } from "../../shared/exit-codes";

interface DriftOptions {
  stack?: string;
  fix?: true;
  json?: true;
}

/** `twilio-conversations drift`: what is at Twilio otherwise than the stack declares it. */
export function driftCommand(): Command {
  return new Command("drift")
    .description("Show what is at Twilio otherwise than the stack declares it, and who wins. Changes nothing, unless --fix is given.")
    .option("--stack <name>", "the stack of the project in this folder (default: the one that is selected)")
    .option("--fix", "repair it: run `pulumi up --refresh`, which runs the program as it is in this folder, and look again")
    .option("--json", "print what was found as one JSON object; with --fix, what the engine says goes to stderr")
    .addHelpText(
      "after",
      `
Exits with 0 when there is no drift (any more), with 2 when there is, with 1 when it cannot be told.

Examples:
  $ twilio-conversations drift
  $ twilio-conversations drift --stack prod --json > drift.json
  $ twilio-conversations drift --stack staging --fix`,
    )
    .action(run);
}

async function run({ stack, fix, json }: DriftOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const [{ findDrift, repair }, { describe }] = await Promise.all([import("./drift"), import("./report")]);
  const found = await findDrift(stack);
  const result = fix && found.drift ? await repair(stack, found, json ? process.stderr : process.stdout) : found;
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : describe(result));
  if (result.drift) process.exitCode = exitCodes.found;
}
