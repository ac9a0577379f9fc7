/** What {@link chatToken} takes. */
export interface ChatTokenOptions {
  /** The account, `AC…`. */
  readonly accountSid: string;
  /** The API key that signs, `SK…`. An auth token cannot sign. */
  readonly apiKey: string;
  /** The key's secret. It signs the token and is not in it. */
  readonly apiSecret: string;
  /** Who signs in with the token: the identity of a chat participant or user of the service, as it is written there. */
  readonly identity: string;
  /** The conversation service, `IS…`; `service.sid` of a `ConversationService`. The token shows nothing of any other. */
  readonly chatServiceSid: string;
  /** How many seconds the token is good for: 180 (3 minutes) to 86400 (a day). Default: 3600. */
  readonly ttl?: number;
  /** The account's region, where that is not `us1`: `ie1` or `au1`. The key must be of the same region. */
  readonly region?: string;
}

/**
 * Makes the access token with which a browser or an app signs in to Twilio Conversations: `new Client(token)`. It is for your own server, which
 * knows who asks; whoever holds a token is that person until it expires. Nothing is sent and nothing is kept: never put one into a
 * stack's outputs.
 *
 * @returns a JSON Web Token, signed HS256
 * @throws TypeError if an option is missing, of the wrong form or out of its limits; the message holds no secret
 * @see https://www.twilio.com/docs/conversations/create-tokens
 * @example
 * app.post("/token", (request, response) =>
 *   response.json({ token: chatToken({ accountSid, apiKey, apiSecret, chatServiceSid, identity: request.user.name }) }),
 * );
 */
export function chatToken({ accountSid, apiKey, apiSecret, identity, chatServiceSid, ttl = 3600, region }: ChatTokenOptions): string {
  checkSid("accountSid", accountSid, "AC");
  checkSid("apiKey", apiKey, "SK");
  checkSid("chatServiceSid", chatServiceSid, "IS");
  if (typeof apiSecret !== "string" || apiSecret === "")
    throw new TypeError("chatToken: apiSecret, the secret of the API key, is missing.");
  if (typeof identity !== "string" || identity === "")
    throw new TypeError("chatToken: identity is missing: who is to sign in with the token?");
  if (identity.length > LONGEST_IDENTITY) throw new TypeError(`chatToken: identity is longer than ${LONGEST_IDENTITY} characters.`);
  if (!Number.isInteger(ttl) || ttl < SHORTEST_S || ttl > LONGEST_S) {
    throw new TypeError(
      `chatToken: ttl is ${ttl}: write a whole number of seconds from ${SHORTEST_S} (3 minutes) to ${LONGEST_S} (a day).`,
    );
  }
  // Loaded here: most who import this package never make a token.
  const AccessToken = require("twilio/lib/jwt/AccessToken") as typeof import("twilio").jwt.AccessToken;
  const token = new AccessToken(accountSid, apiKey, apiSecret, { identity, ttl, ...(region === undefined ? {} : { region }) });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid: chatServiceSid }));
  return token.toJwt();
}

const SHORTEST_S = 180;
const LONGEST_S = 86_400;
const LONGEST_IDENTITY = 256;

function checkSid(name: string, value: unknown, prefix: string): void {
  if (typeof value === "string" && new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(value)) return;
  // Not the value: somebody may have put the secret here.
  throw new TypeError(`chatToken: ${name} is not a SID (${prefix} and 32 hex digits).`);
}
