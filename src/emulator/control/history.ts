/** The latest events and requests, numbered, for clients that connect later or reconnect. In memory only. */
import { randomUUID } from "node:crypto";
import { isoDate } from "../dates";
import type { DomainEvent, EventBus } from "../events";
import { withoutPassword } from "../webhooks/deliveries";

/** A request and its result. Query, body and credentials are not stored. */
export interface LoggedRequest {
  /** `RQ…`, the `Twilio-Request-Id` of the response. */
  sid: string;
  method: string;
  /** `conversations.twilio.com`; null when the request named no product. */
  host: string | null;
  path: string;
  /** Null if the connection was closed without a response, as a fault may do. */
  status: number | null;
  durationMs: number;
  /** Twilio's error code and message, if the request failed. */
  code: number | null;
  message: string | null;
  /** Whether a fault rule produced the response or closed the connection. */
  isFault: boolean;
}

/** A request and its response, as each API reports them. */
interface Result extends Pick<LoggedRequest, "sid" | "method" | "host" | "path" | "status" | "isFault"> {
  /** The body of the response. Only parts of an error are stored. */
  body: unknown;
  /** When the request arrived, from `performance.now()`. */
  started: number;
  /** What was sent, to repeat it. Undefined if it cannot be. */
  sent?: SentRequest | undefined;
}

/** What the log does not show of a request. */
export interface SentRequest {
  /** The query of a read, or the form of a change. */
  form: string;
  webhooksEnabled: boolean;
}

/** What happens to the connections of the chat SDK. */
export interface ClientEvents {
  clientConnected: { client: SdkClient };
  clientDisconnected: { client: SdkClient; reason: string };
  /** A connection was refused because of its token. */
  clientRefused: { refusal: { code: number | null; message: string } };
  clientNotified: { notification: ClientNotification };
}

/** The user of a connection. */
export interface SdkClient {
  identity: string;
  serviceSid: string;
}

/** A change that clients were sent. */
export interface ClientNotification {
  /** What changed: `messages`, `roster`, `channel`, `my_conversations` or `user_info`. */
  view: string;
  action: string;
  key: string | number;
  conversationSid: string | null;
  /** The users whose clients were sent it, at most 20. */
  identities: string[];
  /** The number of those users. */
  count: number;
  /** Chat participants of a new message's conversation of which no client is subscribed to it, at most 20. */
  absent: string[];
}

/** One entry, as the event stream sends it. */
export interface Entry {
  /** Increases with each entry. Starts with a prefix that identifies this run of the emulator. */
  id: string;
  number: number;
  event: DomainEvent["name"] | "requestAnswered" | keyof ClientEvents;
  accountSid: string;
  date: string;
  /** What caused it, as webhooks name it. */
  source: DomainEvent["origin"]["source"];
  /** The SDK user who caused it. */
  clientIdentity?: string;
  /** The request that caused it. */
  requestSid?: string;
  data: unknown;
}

const MAX_EVENTS = 1000;
const MAX_REQUESTS = 500;
const MAX_CLIENT_EVENTS = 500;
/** A longer form is not kept. */
const MAX_FORM = 8192;
const MAX_TEXT = 1000;

type Listener = (entry: Entry) => void;

/** Whether the event is about a connection of the chat SDK. */
export const isClientEvent = (event: Entry["event"]): event is keyof ClientEvents => event.startsWith("client");

export class History {
  private readonly run = randomUUID().slice(0, 8);
  /** Each listener, and what ends its subscription. */
  private readonly listeners = new Map<Listener, () => void>();
  private events: Entry[] = [];
  private requestEntries: Entry[] = [];
  private clientEntries: Entry[] = [];
  private readonly sent = new WeakMap<object, SentRequest>();
  private last = 0;

  constructor(bus: EventBus) {
    bus.subscribe((event) => this.addEvent(event));
  }

  private addEvent({ name, accountSid, at, origin, data }: DomainEvent): void {
    if (name === "reset" || name === "restored") [this.events, this.requestEntries, this.clientEntries] = [[], [], []];
    const { source, clientIdentity, requestSid } = origin;
    const cause = { source, ...(clientIdentity && { clientIdentity }), ...(requestSid && { requestSid }) };
    this.add(this.events, MAX_EVENTS, { event: name, accountSid, date: isoDate(at), ...cause, data: withoutPasswords(data) });
  }

  /** Adds a request after its response. If the clock fails, adds nothing: the response was already 500. */
  addRequest({ body, started, sent, ...result }: Result, accountSid: string, now: () => number): void {
    const isError = (result.status ?? 0) >= 400;
    const { code = null, message = null } = isError ? ((body ?? {}) as { code?: number; message?: string }) : {};
    const durationMs = Math.round(performance.now() - started);
    const texts = { method: cut(result.method), path: cut(result.path), message: message && cut(message) };
    const request: LoggedRequest = { ...result, ...texts, durationMs, code };
    if (sent && sent.form.length <= MAX_FORM && texts.path === result.path) this.sent.set(request, sent);
    this.addDated(this.requestEntries, MAX_REQUESTS, { event: "requestAnswered", accountSid, source: "API", data: { request } }, now);
  }

  /** Adds what happened to a connection of the chat SDK. */
  addClientEvent<Name extends keyof ClientEvents>(event: Name, data: ClientEvents[Name], accountSid: string, now: () => number): void {
    this.addDated(this.clientEntries, MAX_CLIENT_EVENTS, { event, accountSid, source: "SDK", data }, now);
  }

  /** What a request of the log sent. Undefined if it was not kept. */
  sentWith(request: LoggedRequest): SentRequest | undefined {
    return this.sent.get(request);
  }

  private addDated(entries: Entry[], max: number, entry: Omit<Entry, "id" | "number" | "date">, now: () => number): void {
    try {
      this.add(entries, max, { ...entry, date: isoDate(now()) });
    } catch {
      // The clock failed, so there is no date.
    }
  }

  private add(entries: Entry[], max: number, entry: Omit<Entry, "id" | "number">): void {
    const number = ++this.last;
    const numbered = { id: `${this.run}-${number}`, number, ...entry };
    entries.push(numbered);
    if (entries.length > max) entries.shift();
    for (const listener of [...this.listeners.keys()]) listener(numbered);
  }

  /** The entries after the one with this ID. All entries if the ID is of another run or unknown. */
  after(id: string): Entry[] {
    const [run, number] = id.split("-");
    const since = run === this.run ? Number(number) : 0;
    return [...this.events, ...this.requestEntries, ...this.clientEntries]
      .filter((entry) => entry.number > since)
      .sort((a, b) => a.number - b.number);
  }

  /** The stored requests, oldest first. */
  requests(): readonly Entry[] {
    return this.requestEntries;
  }

  /** Ends all subscriptions. */
  close(): void {
    for (const end of this.listeners.values()) end();
  }

  /** Calls `onEnd` when nothing more will happen. Returns the function that ends the subscription. */
  subscribe(listener: Listener, onEnd: () => void): () => void {
    this.listeners.set(listener, onEnd);
    return () => this.listeners.delete(listener);
  }
}

/** A client chooses these texts, and the SDK's socket accepts a million characters. */
const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

/** The URLs of webhooks and status callbacks may contain a user name and a password. */
function withoutPasswords<T extends object>(data: T): T {
  if (!("webhook" in data || "webhooks" in data || "sms" in data || "route" in data)) return data;
  const isUrl = (key: string) => key === "url" || key === "statusCallback";
  const mask = (key: string, value: unknown) => (isUrl(key) && typeof value === "string" ? withoutPassword(value) : value);
  return JSON.parse(JSON.stringify(data, mask)) as T;
}
