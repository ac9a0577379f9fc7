import type { IncomingMessage } from "node:http";
import type { Domain } from "../domain";
import type { AccountRecord } from "../resources/account";
import { authenticate, isMainKey, type KeyRecord, keyTable } from "../resources/key";

/** Checks Basic authentication: account SID and auth token, or API key and secret. */
export function identify(scope: { domain: Domain }, request: IncomingMessage): AccountRecord {
  const [user, password] = credentialsOf(request);
  return authenticate(scope, user, password);
}

/** What signs a request in. */
export function signerOf(scope: { domain: Domain }, request: IncomingMessage): "auth token" | "main key" | "key" {
  const key = keyTable.in(scope.domain).get(credentialsOf(request)[0]);
  if (!key) return "auth token";
  return isMainKey(scope, key) ? "main key" : "key";
}

/** The API key that signs a request in, if it may not do everything; undefined for a main key and for the auth token. */
export function limitedKeyOf(scope: { domain: Domain }, request: IncomingMessage): KeyRecord | undefined {
  const key = keyTable.in(scope.domain).get(credentialsOf(request)[0]);
  return key && !isMainKey(scope, key) ? key : undefined;
}

/** The account SID or API key that a request names. */
export const userOf = (request: IncomingMessage): string => credentialsOf(request)[0];

function credentialsOf(request: IncomingMessage): [user: string, password: string] {
  const match = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(request.headers.authorization ?? "");
  const [user = "", ...password] = Buffer.from(match?.[1] ?? "", "base64")
    .toString("utf8")
    .split(":");
  return [user, password.join(":")];
}
