import { createHmac } from "node:crypto";

/**
 * Computes `X-Twilio-Signature`: the URL as the receiver sees it, followed by the name and value of each form parameter
 * in order of their names, signed by HMAC-SHA1 with the account's auth token (never an API key's secret), in base64.
 */
export function signatureOf(authToken: string, url: string, form: Readonly<Record<string, string>>): string {
  return createHmac("sha1", authToken).update(signedText(url, form), "utf8").digest("base64");
}

/** What the signature is computed from. */
export function signedText(url: string, form: Readonly<Record<string, string>>): string {
  const names = Object.keys(form).sort();
  return url + names.map((name) => name + form[name]).join("");
}
