import { Command } from "commander";
import { wholeNumber } from "../../shared/common";
import { note } from "../../shared/output";
import type { Target } from "../../shared/target";

interface TokenOptions {
  identity: string;
  chatServiceSid?: string;
  ttl: number;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations token`: prints an access token for the Conversations SDK. */
export function tokenCommand(): Command {
  return new Command("token")
    .description("Print an access token with which the Conversations SDK signs in. It is kept nowhere.")
    .requiredOption("--identity <identity>", "who signs in with it: the identity of a chat participant")
    .option("--chat-service-sid <sid>", "the conversation service (default: the stack's output serviceSid)")
    .option("--ttl <seconds>", "how long it is good for, 180 to 86400", wholeNumber, 3600)
    .option("--profile <profile>", "the profile of the Twilio CLI to sign with (default: the stack's configuration, then the environment)")
    .option("--stack <stack>", "the stack of the project in this folder (default: the one that is selected)")
    .option("--json", "print token, claims and expiry as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations token --identity testPineapple
  $ twilio-conversations token --identity testPineapple --chat-service-sid ISxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --profile project-danger
  $ twilio-conversations token --identity testPineapple --json | jq .claims`,
    )
    .action(print);
}

async function print({ identity, chatServiceSid, ttl, profile, stack, json }: TokenOptions): Promise<void> {
  // Loaded here, so that --help and mistyped commands answer at once.
  const { openTarget, serviceOf, signingKeyOf } = await import("../../shared/target");
  const { chatToken } = await import("../../../chat/chat-token");
  const target = await openTarget({ profile, stack });
  const service = serviceOf(target, chatServiceSid);
  const { sid: apiKey, secret: apiSecret } = signingKeyOf(target);
  const { accountSid, region } = target.connection;
  const token = chatToken({ accountSid, apiKey, apiSecret, identity, chatServiceSid: service, ttl, region });
  const warning = await trap(target, service, identity);
  if (warning !== undefined) note(`warning: ${warning}`);
  process.stdout.write(`${json ? JSON.stringify(described(token)) : token}\n`);
}

/** The token with what it says. */
function described(token: string) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString()) as { exp: number };
  return { token, claims, expires: new Date(claims.exp * 1000).toISOString() };
}

/** How long the question whether anybody would see anything may hold up the token. */
const PATIENCE_MS = 10_000;

/** Why nobody would see a conversation with this token, which Twilio itself never says. */
async function trap({ connection }: Target, service: string, identity: string): Promise<string | undefined> {
  const { openTwilio } = await import("../../../core/twilio/transport");
  const { operation } = await import("../../../core/process/operation");
  const twilio = openTwilio({ ...connection, operationTimeoutMs: PATIENCE_MS });
  const request = {
    attempt: `Cannot look for ${identity} in the service ${service}`,
    product: "conversations",
    method: "get",
    path: `/v1/Services/${service}/ParticipantConversations`,
    query: { Identity: identity, PageSize: "1" },
  } as const;
  try {
    const page = await operation(() => twilio.send(request));
    if (page === undefined)
      return `account ${twilio.accountSid} has no conversation service ${service}: nobody can sign in with this token.`;
    if ((page.conversations as unknown[]).length > 0) return undefined;
  } catch (error) {
    // The token itself is good: it is made without Twilio, and a key may be allowed to sign only.
    return `whether ${identity} takes part in a conversation is not known. ${error instanceof Error ? error.message : error}`;
  }
  return `"${identity}" is no participant of any conversation in ${service}, so whoever signs in with this token sees none. Add one: new Participant("…", { conversation, identity: ${JSON.stringify(identity)} }). Upper and lower case count.`;
}
