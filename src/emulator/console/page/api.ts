/** What the control plane tells, in so far as the page shows it. */

export interface Participant {
  readonly sid: string;
  readonly identity: string | null;
  readonly address: string | null;
  readonly proxyAddress: string | null;
  readonly projectedAddress: string | null;
}

export interface Conversation {
  readonly sid: string;
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly friendlyName: string | null;
  readonly uniqueName: string | null;
  readonly state: string;
  readonly date: string;
  /** How many. */
  readonly messages: number;
  readonly participants: readonly Participant[];
}

export interface PhoneNumber {
  readonly sid: string;
  readonly phoneNumber: string;
  readonly friendlyName: string;
  readonly smsUrl: string | null;
}

export interface State {
  readonly numbers: readonly PhoneNumber[];
  readonly services: readonly { readonly sid: string; readonly friendlyName: string }[];
  readonly conversations: readonly Conversation[];
  /** How many older conversations there are. */
  readonly omitted: number;
}

export interface Message {
  readonly sid: string;
  readonly index: number;
  readonly author: string;
  readonly body: string | null;
  readonly media: readonly { readonly filename: string; readonly contentType: string; readonly size: number }[];
  readonly date: string;
  readonly receipts: readonly { readonly participantSid: string; readonly status: string; readonly errorCode: number | null }[];
}

export interface Talk {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
  readonly omitted: number;
}

/** An event of the stream. */
export interface Entry {
  readonly event: string;
  readonly date: string;
  readonly source: string;
  readonly clientIdentity?: string;
  readonly requestSid?: string;
  // biome-ignore lint/suspicious/noExplicitAny: each event has its own data, and the page shows what it finds
  readonly data: any;
}

/** Asks the control plane; `undefined` where there is no such thing (any more). */
export async function ask<T>(path: string): Promise<T | undefined> {
  const answer = await fetch(`/_emulator/${path}`);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`the control plane answered ${answer.status}`);
  return (await answer.json()) as T;
}
