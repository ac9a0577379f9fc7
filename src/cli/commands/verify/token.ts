import { createHmac, timingSafeEqual } from "node:crypto";
import { chatToken } from "../../../chat/chat-token";
import type { Connection } from "../../../core/twilio/connection";
import { openTwilio } from "../../../core/twilio/transport";
import { advancedMs } from "../../shared/control-plane";
import { Fault, Skipped } from "./check";

/** The identity in the verification's token. The token is never used, so Twilio creates no such user. */
const IDENTITY = "verification";

/** Twilio tolerates a small difference between two clocks; its `Date` header has a resolution of one second. */
const TOLERANCE_S = 60;

/** Creates an access token, checks it as Twilio would, and has Twilio accept the key that signed it. The token is neither printed nor stored. */
export async function tokenWorks(connection: Connection, serviceSid: string): Promise<string> {
  const { accountSid, signingKey: key, region } = connection;
  if (!key) {
    throw new Skipped("there is no API key; an auth token cannot sign access tokens", "set apiKey and apiSecret of the account.");
  }
  const token = chatToken({ accountSid, apiKey: key.sid, apiSecret: key.secret, chatServiceSid: serviceSid, identity: IDENTITY, region });
  const wrong = faultsOf(token, { accountSid, key, serviceSid });
  if (wrong.length > 0) throw new Fault(`the token has a wrong ${wrong.join(", ")}`, "this is a bug in this package: please report it.");
  // A wrong secret signs as well; only Twilio can check it.
  const asKey = openTwilio({ ...connection, username: key.sid, password: key.secret, source: `the API key ${key.sid}` });
  const path = `/v1/Services/${serviceSid}`;
  const found = await asKey.send({ attempt: `Cannot use the API key ${key.sid}`, product: "conversations", method: "get", path });
  if (!found) throw new Fault(`there is no service ${serviceSid} in account ${accountSid}`, "check the service's SID and the account.");
  checkTimes(token, (asKey.skewMs() ?? 0) - (await advancedMs(connection)));
  return `signed by ${key.sid}, which Twilio accepts; it grants chat in ${serviceSid}`;
}

/** Twilio compares a token with its own clock, and this machine's clock wrote the token. */
function checkTimes(token: string, skewMs: number): void {
  const { iat = 0, exp = 0 } = decoded<Claims>(token.split(".")[1] ?? "");
  const now = (Date.now() + skewMs) / 1000;
  const seconds = Math.abs(Math.round(skewMs / 1000));
  const fix = "synchronize the clock: sudo timedatectl set-ntp true";
  if (iat > now + TOLERANCE_S) {
    throw new Fault(`Twilio refuses the token, which is not valid yet: this machine's clock is ${seconds} s ahead of Twilio's`, fix);
  }
  if (exp <= now) throw new Fault(`Twilio refuses the token, which is expired: this machine's clock is ${seconds} s behind Twilio's`, fix);
}

const decoded = <T>(part: string): T => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as T;

interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly grants?: { readonly identity?: string; readonly chat?: { readonly service_sid?: string } };
}

interface Expected {
  readonly accountSid: string;
  readonly key: { readonly sid: string; readonly secret: string };
  readonly serviceSid: string;
}

/** The parts of a token that Twilio would refuse. */
function faultsOf(token: string, { accountSid, key, serviceSid }: Expected): string[] {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const { alg, cty } = decoded<{ alg?: string; cty?: string }>(header);
  const { iss, sub, iat = 0, exp = 0, grants } = decoded<Claims>(payload);
  const wanted = createHmac("sha256", key.secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, "base64url");
  const verdicts = {
    format: alg === "HS256" && cty?.startsWith("twilio-fpa;v=1"),
    signature: given.length === wanted.length && timingSafeEqual(given, wanted),
    key: iss === key.sid,
    account: sub === accountSid,
    expiry: exp > iat && exp > Date.now() / 1000,
    identity: grants?.identity === IDENTITY,
    service: grants?.chat?.service_sid === serviceSid,
  };
  return Object.entries(verdicts).flatMap(([part, isRight]) => (isRight ? [] : [part]));
}
