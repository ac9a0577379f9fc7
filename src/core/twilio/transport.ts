import { setTimeout as wait } from "node:timers/promises";
import { endOfOperation } from "../process/operation";
import { redactor } from "../process/redact";
import { type NoResponse, noResponse, type SendRequest, twilioClient } from "./client";
import type { Connection } from "./connection";
import { type Failure, nextStep, TwilioError } from "./errors";
import { governor } from "./governor";
import { bodyOf, failureOf, type HttpResponse, isAbsent, retryAfterMs, skewMs } from "./response";
import type { Body, ListRequest, Page, Request, Twilio } from "./twilio";

/** Chances, waits and time, so that a test can take them in its hand. */
export interface TransportOptions {
  readonly wire?: SendRequest;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  readonly random?: () => number;
  /** Called for each repetition with its reason, and once more for a request that took long for it. */
  readonly log?: (severity: "debug" | "info", message: string) => void;
  /** Aborted when the run is cancelled: what is under way is finished, nothing is waited for any more and no further change is begun. */
  readonly cancelled?: AbortSignal | undefined;
}

// Long enough for Twilio to recover from a burst, short enough for a person to wait.
const retryForMs = 120_000;
const maxWaitMs = 30_000;
// What a person notices and wants explained.
const noticedMs = 5_000;

// Two changes of the same thing met at Twilio, and neither this one nor anything of it was done.
const conflicts = new Set([50213, 50391, 50419]);

/** The transport of one connection: a concurrency limit for the whole process, and repetition of what may safely be repeated. */
export function openTwilio(connection: Connection, options: TransportOptions = {}): Twilio {
  const { sleep = (ms, signal) => wait(ms, undefined, { signal }), random = Math.random, log, cancelled } = options;
  const { callTimeoutMs, operationTimeoutMs } = connection;
  const gate = governor(connection.maxConcurrency);
  const redact = redactor(connection.secrets, connection.username);
  let wire = options.wire;
  let skew = 0;

  const leftMs = () => endOfOperation(operationTimeoutMs) - Date.now();
  const pastEnd = `the time for one operation is up (twilio:operationTimeout, ${operationTimeoutMs / 1000} s)`;

  /** Why nothing is waited for any more. */
  function noMoreTime(delay: number): string | undefined {
    if (cancelled?.aborted) return "the run was cancelled";
    return delay >= leftMs() ? pastEnd : undefined;
  }

  /** Why a request may not be sent any more. Reads go on after a cancellation: they tell what became of the last write. */
  function over(method: Request["method"]): string | undefined {
    return leftMs() <= 0 ? pastEnd : method === "get" ? undefined : noMoreTime(0);
  }

  async function once(request: Request): Promise<HttpResponse | NoResponse | "over"> {
    if (over(request.method)) return "over";
    wire ??= twilioClient(connection);
    const timeoutMs = Math.max(1, Math.min(callTimeoutMs, leftMs()));
    try {
      const answer = await wire({ ...request, url: address(connection, request), timeoutMs });
      skew = skewMs(answer) ?? skew;
      return answer;
    } catch (error) {
      return noResponse(error, timeoutMs);
    }
  }

  async function send(request: Request): Promise<Body | undefined> {
    const { attempt, method, path } = request;
    const what = `${method.toUpperCase()} ${path}`;
    const label = `${attempt} (${what})`;
    const begun = Date.now();
    let pausedMs = 0;
    for (let times = 1; ; times += 1) {
      const [answer, round] = await gate.run(async (round) => [await once(request), round] as const);
      // What it cost in all; a test's pauses take no time.
      const waitedMs = Math.max(pausedMs, Date.now() - begun);
      if (answer === "over") throw new TwilioError(label, { status: 0, message: over(method) ?? "it is too late", unsent: true });
      const failure: Failure | undefined = "status" in answer ? answer : failureOf(answer, method);
      if (failure?.status === 429) gate.slower(round);
      else if (!failure || (failure.status > 0 && failure.status < 500)) gate.faster();
      const absent = "statusCode" in answer && isAbsent(answer) && method !== "post";
      if (times > 1 && waitedMs > noticedMs && (!failure || absent)) log?.("info", summary(what, times, waitedMs));
      if (!failure) return bodyOf(answer as HttpResponse);
      if (absent) return undefined;
      const message = redact(failure.message);
      const pause = "headers" in answer ? retryAfterMs(answer, Date.now() + skew) : undefined;
      // A pause of nothing would be asked for for ever.
      const delay = pause || random() * Math.min(maxWaitMs, 250 * 2 ** (times - 1));
      const repeatable = isRepeatable(method, failure, answer);
      const end = repeatable ? noMoreTime(delay) : undefined;
      if (!repeatable || end || waitedMs + delay > retryForMs) {
        const reason = end ? `${message}; ${end}` : message;
        const said = { ...failure, message: reason, isRead: method === "get", spent: { times, waitedMs } };
        throw new TwilioError(label, said, advice(failure, connection));
      }
      pausedMs += delay;
      log?.("debug", `${what}: ${message}; trying again in ${Math.round(delay)} ms`);
      await pauseFor(delay);
    }
  }

  /** Ends early when the run is cancelled. */
  const pauseFor = (milliseconds: number) => sleep(milliseconds, cancelled).catch(() => undefined);

  async function pause(milliseconds: number): Promise<boolean> {
    await pauseFor(Math.min(milliseconds, Math.max(0, leftMs())));
    return !cancelled?.aborted && leftMs() > 0;
  }

  async function* list(request: ListRequest, key: string): AsyncGenerator<Body> {
    for await (const { items } of pages(send, request, key)) yield* items;
  }

  return { accountSid: connection.accountSid, send, list, pause, skewMs: () => skew };
}

/** All pages of a list, one by one; none where Twilio says that there is no such list. */
export async function* pages(send: Twilio["send"], { query, ...request }: ListRequest, key: string): AsyncGenerator<Page> {
  let next: string | undefined = request.path;
  let parameters = query;
  while (next !== undefined) {
    const page: Body | undefined = await send({ ...request, method: "get", path: next, ...(parameters ? { query: parameters } : {}) });
    if (!page) return;
    if (!Array.isArray(page[key])) throw new TwilioError(request.attempt, { status: 0, message: `the answer has no ${key}`, isRead: true });
    next = nextPage(page);
    yield { items: page[key] as Body[], ...(next === undefined ? {} : { next }) };
    parameters = undefined;
  }
}

/** What may be sent again: what Twilio never began with, and what may have been carried out only where twice does no harm. */
function isRepeatable(method: Request["method"], { status, code }: Failure, answer: HttpResponse | NoResponse): boolean {
  if (status === 429 || conflicts.has(code ?? 0) || ("unreached" in answer && answer.unreached)) return true;
  // A 404 that reaches this point is not Twilio's own.
  return method !== "post" && (status === 0 || status >= 500 || status === 404 || status === 408);
}

/** The v1 products give a whole URL under `meta`, the 2010 API a path. */
function nextPage(page: Body): string | undefined {
  const meta = page.meta as { next_page_url?: string | null } | undefined;
  if (meta?.next_page_url) {
    const { pathname, search } = new URL(meta.next_page_url);
    return pathname.replace(/^\/[a-z0-9.-]+\.twilio\.com(?=\/)/, "") + search;
  }
  return (page.next_page_uri as string | null | undefined) || undefined;
}

/** A base URL takes the product's host along as the first segment, since two products share the path `/v1/Services`. */
function address({ baseUrl }: Connection, { product, path }: Request): string {
  const host = `${product}.twilio.com`;
  return baseUrl === undefined ? `https://${host}${path}` : `${baseUrl}/${host}${path}`;
}

const summary = (what: string, times: number, waitedMs: number) =>
  `${what} was sent ${times} times, over ${Math.round(waitedMs / 1000)} s: Twilio was busy or out of reach.`;

/** Whoever is refused wants to know which credentials were used. */
function advice(failure: Failure, { source, accountSid }: Connection): string | undefined {
  const next = nextStep(failure);
  return failure.code === 20003 ? `the credentials are those of account ${accountSid} from ${source}; ${next}` : next;
}
