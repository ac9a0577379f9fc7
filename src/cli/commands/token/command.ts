import { Command, InvalidArgumentError } from "commander";
import type { Body } from "../../../core/twilio/twilio";
import { wholeNumber } from "../../shared/common";
import { note, print } from "../../shared/output";
import type { Target } from "../../shared/target";

interface TokenOptions {
  identity: string;
  service?: string;
  ttl: number;
  profile?: string;
  stack?: string;
  json?: true;
}

/** `twilio-conversations token`: prints an access token for the Conversations SDK. */
export function tokenCommand(): Command {
  return new Command("token")
    .description("Print an access token for the Conversations SDK. The token is not stored.")
    .requiredOption("--identity <identity>", "the identity of the chat participant who signs in", identityText)
    .option("--service <sid>", "the conversation service, IS… (default: the stack's output serviceSid)")
    .option("--ttl <seconds>", "how long the token is valid, 180 to 86400", wholeNumber(180, 86_400), 3600)
    .option("--profile <name>", "use a Twilio CLI profile instead of the stack's credentials")
    .option("--stack <name>", "a stack of the project in this folder (default: the selected stack)")
    .option("--json", "print the token, its claims and its expiry as one line of JSON")
    .addHelpText(
      "after",
      `
Examples:
  $ twilio-conversations token --identity testPineapple
  $ twilio-conversations token --identity testPineapple --service ISxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --profile project-danger
  $ twilio-conversations token --identity testPineapple --json | jq .claims`,
    )
    .action(printToken);
}

async function printToken({ identity, service: given, ttl, profile, stack, json }: TokenOptions): Promise<void> {
  // Loaded here, so that --help and usage errors are fast.
  const { openTarget, serviceOf, signingKeyOf } = await import("../../shared/target");
  const { chatToken } = await import("../../../chat/chat-token");
  const target = await openTarget({ profile, stack });
  const service = serviceOf(target, given);
  const { sid: apiKey, secret: apiSecret } = signingKeyOf(target);
  const { accountSid, region } = target.connection;
  const token = chatToken({ accountSid, apiKey, apiSecret, identity, chatServiceSid: service, ttl, region });
  const warning = await problemWith(target, service, identity);
  if (warning !== undefined) note(`warning: ${warning}`);
  print(`${json ? JSON.stringify(decoded(token)) : token}\n`);
}

/** The longest identity, as Twilio limits it. */
const MAX_IDENTITY = 256;

function identityText(text: string): string {
  if (text.length >= 1 && text.length <= MAX_IDENTITY) return text;
  throw new InvalidArgumentError(`It must have 1 to ${MAX_IDENTITY} characters.`);
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
  let page: Body | undefined;
  try {
    page = await operation(() => twilio.send(request));
  } catch (error) {
    // The token itself is valid: it is created without Twilio, and a key may be restricted.
    return `cannot check whether ${identity} is in a conversation. ${error instanceof Error ? error.message : error}`;
  }
  if (page === undefined) {
    throw new Error(
      `account ${twilio.accountSid} has no conversation service ${service}, so nobody could sign in with a token for it. ` +
        "Name an existing one with --service, or create the stack's with `pulumi up`.",
    );
  }
  if ((page.conversations as unknown[]).length > 0) return undefined;
  return `"${identity}" is not a participant of any conversation in ${service}, so a user with this token sees no conversations. Add one: new Participant("…", { conversation, identity: ${JSON.stringify(identity)} }). Identities are case-sensitive.`;
}
