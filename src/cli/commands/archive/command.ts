import { Command, InvalidArgumentError } from "commander";
import type { Archived } from "./archive";

interface ArchiveOptions {
  conversation: string[];
  service?: string;
  out: string;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations archive`: keeps what was said before it is deleted. */
export function archiveCommand(): Command {
  return new Command("archive")
    .description("Write what was said to a folder: messages, participants and attachments. An interrupted archive goes on where it was.")
    .requiredOption("--out <folder>", "the folder to write to; what is there already is not fetched again")
    .option("--conversation <sid>", "a conversation, CH…; may be repeated", sid("CH", "a conversation"), [])
    .option(
      "--service <sid>",
      "all conversations of this service, IS…; with --conversation, where those are",
      (text) => sid("IS", "a conversation service")(text, [])[0],
    )
    .option("--profile <name>", "a profile of the Twilio CLI, in place of the stack's credentials")
    .option("--stack <name>", "the stack whose Twilio is meant (default: the one that is selected)")
    .option("--json", "print what was done as one JSON object")
    .addHelpText(
      "after",
      `
Without --conversation and --service, it is the service that the stack exports as serviceSid.

Examples:
  $ twilio-conversations archive --conversation CH… --out archive
  $ twilio-conversations archive --service IS… --out archive && pulumi destroy`,
    )
    .action(run);
}

async function run({ conversation, service, out, json, ...where }: ArchiveOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const [{ openTarget, serviceOf }, { archive }, { openProgress }] = await Promise.all([
    import("../../shared/target"),
    import("./archive"),
    import("../../shared/progress"),
  ]);
  const target = await openTarget(where);
  const progress = openProgress({ quiet: json });
  try {
    const of = conversation.length > 0 ? service : serviceOf(target, service, "--service");
    const wanted = { conversations: conversation, ...(of === undefined ? {} : { service: of }) };
    const done = await archive(target.twilio, target.connection.place, wanted, out, progress);
    progress.end();
    process.stdout.write(json ? `${JSON.stringify({ out, ...done })}\n` : report(done, out));
  } finally {
    progress.end();
    await target.close();
  }
}

function sid(prefix: string, what: string) {
  return (text: string, before: string[]): string[] => {
    if (!new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(text)) {
      throw new InvalidArgumentError(`It must be the SID of ${what} (${prefix} and 32 hex digits).`);
    }
    return [...before, text];
  };
}

function report({ conversations, unchanged, messages, media, missing, gone }: Archived, out: string): string {
  const lines = [
    `${out} holds ${conversations} conversations with ${messages} messages and ${media} attachments; ${unchanged} were there already.`,
  ];
  if (missing > 0) lines.push(`${missing} attachments are missing: Twilio no longer has them. The transcripts say which.`);
  if (gone > 0) lines.push(`${gone} conversations were deleted meanwhile; what was here of them stays.`);
  return `${lines.join("\n")}\n`;
}
