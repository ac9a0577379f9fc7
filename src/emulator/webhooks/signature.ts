import { createHmac } from "node:crypto";

/**
 * Computes `X-Twilio-Signature`: the URL as the receiver sees it, followed by the name and value of each form parameter
 * in order of their names, signed by HMAC-SHA1 with the account's auth token (never an API key's secret), in base64.
 */
export function signatureOf(authToken: string, url: string, form: Readonly<Record<string, string>>): string {
  const names = Object.keys(form).sort();
  const text = url + names.map((name) => name + form[name]).join("");
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}
