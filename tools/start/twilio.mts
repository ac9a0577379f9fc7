import { interrupt } from "./interrupt.mts";

/** A Twilio that serves, and the credentials for it. */
export interface Server {
  url: string;
  accountSid: string;
  authToken: string;
}

/** Asks Twilio's REST API at `path`, which begins with the product's host name. A form makes it a POST. */
export async function rest<T>({ url, accountSid, authToken }: Server, path: string, form?: Record<string, string>): Promise<T> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  return ask<T>(`${url}/${path}`, { headers: { authorization }, ...(form && { method: "POST", body: new URLSearchParams(form) }) });
}

/** Asks the emulator's own endpoints. A body makes it a POST. */
export async function control<T>({ url }: Pick<Server, "url">, path: string, body?: Record<string, string>): Promise<T> {
  const post = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return ask<T>(`${url}/_emulator/${path}`, { ...post });
}

async function ask<T>(url: string, init: RequestInit): Promise<T> {
  const answer = await fetch(url, { ...init, signal: interrupt });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${init.method ?? "GET"} ${url}: HTTP ${answer.status}: ${text}`);
  return JSON.parse(text) as T;
}
