import type { About, Handset, Refused, Text, TokenAnswer } from "../api";

/** Nobody answers: neither the page's server nor, behind it, Twilio. It may be over by itself. */
export class Away extends Error {}

const NO_SERVER = "The chat server does not answer. Start it again (npm start, or twilio-conversations chat); this page goes on by itself.";

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const json = { "Content-Type": "application/json" };
  const post = body === undefined ? {} : { method: "POST", headers: json, body: JSON.stringify(body) };
  const answer = await fetch(path, post).catch(() => {
    throw new Away(NO_SERVER);
  });
  const said = (await answer.json()) as T & Refused;
  if (answer.status === 503) throw new Away(said.message);
  if (!answer.ok) throw new Error(said.message);
  return said;
}

/** What the page is about. */
export const about = (): Promise<About> => ask("/about");
/** A token for somebody, and where to go with it. */
export const newToken = (identity: string): Promise<TokenAnswer> => ask("/token", { identity });
/** The virtual phones. */
export const handsets = (): Promise<Handset[]> => ask("/handsets");
/** What a phone sent and received. */
export const textsOf = (handset: string): Promise<Text[]> => ask(`/texts?handset=${encodeURIComponent(handset)}`);
/** Texts from a phone. */
export const sendText = (from: string, to: string, body: string): Promise<unknown> => ask("/texts", { from, to, body });
