import type { Format } from "../core/lifecycle/formats";

// No reason repeats the value: every one is secret.
const hidden = "the value is secret and not shown";

/** One PEM block with this label, unencrypted. */
const pem =
  (what: string, label: RegExp, example: string): Format =>
  (value) => {
    const [block, ...more] =
      typeof value === "string" ? [...value.matchAll(/-----BEGIN ([A-Z ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/g)] : [];
    const isOne = block !== undefined && more.length === 0 && label.test(block[1] as string);
    return isOne ? undefined : `must be ${what} in PEM form, from -----BEGIN ${example}----- to -----END ${example}-----; ${hidden}`;
  };

/** A certificate of Apple's push service. */
export const certificate = pem("one certificate", /^CERTIFICATE$/, "CERTIFICATE");

/** The private key of a certificate. */
export const privateKey = pem("one private key without a passphrase", /^(RSA )?PRIVATE KEY$/, "PRIVATE KEY");

const keysOfAccount = ["project_id", "private_key", "client_email"];
const file = "the JSON file of a service account, which the Firebase console creates under Project settings, Service accounts";

/** The text of a service account's JSON file. */
export const serviceAccount: Format = (value) => {
  const account = parsed(value);
  if (account === undefined)
    return `must be the text of ${file}, and is no JSON object; Google ended the server keys of the older API in 2024; ${hidden}`;
  const missing = keysOfAccount.filter((key) => typeof account[key] !== "string" || account[key] === "");
  if (account.type !== "service_account") return `must be the text of ${file}: its \`type\` must be "service_account"; ${hidden}`;
  if (missing.length > 0) return `must be the text of ${file}: it has no ${missing.map((key) => `\`${key}\``).join(", ")}; ${hidden}`;
  return privateKey(account.private_key) === undefined ? undefined : `must be the text of ${file}: its \`private_key\` is none; ${hidden}`;
};

function parsed(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "string") return undefined;
  try {
    const found: unknown = JSON.parse(value);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
