/** Removes secrets from what is recorded. */
import type { Domain } from "../domain";
import { accountTable } from "../resources/account";
import { keyTable } from "../resources/key";

/** Replaces a secret. */
const MASK = "***";

const SECRET_NAMES = new Set(
  ["AuthToken", "Secret", "ApiKey", "PrivateKey", "Certificate", "Password", "Credential", "Token", "ApiSecret", "ClientSecret"].flatMap(
    (name) => [name.toLowerCase(), name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()],
  ),
);

/** Whether a parameter or a property with this name has a secret. */
const isSecretName = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase());

/** A form or a query without the values of secrets. */
export function withoutSecrets(encoded: string): string {
  const pairs = [...new URLSearchParams(encoded)];
  if (!pairs.some(([name]) => isSecretName(name))) return encoded;
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, isSecretName(name) ? MASK : value])).toString();
}

/** A response's body without the values of secrets. */
export function jsonWithoutSecrets(body: unknown): string {
  if (typeof body === "string") return body;
  return body === undefined ? "" : JSON.stringify(body, (name, value) => (isSecretName(name) && typeof value === "string" ? MASK : value));
}

/** A text without the secrets that the emulator knows, in whatever field, and without passwords of URLs. */
export function redactKnown(domain: Domain, text: string): string {
  const { authToken, apiSecret } = domain.credentials;
  const tokens = accountTable
    .in(domain)
    .all()
    .map((account) => account.authToken);
  const secrets = keyTable
    .in(domain)
    .all()
    .map(({ secret }) => secret);
  // The longest first, because one may be part of another.
  const known = [authToken, apiSecret, ...tokens, ...secrets].filter(({ length }) => length > 0).sort((a, b) => b.length - a.length);
  const redacted = known.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  // In plain text, and as a form encodes it.
  return redacted
    .replace(/(\/\/[^\s/:@"\\]+:)[^\s/@"\\]+(?=@)/g, `$1${MASK}`)
    .replace(/(%2F%2F(?:(?!%2F|%3A|%40)[^\s&])+%3A)(?:(?!%2F|%40)[^\s&])+(?=%40)/gi, `$1${MASK}`);
}
