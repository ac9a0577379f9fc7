#!/usr/bin/env node
import { Command } from "commander";
import { byName } from "../core/process/redact";
import { archiveCommand } from "./commands/archive/command";
import { chatCommand } from "./commands/chat/command";
import { ciCommand } from "./commands/ci/command";
import { completionCommand } from "./commands/completion/command";
import { doctorCommand } from "./commands/doctor/command";
import { driftCommand } from "./commands/drift/command";
import { emulatorCommand } from "./commands/emulator/command";
import { exportCommand } from "./commands/export/command";
import { graphCommand } from "./commands/graph/command";
import { tokenCommand } from "./commands/token/command";
import { verifyCommand } from "./commands/verify/command";
import { exitCodes } from "./shared/exit-codes";
import { debug, setVerbosity } from "./shared/output";
import { packageInfo } from "./shared/package-info";

const program: Command = new Command("twilio-conversations")
  .description("Tools around Twilio Conversations as Pulumi resources.")
  .version(packageInfo.version)
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
