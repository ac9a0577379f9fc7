import { isSidOf } from "../core/twilio/sid";

/** Options of {@link chatToken}. */
export interface ChatTokenOptions {
  /** The account, `AC…`. */
  readonly accountSid: string;
  /** The API key that signs the token, `SK…`. An auth token cannot sign. */
  readonly apiKey: string;
  /** The key's secret. It signs the token and is not part of it. */
  readonly apiSecret: string;
  /** The identity that signs in: that of a chat participant or a user of the service. Identities are case-sensitive. */
  readonly identity: string;
  /** The conversation service, `IS…`: `service.sid` of a `ConversationService`. The token gives no access to other services. */
  readonly chatServiceSid: string;
  /** Lifetime in seconds: 180 (3 minutes) to 86400 (1 day). Default: 3600. */
  readonly ttl?: number | undefined;
  /** The account's region, if it is not `us1`: `ie1` or `au1`. The API key must belong to the same region. */
  readonly region?: string | undefined;
}

/**
 * Creates the access token with which a browser or an app signs in to Twilio Conversations: `new Client(token)`. Call it on your own server, after
 * you have authenticated the user: anyone who has the token can act as this identity until the token expires. It sends no request and stores
 * nothing. Never export a token as a stack output.
 *
 * @returns a JSON Web Token, signed with HS256
 * @throws TypeError if an option is missing or invalid. The message never contains a secret.
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
    throw new TypeError("chatToken: `apiSecret` must be the secret of the API key; it is missing.");
  if (typeof identity !== "string" || identity === "")
    throw new TypeError("chatToken: `identity` must be the identity that signs in with the token; it is missing.");
  if (identity.length > MAX_IDENTITY) {
    throw new TypeError(`chatToken: \`identity\` must have at most ${MAX_IDENTITY} characters; it has ${identity.length}.`);
  }
  if (!Number.isInteger(ttl) || ttl < MIN_TTL || ttl > MAX_TTL) {
    throw new TypeError(
      `chatToken: \`ttl\` must be a whole number of seconds from ${MIN_TTL} (3 minutes) to ${MAX_TTL} (1 day); received ${ttl}.`,
    );
  }
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region))
    throw new TypeError("chatToken: `region` must consist of lowercase letters, digits and hyphens, such as ie1.");
  // Loaded here, because most programs that import this package never create a token.
  const AccessToken = require("twilio/lib/jwt/AccessToken") as typeof import("twilio").jwt.AccessToken;
  const token = new AccessToken(accountSid, apiKey, apiSecret, { identity, ttl, ...(region === undefined ? {} : { region }) });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid: chatServiceSid }));
  return token.toJwt();
}

const MIN_TTL = 180;
const MAX_TTL = 86_400;
const MAX_IDENTITY = 256;

function checkSid(name: string, value: unknown, prefix: string): void {
  if (typeof value === "string" && isSidOf(prefix, value)) return;
  // The message omits the value, which may be a misplaced secret.
  throw new TypeError(`chatToken: \`${name}\` must be a SID: ${prefix} and 32 hexadecimal digits.`);
}
