import { interrupt } from "./interrupt.mts";

/** The URL of an emulator, and credentials for it. */
export interface Server {
  url: string;
  accountSid: string;
  authToken: string;
}

/** Sends a request to Twilio's REST API. `path` starts with the product's host name. A form makes it a POST. */
export async function rest<T>({ url, accountSid, authToken }: Server, path: string, form?: Record<string, string>): Promise<T> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  return request<T>(`${url}/${path}`, { headers: { authorization }, ...(form && { method: "POST", body: new URLSearchParams(form) }) });
}

/** Sends a request to the emulator's control endpoints. A body makes it a POST. */
export async function control<T>({ url }: Pick<Server, "url">, path: string, body?: Record<string, string>): Promise<T> {
  const post = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return request<T>(`${url}/_emulator/${path}`, { ...post });
}

async function request<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: interrupt });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method ?? "GET"} ${url}: HTTP ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
