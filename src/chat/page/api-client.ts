import type { About, ErrorResponse, Handset, Text, TokenResponse } from "../api";

/** The page's server, or Twilio behind it, does not respond. Both may come back without any action of the user. */
export class Unreachable extends Error {}

const NO_SERVER =
  "The chat server does not respond. Start it again (npm start, or twilio-conversations chat). This page reconnects by itself.";

async function request<T>(path: string, body?: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const post = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(path, post).catch(() => {
    throw new Unreachable(NO_SERVER);
  });
  const result = (await response.json()) as T & ErrorResponse;
  if (response.status === 503) throw new Unreachable(result.message);
  if (!response.ok) throw new Error(result.message);
  return result;
}

/** Reads the service and the backend of this page. */
export const getAbout = (): Promise<About> => request("/about");
/** Creates an access token for an identity. */
export const createToken = (identity: string): Promise<TokenResponse> => request("/token", { identity });
/** Lists the virtual phones. */
export const listHandsets = (): Promise<Handset[]> => request("/handsets");
/** Lists the texts that a phone sent and received. */
export const listTexts = (handset: string): Promise<Text[]> => request(`/texts?handset=${encodeURIComponent(handset)}`);
/** Sends a text from a phone. */
export const sendText = (from: string, to: string, body: string): Promise<unknown> => request("/texts", { from, to, body });
