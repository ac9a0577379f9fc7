#!/usr/bin/env node
import { Command } from "commander";
import { byName } from "../core/process/redact";
import { archiveCommand } from "./commands/archive/command";
import { chatCommand } from "./commands/chat/command";
import { ciCommand } from "./commands/ci/command";
import { completionCommand } from "./commands/completion/command";
import { conformanceCommand } from "./commands/conformance/command";
import { doctorCommand } from "./commands/doctor/command";
import { driftCommand } from "./commands/drift/command";
import { emulatorCommand } from "./commands/emulator/command";
import { exportCommand } from "./commands/export/command";
import { graphCommand } from "./commands/graph/command";
import { logsCommand } from "./commands/logs/command";
import { replayCommand } from "./commands/replay/command";
import { snapshotCommand } from "./commands/snapshot/command";
import { textCommand } from "./commands/text/command";
import { tokenCommand } from "./commands/token/command";
import { triggerCommand } from "./commands/trigger/command";
import { verifyCommand } from "./commands/verify/command";
import { exitCodes } from "./shared/exit-codes";
import { debug, printError, setVerbosity } from "./shared/output";
import { packageInfo } from "./shared/package-info";

const program: Command = new Command("twilio-conversations")
  .description("Tools for Twilio Conversations as Pulumi resources.")
  .version(packageInfo.version)
  .option("--quiet", "print results and errors only: no progress, no notes")
  .option("--debug", "print each request to stderr, without its contents, and the stack trace of an error")
  .hook("preAction", () => setVerbosity(program.opts()))
  .showHelpAfterError("Run the command with --help to see its usage.")
  .addCommand(emulatorCommand())
  .addCommand(replayCommand())
  .addCommand(textCommand())
  .addCommand(logsCommand())
  .addCommand(triggerCommand())
  .addCommand(snapshotCommand())
  .addCommand(tokenCommand())
  .addCommand(chatCommand())
  .addCommand(verifyCommand())
  .addCommand(conformanceCommand())
  .addCommand(doctorCommand())
  .addCommand(driftCommand())
  .addCommand(graphCommand())
  .addCommand(exportCommand())
  .addCommand(archiveCommand())
  .addCommand(ciCommand())
  .addCommand(completionCommand());

for (const command of everyCommand(program)) command.configureHelp({ showGlobalOptions: true });

program.parseAsync().catch((error: unknown) => {
  printError(`error: ${error instanceof Error ? error.message : error}\n`);
  if (error instanceof Error && error.stack) debug(byName(error.stack));
  process.exitCode = exitCodes.error;
});

function everyCommand(parent: Command): Command[] {
  return [parent, ...parent.commands.flatMap((command) => everyCommand(command as Command))];
}
