import { Command, InvalidArgumentError } from "commander";
import { isSidOf } from "../../../core/twilio/sid";
import { print } from "../../shared/output";
import type { Archived } from "./archive";

interface ArchiveOptions {
  conversation: string[];
  service?: string;
  out: string;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations archive`: saves conversations before they are deleted. */
export function archiveCommand(): Command {
  return new Command("archive")
    .description("Save conversations to a folder: messages, participants and attachments. An interrupted archive resumes.")
    .requiredOption("--out <folder>", "the folder to write to; what it already contains is not fetched again")
    .option("--conversation <sid>", "a conversation, CH…; may be repeated", sid("CH", "a conversation"), [])
    .option(
      "--service <sid>",
      "all conversations of this service, IS…; with --conversation, the service that has them",
      (text) => sid("IS", "a conversation service")(text, [])[0],
    )
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "the stack whose Twilio credentials to use (default: the selected stack)")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
Without --conversation and --service, the command archives the service in the stack's output serviceSid.

Examples:
  $ twilio-conversations archive --conversation CH… --out archive
  $ twilio-conversations archive --service IS… --out archive && pulumi destroy`,
    )
    .action(run);
}

async function run({ conversation, service, out, json, ...where }: ArchiveOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ openTarget, serviceOf }, { archive }, { openProgress }] = await Promise.all([
    import("../../shared/target"),
    import("./archive"),
    import("../../shared/progress"),
  ]);
  const target = await openTarget(where);
  const progress = openProgress({ quiet: json });
  try {
    const serviceSid = conversation.length > 0 ? service : serviceOf(target, service);
    const wanted = { conversations: conversation, ...(serviceSid === undefined ? {} : { service: serviceSid }) };
    const done = await archive(target.twilio, target.connection.place, wanted, out, progress);
    progress.end();
    print(json ? `${JSON.stringify({ out, ...done })}\n` : report(done, out));
  } finally {
    progress.end();
    await target.close();
  }
}

/** A parser for an option that takes SIDs and may be repeated. */
function sid(prefix: string, what: string) {
  return (text: string, before: string[]): string[] => {
    if (!isSidOf(prefix, text)) {
      throw new InvalidArgumentError(`It must be the SID of ${what} (${prefix} and 32 hex digits).`);
    }
    return [...before, text];
  };
}

function report({ conversations, unchanged, messages, media, missing, gone }: Archived, out: string): string {
  const lines = [
    `${out} contains ${conversations} conversations with ${messages} messages and ${media} attachments; ${unchanged} were already archived.`,
  ];
  if (missing > 0) lines.push(`${missing} attachments are missing: Twilio no longer has them. The transcripts name them.`);
  if (gone > 0) lines.push(`${gone} conversations were deleted during the run; what was already archived stays.`);
  return `${lines.join("\n")}\n`;
}
