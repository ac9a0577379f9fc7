/** Sends requests to receivers, in order per URL, and logs each request and its outcome. Queue and log are in memory only. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type DeliveryLimits, deliveryLimitsFor, type Failure, RETRY_PAUSE_MS } from "./delivery-limits";
import { NoResponse, type ReceiverResponse, sendRequest } from "./http-request";
import { signatureOf } from "./signature";

/** An event to report to one receiver. */
export interface Report {
  accountSid: string;
  /** Twilio's name of the event; `incomingMessage` for a text that is reported to its number's webhook; `messageStatus` for the status of a text. */
  event: string;
  /** Where the webhook is configured. */
  scope: "account" | "service" | "conversation" | "number" | "message";
  /** `webhook` is sent to the URL. The other targets are only logged. */
  target: "webhook" | "flex" | "trigger" | "studio";
  webhookSid?: string | undefined;
  conversationSid?: string | undefined;
  url: string | null;
  method: "GET" | "POST";
  parameters: Record<string, string>;
}

/** One attempt. `status` is null if there was no response; `error` is null if there was one. */
export interface Attempt {
  date: string;
  status: number | null;
  error: string | null;
  durationMs: number;
  /** The start of the response's body, without the secrets that were sent. Null if there was none. */
  response: string | null;
}

/**
 * Starts as `pending`. A post-webhook ends as `delivered` (2xx), `failed` or `recorded` (not sent). A pre-webhook ends as
 * `accepted`, `amended`, `rejected`, or `unanswered`, which accepts the change.
 */
export type Outcome = "pending" | "delivered" | "failed" | "recorded" | "accepted" | "amended" | "rejected" | "unanswered";

declare module "../events" {
  interface DomainEvents {
    /** A delivery is final: no more attempts will be made. */
    webhookDelivered: { delivery: Delivery };
  }
}

/** An entry of the log. */
export interface Delivery extends Omit<Report, "webhookSid" | "conversationSid"> {
  /** The `I-Twilio-Idempotency-Token` of all attempts. */
  id: string;
  /** When the event was reported. */
  date: string;
  webhookSid: string | null;
  conversationSid: string | null;
  attempts: Attempt[];
  outcome: Outcome;
}

/** A delivery in progress. `done` resolves after the last attempt: to its response, or to undefined if there was none. */
export interface PendingDelivery {
  delivery: Delivery;
  done: Promise<ReceiverResponse | undefined>;
  /** Aborted when the emulator is reset or closed. */
  signal?: AbortSignal;
}

interface Options {
  /** How long the receiver may take to respond. */
  responseMs: number;
  /** Whether a change waits for the response. If so, the request skips the queue and is retried only if the connection failed. */
  isPreWebhook?: boolean;
}

const MAX_LOGGED = 1000;
const MAX_RESPONSE_LENGTH = 500;
/** The most reports that may wait for one receiver. Further reports fail. */
const MAX_QUEUED = 1000;
/** How long `close` waits for reports in progress. */
const CLOSE_TIMEOUT_MS = 500;

/** The delivery queue and its log. */
export class Deliveries {
  private log: Delivery[] = [];
  private queues = new Map<string, { last: Promise<unknown>; size: number }>();
  private abort = new AbortController();
  private readonly authTokenOf: (accountSid: string) => string;
  private readonly onFinished: (delivery: Delivery) => void;

  /** What was sent. The log has no passwords. */
  private readonly sent = new WeakMap<Delivery, { report: Report; responseMs: number }>();

  /** Those without a final outcome. */
  private readonly unfinished = new Set<Delivery>();

  /** Calls `onFinished` with each delivery that has its final outcome. */
  constructor(authTokenOf: (accountSid: string) => string, onFinished: (delivery: Delivery) => void) {
    this.authTokenOf = authTokenOf;
    this.onFinished = onFinished;
  }

  /** Logs a report without sending it. */
  record(report: Report): Delivery {
    const delivery = this.addToLog(report);
    this.finish(delivery, "recorded");
    return delivery;
  }

  /** Sends the report after all earlier reports to the same URL. */
  send(report: Report, options: Options): PendingDelivery {
    const delivery = this.addToLog(report);
    this.sent.set(delivery, { report, responseMs: options.responseMs });
    // The current signal, so that `clear` also aborts queued reports.
    const { signal } = this.abort;
    if (options.isPreWebhook) return { delivery, done: this.attempt(delivery, report, options, signal), signal };
    const key = report.url ?? "";
    const queue = this.queues.get(key) ?? { last: Promise.resolve(), size: 0 };
    if (queue.size >= MAX_QUEUED) {
      delivery.attempts.push(attemptOf(null, `${MAX_QUEUED} reports are already queued for this receiver`, 0));
      return { delivery, done: Promise.resolve(undefined), signal };
    }
    queue.size++;
    const done = queue.last.then(async () => {
      const response = await this.attempt(delivery, report, options, signal);
      if (--queue.size === 0 && this.queues.get(key) === queue) this.queues.delete(key);
      return response;
    });
    queue.last = done;
    this.queues.set(key, queue);
    return { delivery, done, signal };
  }

  /** Sends the report of a delivery again, signed by the account's present auth token. Undefined if it was not sent the first time. */
  resend(delivery: Delivery): PendingDelivery | undefined {
    const original = this.sent.get(delivery);
    if (!original) return undefined;
    const sending = this.send(original.report, { responseMs: original.responseMs });
    const done = sending.done.then((response) => {
      this.finish(sending.delivery, isSuccess(response) ? "delivered" : "failed");
      return response;
    });
    return { ...sending, done };
  }

  /** Sets the final outcome, unless the delivery was aborted. */
  finish(delivery: Delivery, outcome: Outcome): void {
    if (!this.unfinished.delete(delivery)) return;
    delivery.outcome = outcome;
    this.onFinished(delivery);
  }

  /** The log, oldest first. */
  entries(): readonly Delivery[] {
    return this.log;
  }

  /** Empties the log. Deliveries in progress continue. */
  clearLog(): void {
    this.log = [];
  }

  /** Empties the log and aborts deliveries in progress. */
  clear(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.queues = new Map();
    this.unfinished.clear();
    this.clearLog();
  }

  /** Waits briefly for deliveries in progress, then aborts them. */
  async close(): Promise<void> {
    const pending = Promise.all([...this.queues.values()].map(({ last }) => last));
    await Promise.race([pending, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    this.abort.abort();
  }

  private addToLog({ webhookSid = undefined, conversationSid = undefined, ...report }: Report): Delivery {
    const delivery: Delivery = {
      id: randomUUID(),
      date: new Date().toISOString(),
      ...report,
      url: report.url === null ? null : withoutPassword(report.url),
      webhookSid: webhookSid ?? null,
      conversationSid: conversationSid ?? null,
      attempts: [],
      outcome: "pending",
    };
    this.unfinished.add(delivery);
    this.log.push(delivery);
    if (this.log.length > MAX_LOGGED) this.log.shift();
    return delivery;
  }

  /** Sends the request, with retries. Never rejects. */
  private async attempt(
    delivery: Delivery,
    report: Report,
    { responseMs, isPreWebhook = false }: Options,
    signal: AbortSignal,
  ): Promise<ReceiverResponse | undefined> {
    const url = new URL(report.url ?? "");
    const limits = deliveryLimitsFor(url, responseMs);
    // A pre-webhook's error status is its decision, and a caller waits for it.
    if (isPreWebhook) Object.assign(limits, { totalMs: responseMs, shouldRetry: (failure: Failure) => failure === "connect" });
    const end = performance.now() + limits.totalMs;
    url.hash = "";
    let response: ReceiverResponse | undefined;
    for (let retry = 0; retry <= limits.retries && !signal.aborted; retry++) {
      const started = performance.now();
      const left = Math.max(1, end - started);
      const remaining = { connectMs: Math.min(limits.connectMs, left), responseMs: Math.min(limits.responseMs, left) };
      let failure: Failure | undefined;
      const { parameters } = report;
      const counted = parameters.RetryCount === undefined ? parameters : { ...parameters, RetryCount: String(retry) };
      try {
        response = await this.request(delivery, counted, url, { ...limits, ...remaining }, signal);
        const { status } = response;
        const text = shownResponse(response.text, url, this.authTokenOf(report.accountSid));
        delivery.attempts.push({ ...attemptOf(status, null, performance.now() - started), response: text });
        failure = isSuccess(response) ? undefined : status;
      } catch (error) {
        response = undefined;
        delivery.attempts.push(attemptOf(null, (error as Error).message, performance.now() - started));
        failure = error instanceof NoResponse ? error.failure : "connect";
      }
      if (failure === undefined || !limits.shouldRetry(failure) || performance.now() + RETRY_PAUSE_MS >= end) break;
      await sleep(RETRY_PAUSE_MS, undefined, { ref: false, signal }).catch(() => {});
    }
    return response;
  }

  private request(
    { accountSid, id, method }: Delivery,
    parameters: Record<string, string>,
    url: URL,
    limits: DeliveryLimits,
    signal: AbortSignal,
  ): Promise<ReceiverResponse> {
    const isForm = method === "POST";
    const encoded = new URLSearchParams(parameters).toString();
    const target = new URL(url);
    if (!isForm) target.search = target.search === "" ? encoded : `${target.search}&${encoded}`;
    const headers: Record<string, string> = {
      "X-Twilio-Signature": signatureOf(this.authTokenOf(accountSid), withoutUser(target), isForm ? parameters : {}),
      "I-Twilio-Idempotency-Token": id,
      "User-Agent": "TwilioProxy/1.1",
      Accept: "*/*",
      ...(isForm ? { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" } : {}),
    };
    return sendRequest({ url: target, method, headers, body: isForm ? encoded : undefined, limits, signal });
  }
}

/** Whether the receiver responded with 2xx. */
export function isSuccess(response: ReceiverResponse | undefined): response is ReceiverResponse {
  return response !== undefined && response.status >= 200 && response.status < 300;
}

function attemptOf(status: number | null, error: string | null, durationMs: number): Attempt {
  return { date: new Date().toISOString(), status, error, durationMs: Math.round(durationMs), response: null };
}

/** A receiver for tests may respond with the headers that it received. */
function shownResponse(text: string, { username, password }: URL, authToken: string): string | null {
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const secrets = [authToken, ...(password === "" ? [] : [login, password, decodeURIComponent(password)])].filter(
    (secret) => secret !== "",
  );
  const shown = secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return shown.slice(0, MAX_RESPONSE_LENGTH) || null;
}

/** The URL that the receiver sees and that is signed. User and password travel in the `Authorization` header. */
function withoutUser(url: URL): string {
  const visible = new URL(url);
  Object.assign(visible, { username: "", password: "" });
  return visible.href;
}

/** Masks the password in a URL. */
export function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password === "") return text;
  url.password = "***";
  return url.href;
}
