import { Command, InvalidArgumentError } from "commander";
import { oneLine } from "../../../core/process/printable";
import type { ControlPlane } from "../../shared/control-plane";
import { print } from "../../shared/output";
import { type Entry, kinds, type Line, lineOf } from "./entry";

interface LogsOptions {
  follow?: true;
  include: ReadonlySet<string>;
  conversation?: string;
  handset?: string;
  profile?: string;
  stack?: string;
  json?: true;
}

const included = [...kinds, "errors"];

/** `twilio-conversations logs`: what happened on the emulator. */
export function logsCommand(): Command {
  return new Command("logs")
    .description(
      "Show what happened on the emulator: requests, webhooks, messages, chat clients and other changes, and why a text did not arrive.",
    )
    .option("--follow", "go on with what happens from now on, until Ctrl-C")
    .option("--include <types>", `only these types, separated by commas: ${included.join(", ")}`, typesOf, new Set(kinds))
    .option("--conversation <sid>", "only what is about this conversation, CH…")
    .option("--handset <number>", "only what is about the texts and conversations of this phone")
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print each entry as one JSON object on one line, with all that the emulator reports")
    .addHelpText(
      "after",
      `
The emulator keeps the last 1,000 events, 500 requests, and 500 events of chat clients. A real account has its logs in the Twilio Console.

Examples:
  $ twilio-conversations logs --follow
  $ twilio-conversations logs --follow --include webhooks,errors
  $ twilio-conversations logs --handset +15558675310
  $ twilio-conversations logs --include requests --json | jq 'select(.failed)'`,
    )
    .action(show);
}

function typesOf(text: string): ReadonlySet<string> {
  const types = text.split(",").map((type) => type.trim());
  const unknown = types.find((type) => !included.includes(type));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no type ${JSON.stringify(unknown)}; there are ${included.join(", ")}.`);
  return new Set(types);
}

async function show({ follow, include, conversation, handset, json, ...where }: LogsOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ openTarget }, { requireEmulator }, { untilInterrupted }] = await Promise.all([
    import("../../shared/target"),
    import("../../shared/control-plane"),
    import("../../shared/common"),
  ]);
  const target = await openTarget(where);
  const ended = new AbortController();
  if (follow) void untilInterrupted().then(() => ended.abort());
  try {
    const control = await requireEmulator(
      target.connection,
      "logs works on the emulator only: the logs of a real account are in the Twilio Console, under Monitor.",
    );
    const about = { ...(conversation && { conversationSid: conversation }), ...(handset && { handset }) };
    for await (const entry of entries(control, { follow: follow === true, about, signal: ended.signal })) {
      const line = lineOf(entry);
      const isWanted = include.has(line.kind) || (line.failed && include.has("errors"));
      if (!isWanted) continue;
      const { kind, failed } = line;
      print(json ? `${JSON.stringify({ kind, failed, ...entry })}\n` : await shown(entry, line));
    }
    if (follow && !ended.signal.aborted) throw new Error(`the emulator at ${target.connection.baseUrl} has stopped.`);
  } finally {
    await target.close();
  }
}

interface Reading {
  readonly follow: boolean;
  /** The conversation or the handset that the entries are about. */
  readonly about: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** The entries of the event stream: what has happened, and, to follow it, what happens until the signal. */
async function* entries(control: ControlPlane, { follow, about, signal }: Reading): AsyncGenerator<Entry> {
  const query = new URLSearchParams({ after: "0", requests: "true", clients: "true", follow: String(follow), ...about });
  const { body } = await control.open(`events?${query}`, signal);
  let rest = "";
  const decoder = new TextDecoder();
  try {
    for await (const bytes of body ?? []) {
      const events = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) yield JSON.parse(data) as Entry;
      }
    }
  } catch (error) {
    // A connection that breaks off is the end of the stream too.
    if (!(error instanceof TypeError) && !signal.aborted) throw error;
  }
}

async function shown({ date }: Entry, { kind, failed, text }: Line): Promise<string> {
  const { styled } = await import("../../shared/table");
  return `${styled("dim", date)} ${kind.padEnd(8)} ${failed ? styled("red", oneLine(text)) : oneLine(text)}\n`;
}
