/** The control plane's responses, as far as the page shows them. */

/** A participant of a conversation. */
export interface Participant {
  readonly sid: string;
  readonly identity: string | null;
  readonly address: string | null;
  readonly proxyAddress: string | null;
  readonly projectedAddress: string | null;
}

/** A conversation, without its messages. */
export interface Conversation {
  readonly sid: string;
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly friendlyName: string | null;
  readonly uniqueName: string | null;
  readonly state: string;
  readonly date: string;
  /** The number of messages. */
  readonly messages: number;
  readonly participants: readonly Participant[];
}

/** A number that the account owns. */
export interface PhoneNumber {
  readonly sid: string;
  readonly phoneNumber: string;
  readonly friendlyName: string;
  readonly smsUrl: string | null;
}

/** All resources that the sidebar shows. */
export interface State {
  readonly numbers: readonly PhoneNumber[];
  readonly services: readonly { readonly sid: string; readonly friendlyName: string }[];
  readonly conversations: readonly Conversation[];
  /** The addresses of phones, the latest first. */
  readonly phones: readonly string[];
  /** The number of older conversations that are not included. */
  readonly omitted: number;
}

/** A message and its delivery receipts. */
export interface Message {
  readonly sid: string;
  readonly index: number;
  readonly author: string;
  readonly body: string | null;
  readonly media: readonly { readonly filename: string; readonly contentType: string; readonly size: number }[];
  readonly date: string;
  readonly receipts: readonly { readonly participantSid: string; readonly status: string; readonly errorCode: number | null }[];
}

/** A conversation with its messages. `omitted` is the number of earlier messages that are not included. */
export interface ConversationDetails {
  readonly conversation: Conversation;
  readonly messages: readonly Message[];
  readonly omitted: number;
}

/** A text that a phone sent or received. */
export interface PhoneText {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly status: string;
  readonly date: string;
  readonly conversationSid: string | null;
}

/** A saved state. */
export interface Snapshot {
  readonly name: string;
  readonly savedAt: string;
}

/** A fault rule, and how many requests it matched and acted on. */
export interface Fault {
  readonly id: number;
  readonly matched: number;
  readonly acted: number;
  readonly error?: string;
  readonly [field: string]: unknown;
}

/** An event from the event stream. */
export interface Entry {
  readonly event: string;
  readonly date: string;
  readonly source: string;
  readonly clientIdentity?: string;
  readonly requestSid?: string;
  // biome-ignore lint/suspicious/noExplicitAny: each event has its own data
  readonly data: any;
}

/** Sends a GET request to the control plane. Returns undefined for 404. */
export async function getControl<T>(path: string): Promise<T | undefined> {
  const response = await fetch(`/_emulator/${path}`);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the control plane returned ${response.status}`);
  return (await response.json()) as T;
}

/** Sends a change to the control plane. Throws an error with the control plane's reason if it is refused. */
export async function sendControl<T>(method: "POST" | "DELETE" | "GET", path: string, input?: unknown): Promise<T> {
  const response = await fetch(`/_emulator/${path}`, { method, ...(input !== undefined && { body: JSON.stringify(input) }) });
  const body = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new Error(body.message ?? `the control plane returned ${response.status}`);
  return body;
}
