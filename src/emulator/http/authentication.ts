import type { IncomingMessage } from "node:http";
import type { Domain } from "../domain";
import type { AccountRecord } from "../resources/account";
import { authenticate } from "../resources/key";

/** Checks Basic authentication: account SID and auth token, or API key and secret. */
export function identify(scope: { domain: Domain }, request: IncomingMessage): AccountRecord {
  const match = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(request.headers.authorization ?? "");
  const [user = "", ...password] = Buffer.from(match?.[1] ?? "", "base64")
    .toString("utf8")
    .split(":");
  return authenticate(scope, user, password.join(":"));
}
