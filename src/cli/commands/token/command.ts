import { Command } from "commander";
import { wholeNumber } from "../../shared/common";
import { note, print } from "../../shared/output";
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
    .description("Print an access token for the Conversations SDK. The token is not stored.")
    .requiredOption("--identity <identity>", "the identity of the chat participant who signs in")
    .option("--chat-service-sid <sid>", "the conversation service (default: the stack's output serviceSid)")
    .option("--ttl <seconds>", "how long the token is valid, 180 to 86400", wholeNumber, 3600)
    .option("--profile <profile>", "use a Twilio CLI profile (default: the stack's configuration, then the environment)")
    .option("--stack <stack>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print the token, its claims and its expiry as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations token --identity testPineapple
  $ twilio-conversations token --identity testPineapple --chat-service-sid ISxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --profile project-danger
  $ twilio-conversations token --identity testPineapple --json | jq .claims`,
    )
    .action(printToken);
}

async function printToken({ identity, chatServiceSid, ttl, profile, stack, json }: TokenOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const { openTarget, serviceOf, signingKeyOf } = await import("../../shared/target");
  const { chatToken } = await import("../../../chat/chat-token");
  const target = await openTarget({ profile, stack });
  const service = serviceOf(target, chatServiceSid);
  const { sid: apiKey, secret: apiSecret } = signingKeyOf(target);
  const { accountSid, region } = target.connection;
  const token = chatToken({ accountSid, apiKey, apiSecret, identity, chatServiceSid: service, ttl, region });
  const warning = await problemWith(target, service, identity);
  if (warning !== undefined) note(`warning: ${warning}`);
  print(`${json ? JSON.stringify(decoded(token)) : token}\n`);
}

/** The token with its claims. */
function decoded(token: string) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString()) as { exp: number };
  return { token, claims, expires: new Date(claims.exp * 1000).toISOString() };
}

/** The longest time for the check of the identity; the token waits for it. */
const CHECK_TIMEOUT_MS = 10_000;

/** Why a user with this token would see no conversation, which Twilio does not report. */
async function problemWith({ connection }: Target, service: string, identity: string): Promise<string | undefined> {
  const { openTwilio } = await import("../../../core/twilio/transport");
  const { operation } = await import("../../../core/process/operation");
  const twilio = openTwilio({ ...connection, operationTimeoutMs: CHECK_TIMEOUT_MS });
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
    // The token itself is valid: it is created without Twilio, and a key may be restricted.
    return `cannot check whether ${identity} is in a conversation. ${error instanceof Error ? error.message : error}`;
  }
  return `"${identity}" is not a participant of any conversation in ${service}, so a user with this token sees no conversations. Add one: new Participant("…", { conversation, identity: ${JSON.stringify(identity)} }). Identities are case-sensitive.`;
}
