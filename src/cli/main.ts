#!/usr/bin/env node
import { Command } from "commander";
import { byName } from "../core/process/redact";
import { archiveCommand } from "./archive";
import { chatCommand } from "./chat";
import { ciCommand } from "./ci";
import { completionCommand } from "./completion";
import { doctorCommand } from "./doctor";
import { driftCommand } from "./drift";
import { emulatorCommand } from "./emulator";
import { exitCodes } from "./exit-codes";
import { exportCommand } from "./export";
import { graphCommand } from "./graph";
import { debug, setVerbosity } from "./output";
import { tokenCommand } from "./token";
import { verifyCommand } from "./verify";
import { version } from "./version";

const program: Command = new Command("twilio-conversations")
  .description("Tools around Twilio Conversations as Pulumi resources.")
  .version(version)
  .option("--quiet", "tell nothing but results and errors: no progress, no notes")
  .option("--debug", "tell on stderr which requests are sent, without what they hold, and where an error comes from")
  .hook("preAction", () => setVerbosity(program.opts()))
  .showHelpAfterError("Run it with --help to see how it is used.")
  .addCommand(emulatorCommand())
  .addCommand(tokenCommand())
  .addCommand(chatCommand())
  .addCommand(verifyCommand())
  .addCommand(doctorCommand())
  .addCommand(driftCommand())
  .addCommand(graphCommand())
  .addCommand(exportCommand())
  .addCommand(archiveCommand())
  .addCommand(ciCommand())
  .addCommand(completionCommand());

for (const command of everyCommand(program)) command.configureHelp({ showGlobalOptions: true });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  if (error instanceof Error && error.stack) debug(byName(error.stack));
  process.exitCode = exitCodes.error;
});

function everyCommand(of: Command): Command[] {
  return [of, ...of.commands.flatMap((command) => everyCommand(command as Command))];
}
