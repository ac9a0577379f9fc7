import { Command, InvalidArgumentError } from "commander";
import { oneLine } from "../../../core/process/printable";
import { isSidOf } from "../../../core/twilio/sid";
import { exitCodes } from "../../shared/exit-codes";
import { print, printError } from "../../shared/output";
import type { Check, Verification } from "./verification";

interface VerifyOptions {
  service?: string;
  conversation: string[];
  profile?: string;
  stack?: string;
  json?: true;
  allowSkipped?: true;
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
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--allow-skipped", "exit with 0 also if a check could not run; without an API key, there is no token to check")
    .option("--json", "print the result as one JSON object; failures go to stderr as well")
    .addHelpText(
      "after",
      `
Exits with 0 if everything works, with 1 if something does not, and with 2 if nothing failed but a check could not run.

Examples:
  $ twilio-conversations verify
  $ twilio-conversations verify --stack dev --json
  $ twilio-conversations verify --service IS… --conversation CH… --conversation CH…`,
    )
    .action(run);
}

async function run({ service, conversation, json, allowSkipped, ...where }: VerifyOptions): Promise<void> {
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
    serviceSid: serviceOf(target, service),
    conversationSids: conversation.length > 0 ? conversation : exported,
    cancelled: interrupted.signal,
  });
  print(json ? `${JSON.stringify(found)}\n` : describe(found));
  if (json && !found.ok)
    printError(
      `${verdictOf(found)}\n${found.checks
        .filter(({ ok }) => !ok)
        .map(line)
        .join("")}`,
    );
  const { error, found: incomplete, done } = exitCodes;
  process.exitCode = hasFailed(found) ? error : found.ok || allowSkipped ? done : incomplete;
}

function sids(sid: string, before: string[]): string[] {
  if (!isSidOf("CH", sid)) throw new InvalidArgumentError("It must be the SID of a conversation (CH and 32 hex digits).");
  return [...before, sid];
}

const hasFailed = ({ checks }: Verification): boolean => checks.some(({ ok, skipped }) => !ok && !skipped);

function verdictOf(found: Verification): string {
  if (found.ok) return "The chat works.";
  if (hasFailed(found)) return "The chat does not work.";
  const names = found.checks.filter(({ skipped }) => skipped).map(({ name }) => name);
  return `No check failed. Not checked: ${names.join(", ")}.`;
}

function describe(found: Verification): string {
  return `${found.checks.map(line).join("")}${verdictOf(found)} (account ${found.accountSid}, service ${found.serviceSid}, ${found.ms} ms)\n`;
}

function line({ name, ok, skipped, ms, detail, fix }: Check): string {
  const verdict = skipped ? "skipped" : ok ? "ok" : "FAILED";
  return `${verdict.padEnd(8)} ${name.padEnd(13)} ${`${ms} ms`.padStart(8)}  ${oneLine(detail)}\n${fix ? `${" ".repeat(33)}What to do: ${oneLine(fix)}\n` : ""}`;
}
