/** What happened of late: events and answered requests, numbered, for whoever comes later or was away. In memory only. */
import { randomUUID } from "node:crypto";
import { isoDate } from "../dates";
import type { DomainEvent, EventBus } from "../events";
import { withoutPassword } from "../webhooks/deliveries";

/** A request to the REST API and what became of it. Neither query nor body nor credentials are kept. */
export interface AnsweredRequest {
  /** `RQ…`, the `Twilio-Request-Id` of the answer. */
  sid: string;
  method: string;
  /** `conversations.twilio.com`; null when the request named no product. */
  host: string | null;
  path: string;
  /** Null when the connection was cut in place of an answer, as a fault may do. */
  status: number | null;
  durationMs: number;
  /** Twilio's error code and message, of a refusal. */
  code: number | null;
  message: string | null;
  /** A fault rule answered in place of Twilio, or cut the connection. */
  isFault: boolean;
}

/** A request and its answer, as each edge has them. */
interface Answer extends Pick<AnsweredRequest, "sid" | "method" | "host" | "path" | "status" | "isFault"> {
  /** What was answered; only of a refusal something is kept. */
  body: unknown;
  /** When the request came, by `performance.now()`. */
  started: number;
}

/** One entry, as the event stream tells it. */
export interface Entry {
  /** Grows with each; begins with what tells this run of the emulator from others. */
  id: string;
  number: number;
  event: DomainEvent["name"] | "requestAnswered";
  accountSid: string;
  date: string;
  /** Who caused it, as webhooks name it. */
  source: DomainEvent["origin"]["source"];
  /** The SDK user who caused it. */
  clientIdentity?: string;
  /** The request that caused it. */
  requestSid?: string;
  data: unknown;
}

const MOST_EVENTS = 1000;
const MOST_REQUESTS = 500;

type Listener = (entry: Entry) => void;

export class History {
  private readonly run = randomUUID().slice(0, 8);
  private readonly listeners = new Set<Listener>();
  private events: Entry[] = [];
  private answered: Entry[] = [];
  private last = 0;

  constructor(bus: EventBus) {
    bus.subscribe((event) => this.addEvent(event));
  }

  private addEvent({ name, accountSid, at, origin, data }: DomainEvent): void {
    if (name === "reset") [this.events, this.answered] = [[], []];
    const { source, clientIdentity, requestSid } = origin;
    const cause = { source, ...(clientIdentity && { clientIdentity }), ...(requestSid && { requestSid }) };
    this.add(this.events, MOST_EVENTS, { event: name, accountSid, date: isoDate(at), ...cause, data: withoutPasswords(data) });
  }

  /** Notes a request once it is answered: for people to look at, so a clock that fails (and has been answered with 500) notes nothing. */
  addRequest({ body, started, ...answer }: Answer, accountSid: string, now: () => number): void {
    const isRefused = (answer.status ?? 0) >= 400;
    const { code = null, message = null } = isRefused ? ((body ?? {}) as { code?: number; message?: string }) : {};
    const request: AnsweredRequest = { ...answer, durationMs: Math.round(performance.now() - started), code, message };
    try {
      const date = isoDate(now());
      this.add(this.answered, MOST_REQUESTS, { event: "requestAnswered", accountSid, date, source: "API", data: { request } });
    } catch {
      // There is no date to note.
    }
  }

  private add(entries: Entry[], most: number, entry: Omit<Entry, "id" | "number">): void {
    const number = ++this.last;
    const numbered = { id: `${this.run}-${number}`, number, ...entry };
    entries.push(numbered);
    if (entries.length > most) entries.shift();
    for (const listener of [...this.listeners]) listener(numbered);
  }

  /** Everything kept that came after the entry with this id; all of it when that was in another run, or when the id is no entry's. */
  after(id: string): Entry[] {
    const [run, number] = id.split("-");
    const since = run === this.run ? Number(number) : 0;
    return [...this.events, ...this.answered].filter((entry) => entry.number > since).sort((a, b) => a.number - b.number);
  }

  /** The requests that are kept, oldest first. */
  requests(): readonly Entry[] {
    return this.answered;
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Webhooks may have user and password in their URLs. */
function withoutPasswords<T extends object>(data: T): T {
  if (!("webhook" in data || "webhooks" in data)) return data;
  const mask = (key: string, value: unknown) => (key === "url" && typeof value === "string" ? withoutPassword(value) : value);
  return JSON.parse(JSON.stringify(data, mask)) as T;
}
