import type { IncomingMessage } from "node:http";
import type { Domain } from "../domain";
import type { AccountRecord } from "../resources/account";
import { authenticate, type KeyRecord, keyTable } from "../resources/key";

/** Checks Basic authentication: account SID and auth token, or API key and secret. */
export function identify(scope: { domain: Domain }, request: IncomingMessage): AccountRecord {
  const [user, password] = credentialsOf(request);
  return authenticate(scope, user, password);
}

/** The API key that signs a request in; undefined if the auth token does. */
export function keyOf({ domain }: { domain: Domain }, request: IncomingMessage): KeyRecord | undefined {
  return keyTable.in(domain).get(credentialsOf(request)[0]);
}

function credentialsOf(request: IncomingMessage): [user: string, password: string] {
  const match = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(request.headers.authorization ?? "");
  const [user = "", ...password] = Buffer.from(match?.[1] ?? "", "base64")
    .toString("utf8")
    .split(":");
  return [user, password.join(":")];
}
