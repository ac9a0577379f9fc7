import { Command, InvalidArgumentError } from "commander";
import type { Check, Verification } from "./verification";

interface VerifyOptions {
  service?: string;
  conversation: string[];
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations verify`: tests whether a chat works, and reports what does not. */
export function verifyCommand(): Command {
  return new Command("verify")
    .description(
      "Test the chat: send and read a message, check an access token, call the webhooks. Texts nobody and leaves nothing behind.",
    )
    .option("--service <sid>", "the conversation service, IS… (default: the stack's output serviceSid)")
    .option(
      "--conversation <sid>",
      "a conversation of the service that must be open, CH…, and whose webhooks must respond; may be repeated",
      sids,
      [],
    )
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "the stack whose Twilio credentials to use (default: the selected stack)")
    .option("--json", "print the result as one JSON object; failures go to stderr as well")
    .addHelpText(
      "after",
      `
Exits with 0 if everything works, or else with 1.

Examples:
  $ twilio-conversations verify
  $ twilio-conversations verify --stack dev --json
  $ twilio-conversations verify --service IS… --conversation CH… --conversation CH…`,
    )
    .action(run);
}

async function run({ service, conversation, json, ...where }: VerifyOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ openTarget, serviceOf }, { verify }] = await Promise.all([import("../../shared/target"), import("./verification")]);
  const target = await openTarget(where);
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  const { connection, outputs } = target;
  const exported = typeof outputs.conversationSid === "string" && service === undefined ? [outputs.conversationSid] : [];
  const found = await verify({
    connection,
    serviceSid: serviceOf(target, service, "--service"),
    conversationSids: conversation.length > 0 ? conversation : exported,
    cancelled: interrupted.signal,
  });
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : describe(found));
  if (json && !found.ok) process.stderr.write(`The chat does not work.\n${failuresOf(found).map(line).join("")}`);
  if (!found.ok) process.exitCode = 1;
}

function sids(sid: string, before: string[]): string[] {
  if (!/^CH[0-9a-fA-F]{32}$/.test(sid)) throw new InvalidArgumentError("It must be the SID of a conversation (CH and 32 hex digits).");
  return [...before, sid];
}

const failuresOf = ({ checks }: Verification): Check[] => checks.filter(({ ok }) => !ok);

function describe(found: Verification): string {
  const verdict = found.ok ? "The chat works." : "The chat does not work.";
  return `${found.checks.map(line).join("")}${verdict} (account ${found.accountSid}, service ${found.serviceSid}, ${found.ms} ms)\n`;
}

function line({ name, ok, skipped, ms, detail, fix }: Check): string {
  const verdict = skipped ? "skipped" : ok ? "ok" : "FAILED";
  return `${verdict.padEnd(8)} ${name.padEnd(13)} ${`${ms} ms`.padStart(8)}  ${detail}\n${fix ? `${" ".repeat(33)}What to do: ${fix}\n` : ""}`;
}
