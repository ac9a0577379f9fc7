/** Verifies access tokens: JWTs signed with an API key's secret, for one identity in one service. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Domain, Scope } from "../domain";
import { fail } from "../errors";
import { accountTable } from "../resources/account";
import { CREATED_BY_REST } from "../resources/conversation";
import { keyTable } from "../resources/key";
import { type ServiceRecord, serviceTable } from "../resources/service";
import { type UserRecord, userTable } from "../resources/user";
import { isSid } from "../sid";
import { parseObject } from "./frame";

/** The content of a valid token. */
export interface Access {
  scope: Scope;
  service: ServiceRecord;
  identity: string;
  /** The push credential for the devices of this identity. */
  pushCredentialSid: string | null;
  /** The API key that signed the token. Deleting the key revokes the access. */
  keySid: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

const DIGESTS = new Map<unknown, string>([
  ["HS256", "sha256"],
  ["HS384", "sha384"],
  ["HS512", "sha512"],
]);
const CONTENT_TYPE = "twilio-fpa;v=1";
const MAX_TTL_S = 86_400;
/** Tolerated difference between the clocks of two machines. */
const TOLERANCE_S = 60;

/** Verifies a token as Twilio does. Throws Twilio's error for an invalid token. */
export function verifyToken(domain: Domain, token: string): Access {
  const [head = "", body = "", signature = "", ...rest] = token.split(".");
  const header = parseObject(decode(head).toString());
  const claims = parseObject(decode(body).toString());
  if (!header || !claims || rest.length > 0) throw fail(20101);
  const digest = DIGESTS.get(header.alg);
  if (digest === undefined || header.typ !== "JWT" || header.cty !== CONTENT_TYPE) throw fail(20102);

  const key = typeof claims.iss === "string" ? keyTable.in(domain).get(claims.iss) : undefined;
  if (!key || key.accountSid !== claims.sub) throw fail(20103);
  // A restricted key cannot sign tokens.
  if (key.allow) throw fail(20101);
  const expected = createHmac(digest, key.secret).update(`${head}.${body}`).digest();
  const given = decode(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw fail(20107);

  const { accountSid } = key;
  if (accountTable.in(domain).get(accountSid)?.status !== "active") throw fail(20005);
  return {
    scope: domain.scope(accountSid),
    keySid: key.sid,
    ...readGrants(domain, accountSid, claims.grants),
    expiresAt: readExpiry(domain, claims),
  };
}

/** The API key that a token names as its issuer, without verifying anything; an empty text if there is none. */
export function issuerOf(token: string): string {
  const { iss } = parseObject(decode(token.split(".")[1] ?? "").toString()) ?? {};
  return typeof iss === "string" ? iss : "";
}

function decode(part: string): Buffer {
  return Buffer.from(part, "base64url");
}

/** Returns the token's expiry by the emulator's clock. Throws if the token is not valid yet or not valid any more. */
function readExpiry(domain: Domain, { exp, iat, nbf }: Record<string, unknown>): number {
  // Without a time of its creation, a token counts as new.
  const ahead = domain.time.aheadAt(typeof iat === "number" ? iat : Number.NaN) / 1000;
  const now = domain.now() / 1000 - ahead;
  if (typeof exp !== "number" || exp <= now) throw fail(20104);
  if (typeof nbf === "number" && nbf > now + TOLERANCE_S) throw fail(20105);
  // From now too, because a token may claim any time of its creation.
  const createdAt = typeof iat === "number" ? Math.min(iat, now) : now;
  if (exp - createdAt > MAX_TTL_S + TOLERANCE_S) throw fail(20157);
  return (exp + ahead) * 1000;
}

function readGrants(domain: Domain, accountSid: string, grants: unknown): Pick<Access, "service" | "identity" | "pushCredentialSid"> {
  const { identity, chat } = (grants ?? {}) as { identity?: unknown; chat?: { service_sid?: unknown; push_credential_sid?: unknown } };
  const service = typeof chat?.service_sid === "string" ? serviceTable.in(domain).get(chat.service_sid) : undefined;
  // What REST creates has this author, so a user with this identity could edit all of it.
  if (typeof identity !== "string" || identity === "" || identity === CREATED_BY_REST || service?.accountSid !== accountSid)
    throw fail(20106);
  const credential = chat?.push_credential_sid;
  return { service, identity, pushCredentialSid: typeof credential === "string" && isSid("CR", credential) ? credential : null };
}

/** Whether what the access depends on is gone: its key, its user, its service, or its account. */
export function isRevoked({ scope, keySid, service }: Access, { sid, identity }: UserRecord): boolean {
  const { domain, accountSid } = scope;
  const isThere =
    keyTable.in(domain).get(keySid) && serviceTable.in(domain).get(service.sid) && userTable.in(domain).get(sid)?.identity === identity;
  return !isThere || accountTable.in(domain).get(accountSid)?.status !== "active";
}

/** The scope of what a user does through the SDK. */
export function sdkScope({ scope, identity }: Access, requestSid?: string): Scope {
  return { ...scope, origin: { source: "SDK", webhooksEnabled: true, clientIdentity: identity, requestSid } };
}
