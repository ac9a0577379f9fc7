import { Argument, Command, InvalidArgumentError } from "commander";
import { isSidOf } from "../../../core/twilio/sid";
import { print } from "../../shared/output";
import type { Target } from "../../shared/target";
import { eventNames } from "./example";

interface TriggerOptions {
  url?: string;
  service?: string;
  conversation?: string;
  profile?: string;
  stack?: string;
  json?: true;
}

/** One webhook request and its result. */
interface Sent {
  readonly url: string;
  readonly ok: boolean;
  /** `HTTP 200`, or why there was no response. */
  readonly result: string;
}

/** `twilio-conversations trigger`: sends an example of a webhook. */
export function triggerCommand(): Command {
  return new Command("trigger")
    .description("Send a signed example of a webhook to a URL or, on the emulator, to every webhook that subscribes to it.")
    .addArgument(new Argument("<event>", "the event").choices(eventNames))
    .option("--url <url>", "the receiver; gets a request about made-up objects (default: the webhooks that are configured)", webUrl)
    .option("--service <sid>", "with --url, the conversation service in the request, IS… (default: a made-up one)", sidOf("IS"))
    .option(
      "--conversation <sid>",
      "the conversation, CH… (default: the stack's output conversationSid; with --url, a made-up one)",
      sidOf("CH"),
    )
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
The signature (X-Twilio-Signature) requires the account's auth token. Without --url, the emulator sends an event about the conversation's latest
message or participant, and changes nothing. Exits with 1 if a receiver does not respond with 2xx.

Examples:
  $ twilio-conversations trigger onMessageAdded --url http://localhost:3000/hook
  $ twilio-conversations trigger onMessageAdded --conversation CHxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  $ twilio-conversations trigger onConversationStateUpdated --url http://localhost:3000/hook --json`,
    )
    .action(trigger);
}

function webUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError("It must be a URL that starts with http:// or https://.");
}

const sidOf = (prefix: string) => (text: string) => {
  if (isSidOf(prefix, text)) return text;
  throw new InvalidArgumentError(`It must be a SID (${prefix} and 32 hex digits).`);
};

async function trigger(event: string, { json, ...options }: TriggerOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const [{ openTarget }, { exitCodes }] = await Promise.all([import("../../shared/target"), import("../../shared/exit-codes")]);
  const target = await openTarget(options);
  try {
    const sent =
      options.url === undefined ? await toConfigured(event, target, options) : [await toUrl(event, target, options.url, options)];
    const lines = sent.map(({ url, ok, result }) => `${event} → ${url}: ${result}${ok ? "" : " (failed)"}\n`);
    const ok = sent.every((one) => one.ok);
    print(json ? `${JSON.stringify({ ok, event, sent })}\n` : lines.join(""));
    if (!ok) process.exitCode = exitCodes.error;
  } finally {
    await target.close();
  }
}

/** How long Twilio waits for a response. */
const RESPONSE_MS = 5_000;

/** Sends a request as Twilio sends it. */
async function toUrl(event: string, { connection }: Target, url: string, { service, conversation }: TriggerOptions): Promise<Sent> {
  const [{ exampleOf }, { publicUrl }, { randomUUID }] = await Promise.all([
    import("./example"),
    import("../../shared/urls"),
    import("node:crypto"),
  ]);
  const { accountSid, username, password, source } = connection;
  if (username !== accountSid) {
    throw new Error(
      `a webhook is signed with the auth token of ${accountSid}, and ${source} has only an API key. Set TWILIO_ACCOUNT_SID and ` +
        "TWILIO_AUTH_TOKEN in the environment, outside of a stack with an API key.",
    );
  }
  const { getExpectedTwilioSignature } = require("twilio/lib/webhooks/webhooks") as typeof import("twilio/lib/webhooks/webhooks");
  const form = exampleOf(event, { accountSid, serviceSid: service, conversationSid: conversation });
  const target = Object.assign(new URL(url), { username: "", password: "" });
  const { username: user, password: secret } = new URL(url);
  const login = Buffer.from(`${decodeURIComponent(user)}:${decodeURIComponent(secret)}`).toString("base64");
  const headers = {
    "X-Twilio-Signature": getExpectedTwilioSignature(password, target.href, form),
    "I-Twilio-Idempotency-Token": randomUUID(),
    "User-Agent": "TwilioProxy/1.1",
    ...(user === "" ? {} : { Authorization: `Basic ${login}` }),
  };
  const request = { method: "POST", headers, body: new URLSearchParams(form), redirect: "manual" } as const;
  const shown = publicUrl(url);
  try {
    const { ok, status } = await fetch(target, { ...request, signal: AbortSignal.timeout(RESPONSE_MS) });
    return { url: shown, ok, result: `HTTP ${status}` };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: { code?: string } };
    const why = name === "TimeoutError" ? `within ${RESPONSE_MS / 1000} s` : `(${cause?.code ?? message})`;
    return { url: shown, ok: false, result: `no response ${why}` };
  }
}

interface Delivery {
  readonly url: string | null;
  readonly target: string;
  readonly outcome: string;
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[];
}

/** Has the emulator send the event to every webhook that subscribes to it. */
async function toConfigured(event: string, { connection, outputs }: Target, { conversation, service }: TriggerOptions): Promise<Sent[]> {
  const [{ requireEmulator }, { publicUrl }] = await Promise.all([import("../../shared/control-plane"), import("../../shared/urls")]);
  if (service !== undefined)
    throw new Error("--service is for --url: without it, the event is about a conversation. Name that with --conversation.");
  if (/^onUser/.test(event)) throw new Error(`${event} is about a user and no conversation: name a receiver with --url.`);
  const control = await requireEmulator(
    connection,
    "without --url, trigger works on the emulator only: Twilio has no request that triggers a webhook. Name the receiver with --url.",
  );
  const conversationSid = conversation ?? outputs.conversationSid;
  if (conversationSid === undefined) {
    throw new Error("about which conversation? Give --conversation CH…, or work on a stack that exports conversationSid; or give --url.");
  }
  const { deliveries } = await control.request<{ deliveries: Delivery[] }>("POST", "webhooks/trigger", { event, conversationSid });
  return deliveries.map(({ url, target, outcome, attempts }) => {
    const { status = null, error = null } = attempts.at(-1) ?? {};
    const result = status === null ? (error ?? outcome) : `HTTP ${status}`;
    return { url: url === null ? target : publicUrl(url), ok: outcome === "delivered" || outcome === "recorded", result };
  });
}
