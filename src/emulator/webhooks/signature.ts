import { createHmac } from "node:crypto";

/**
 * `X-Twilio-Signature`: the URL as the receiver sees it, followed by each parameter of the form body and its value,
 * in the order of their names; HMAC-SHA1 with the auth token of the account (never an API key's secret), in base64.
 */
export function signatureOf(authToken: string, url: string, form: Readonly<Record<string, string>>): string {
  const names = Object.keys(form).sort();
  const text = url + names.map((name) => name + form[name]).join("");
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
}
