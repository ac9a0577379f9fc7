/** Sends requests to receivers, in order, and keeps a log of what was sent and what came of it. Both live in memory only. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, NoAnswer, sendRequest } from "./http-request";
import { type Failure, PAUSE_MS, type Patience, patienceFor } from "./patience";
import { signatureOf } from "./signature";

/** Something to be reported to a receiver. */
export interface Report {
  accountSid: string;
  /** Twilio's name of the event, or `incomingMessage` for a text that goes to its number's webhook. */
  event: string;
  /** Whose webhook it is. */
  scope: "account" | "service" | "conversation" | "number";
  /** A request to a URL; anything else is noted in the log and not sent. */
  target: "webhook" | "flex" | "trigger" | "studio";
  webhookSid?: string | undefined;
  conversationSid?: string | undefined;
  url: string | null;
  method: "GET" | "POST";
  parameters: Record<string, string>;
}

/** One try. `status` is null when there was no answer, `error` when there was one. */
export interface Attempt {
  date: string;
  status: number | null;
  error: string | null;
  durationMs: number;
}

/**
 * `pending`, then for what has happened `delivered` (2xx), `failed` or `recorded` (not sent), and for what is asked
 * about before it happens `accepted`, `amended`, `rejected`, or `unanswered`, which accepts as well.
 */
export type Outcome = "pending" | "delivered" | "failed" | "recorded" | "accepted" | "amended" | "rejected" | "unanswered";

/** An entry of the log. */
export interface Delivery extends Omit<Report, "webhookSid" | "conversationSid"> {
  /** The `I-Twilio-Idempotency-Token` of its requests. */
  id: string;
  /** When it was due. */
  date: string;
  webhookSid: string | null;
  conversationSid: string | null;
  attempts: Attempt[];
  outcome: Outcome;
}

/** An entry under way: `done` is its answer once there are no more attempts, undefined if none ever came. */
export interface Sending {
  delivery: Delivery;
  done: Promise<Answer | undefined>;
  /** Aborted when everything is forgotten or ended meanwhile. */
  signal?: AbortSignal;
}

interface Options {
  /** How long an answer may take. */
  answerMs: number;
  /** Whether the change waits for the answer: then it is not queued, and tried again for want of a connection only. */
  isQuestion?: boolean;
}

const MOST_KEPT = 1000;
/** Reports that wait for one receiver; what is due beyond that is given up. */
const MOST_WAITING = 1000;
/** How long the end of the emulator waits for reports under way. */
const GRACE_MS = 500;

export class Deliveries {
  private log: Delivery[] = [];
  private queues = new Map<string, { last: Promise<unknown>; waiting: number }>();
  private stop = new AbortController();
  private readonly authTokenOf: (accountSid: string) => string;
  private readonly finished: (delivery: Delivery) => void;

  /** `finished` is told of every entry that will not change any more. */
  constructor(authTokenOf: (accountSid: string) => string, finished: (delivery: Delivery) => void) {
    this.authTokenOf = authTokenOf;
    this.finished = finished;
  }

  /** Notes what is not sent. */
  record(report: Report): Delivery {
    const delivery = this.note(report);
    this.finish(delivery, "recorded");
    return delivery;
  }

  /** Sends after everything that is due at the same URL. */
  send(report: Report, options: Options): Sending {
    const delivery = this.note(report);
    // Of now: what waits is given up with what is under way.
    const { signal } = this.stop;
    if (options.isQuestion) return { delivery, done: this.attempt(delivery, report, options, signal), signal };
    const key = report.url ?? "";
    const queue = this.queues.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= MOST_WAITING) {
      delivery.attempts.push(attemptOf(null, `${MOST_WAITING} reports are waiting for this receiver`, 0));
      return { delivery, done: Promise.resolve(undefined), signal };
    }
    queue.waiting++;
    const done = queue.last.then(async () => {
      const answer = await this.attempt(delivery, report, options, signal);
      if (--queue.waiting === 0 && this.queues.get(key) === queue) this.queues.delete(key);
      return answer;
    });
    queue.last = done;
    this.queues.set(key, queue);
    return { delivery, done, signal };
  }

  /** Sets what came of it. */
  finish(delivery: Delivery, outcome: Outcome): void {
    delivery.outcome = outcome;
    this.finished(delivery);
  }

  /** Oldest first. */
  entries(): readonly Delivery[] {
    return this.log;
  }

  /** Empties the log; what is under way goes on. */
  forget(): void {
    this.log = [];
  }

  /** Empties the log and gives up what is under way. */
  clear(): void {
    this.stop.abort();
    this.stop = new AbortController();
    this.queues = new Map();
    this.forget();
  }

  /** Gives what is under way a moment, then ends it. */
  async close(): Promise<void> {
    const underWay = Promise.all([...this.queues.values()].map(({ last }) => last));
    await Promise.race([underWay, sleep(GRACE_MS, undefined, { ref: false })]);
    this.stop.abort();
  }

  private note({ webhookSid = undefined, conversationSid = undefined, ...report }: Report): Delivery {
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
    this.log.push(delivery);
    if (this.log.length > MOST_KEPT) this.log.shift();
    return delivery;
  }

  /** Tries until there is an answer that counts; never rejects. */
  private async attempt(
    delivery: Delivery,
    report: Report,
    { answerMs, isQuestion = false }: Options,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const url = new URL(report.url ?? "");
    const patience = patienceFor(url, answerMs);
    // A refusal is an answer to a question, and whoever asks is being waited for.
    if (isQuestion) Object.assign(patience, { totalMs: answerMs, retriesAfter: (failure: Failure) => failure === "connect" });
    const end = performance.now() + patience.totalMs;
    url.hash = "";
    let answer: Answer | undefined;
    for (let retry = 0; retry <= patience.retries && !signal.aborted; retry++) {
      const started = performance.now();
      const left = Math.max(1, end - started);
      const limits = { connectMs: Math.min(patience.connectMs, left), answerMs: Math.min(patience.answerMs, left) };
      let failure: Failure | undefined;
      const { parameters } = report;
      const counted = parameters.RetryCount === undefined ? parameters : { ...parameters, RetryCount: String(retry) };
      try {
        answer = await this.request(delivery, counted, url, { ...patience, ...limits }, signal);
        const { status } = answer;
        delivery.attempts.push(attemptOf(status, null, performance.now() - started));
        failure = isSuccess(answer) ? undefined : status;
      } catch (error) {
        answer = undefined;
        delivery.attempts.push(attemptOf(null, (error as Error).message, performance.now() - started));
        failure = error instanceof NoAnswer ? error.failure : "connect";
      }
      if (failure === undefined || !patience.retriesAfter(failure) || performance.now() + PAUSE_MS >= end) break;
      await sleep(PAUSE_MS, undefined, { ref: false, signal }).catch(() => {});
    }
    return answer;
  }

  private request(
    { accountSid, id, method }: Delivery,
    parameters: Record<string, string>,
    url: URL,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<Answer> {
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
    return sendRequest({ url: target, method, headers, body: isForm ? encoded : undefined, patience, signal });
  }
}

export function isSuccess(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.status >= 200 && answer.status < 300;
}

function attemptOf(status: number | null, error: string | null, durationMs: number): Attempt {
  return { date: new Date().toISOString(), status, error, durationMs: Math.round(durationMs) };
}

/** The receiver does not see user and password in its URL: they come as a header. */
function withoutUser(url: URL): string {
  const seen = new URL(url);
  Object.assign(seen, { username: "", password: "" });
  return seen.href;
}

export function withoutPassword(text: string): string {
  const url = new URL(text);
  if (url.password === "") return text;
  url.password = "***";
  return url.href;
}
