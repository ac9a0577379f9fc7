#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { chatCommand } from "./chat";
import { ciCommand } from "./ci";
import { driftCommand } from "./drift";
import { emulatorCommand } from "./emulator";
import { graphCommand } from "./graph";
import { tokenCommand } from "./token";
import { verifyCommand } from "./verify";

const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string };

const program = new Command("twilio-conversations")
  .description("Tools around Twilio Conversations as Pulumi resources.")
  .version(version)
  .showHelpAfterError("Run it with --help to see how it is used.")
  .addCommand(emulatorCommand())
  .addCommand(tokenCommand())
  .addCommand(chatCommand())
  .addCommand(verifyCommand())
  .addCommand(driftCommand())
  .addCommand(ciCommand())
  .addCommand(graphCommand());

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
