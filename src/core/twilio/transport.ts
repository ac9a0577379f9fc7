import { setTimeout as wait } from "node:timers/promises";
import { endOfOperation } from "../process/operation";
import { redactor } from "../process/redact";
import { type NoResponse, noResponse, type SendRequest, twilioClient } from "./client";
import type { Connection } from "./connection";
import { type Failure, nextStep, TwilioError } from "./errors";
import { governor } from "./governor";
import { type Outage, outages } from "./outage";
import { paces } from "./pace";
import { bodyOf, failureOf, type HttpResponse, isAbsent, itemsOf, nextPageOf, retryAfterMs, skewMs } from "./response";
import { routeAdvice } from "./route";
import type { Body, ListRequest, Page, Request, Twilio } from "./twilio";
import { type Wait, waitReporter } from "./waits";

/** Randomness, waits and requests, which tests replace. */
export interface TransportOptions {
  readonly sendRequest?: SendRequest;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  readonly random?: () => number;
  /** Receives the reason of each retry, and a summary for a request whose retries took long. */
  readonly log?: (severity: "debug" | "info", message: string) => void;
  /** Aborted when the run is canceled: requests in flight end, all waits end at once, and no further change is sent. */
  readonly cancelled?: AbortSignal | undefined;
}

// Long enough for Twilio to recover from a burst, short enough for a user to wait.
const retryForMs = 120_000;
const maxWaitMs = 30_000;
// A user notices a longer wait and needs an explanation.
const noticedMs = 5_000;

// Two changes of one object conflicted, and Twilio carried out nothing of this one.
const conflicts = new Set([50213, 50391, 50419]);

/** Whether two changes of one object conflicted. Of anything but an account, Twilio uses 20409 for an object that exists already. */
const isConflict = (code: number | undefined, path: string): boolean =>
  conflicts.has(code ?? 0) || (code === 20409 && /^\/2010-04-01\/Accounts\/AC\w+\.json$/.test(path));

/** The time that the current operation has left, and the reasons to stop. */
function timeLimit(operationTimeoutMs: number, cancelled: AbortSignal | undefined) {
  const leftMs = () => endOfOperation(operationTimeoutMs) - Date.now();
  const reached = `the operation reached its time limit (twilio:operationTimeout, ${operationTimeoutMs / 1000} s)`;

  /** Why the transport must not wait any longer. */
  function reasonNotToWait(delay: number): string | undefined {
    if (cancelled?.aborted) return "the run was canceled";
    return delay >= leftMs() ? reached : undefined;
  }

  /** Why a request must not be sent any more. Reads continue after a cancellation, because they show the result of the last write. */
  function reasonNotToSend(method: Request["method"]): string | undefined {
    if (leftMs() <= 0) return reached;
    return method === "get" ? undefined : reasonNotToWait(0);
  }

  return { leftMs, reasonNotToWait, reasonNotToSend };
}

/** Sends each request once. Loads the client with the first request, and measures the difference of Twilio's clock. */
function sender(connection: Connection, limit: ReturnType<typeof timeLimit>, sendRequest: SendRequest | undefined) {
  let send = sendRequest;
  let skew: number | undefined;

  async function sendOnce(request: Request): Promise<HttpResponse | NoResponse | { readonly unsent: string }> {
    const unsent = limit.reasonNotToSend(request.method);
    if (unsent) return { unsent };
    send ??= twilioClient(connection);
    const timeoutMs = Math.max(1, Math.min(connection.callTimeoutMs, limit.leftMs()));
    request.beforeSend?.();
    try {
      const response = await send({ ...request, url: urlOf(connection, request), timeoutMs });
      skew = skewMs(response) ?? skew;
      return response;
    } catch (error) {
      return noResponse(error, timeoutMs);
    }
  }

  return { sendOnce, clockSkewMs: () => skew };
}

/** The transport of one connection: a concurrency limit for the process, and retries of requests that are safe to send again. */
export function openTwilio(connection: Connection, options: TransportOptions = {}): Twilio {
  const { sleep = (ms, signal) => wait(ms, undefined, { signal }), log, cancelled } = options;
  const limit = timeLimit(connection.operationTimeoutMs, cancelled);
  const { sendOnce, clockSkewMs } = sender(connection, limit, options.sendRequest);
  const outage = outages(retryForMs, connection.operationTimeoutMs);
  const waits = waitReporter((message) => log?.("info", message));
  /** Ends early when the run is canceled. */
  const pauseFor = (milliseconds: number) => sleep(milliseconds, cancelled).catch(() => undefined);
  const retrying = retrier(connection, options, { limit, sendOnce, clockSkewMs, outage, waits, pauseFor });

  async function send(request: Request): Promise<Body | undefined> {
    const now = Date.now();
    const end = now + Math.min(retryForMs, limit.leftMs());
    const until = () => Math.min(end, outage.endsAt());
    const waiting: Wait = { host: hostOf(connection, request), since: now, reason: "no response yet", until };
    try {
      return await retrying(request, waiting);
    } finally {
      waits.end(waiting);
    }
  }

  async function pause(milliseconds: number): Promise<boolean> {
    await pauseFor(Math.min(milliseconds, Math.max(0, limit.leftMs())));
    return !cancelled?.aborted && limit.leftMs() > 0;
  }

  async function* list(request: ListRequest, key: string): AsyncGenerator<Body> {
    for await (const { items } of pages(send, request, key)) yield* items;
  }

  const { accountSid, username } = connection;
  return { accountSid, ...(username.startsWith("SK") ? { apiKey: username } : {}), send, list, pause, skewMs: clockSkewMs };
}

interface RetryParts extends ReturnType<typeof sender> {
  readonly limit: ReturnType<typeof timeLimit>;
  readonly outage: Outage;
  readonly waits: ReturnType<typeof waitReporter>;
  readonly pauseFor: (milliseconds: number) => Promise<unknown>;
}

/** Sends a request until it has a result, or until a retry is useless or not safe. */
function retrier(connection: Connection, options: TransportOptions, parts: RetryParts) {
  const { random = Math.random, log } = options;
  const { limit, sendOnce, clockSkewMs, outage, waits, pauseFor } = parts;
  const limiter = governor(connection.maxConcurrency);
  const paceOf = paces(pauseFor);
  const redact = redactor(connection.secrets, connection.username);

  /** Sends it once, and records what that says about Twilio. */
  const attemptOnce = async (request: Request, waiting: Wait) => {
    const pace = paceOf(request);
    await pace?.turn();
    return limiter.run(async (round) => {
      waits.begin(waiting);
      const closed = outage.reasonNotToSend();
      const response = closed === undefined ? await sendOnce(request) : { unsent: closed };
      if ("unsent" in response) return { response, failure: { status: 0, message: response.unsent, unsent: true } };
      const failure: Failure | undefined = "status" in response ? response : failureOf(response, request.method);
      const isAccepted = !failure || (failure.status > 0 && failure.status < 500 && failure.status !== 429);
      for (const counter of [pace, limiter]) {
        if (failure?.status === 429) counter?.recordThrottled(round);
        else if (isAccepted) counter?.recordAccepted();
      }
      if ("status" in response) outage.recordSilence();
      else outage.recordResponse(isAccepted);
      return { response, failure };
    });
  };

  return async (request: Request, waiting: Wait): Promise<Body | undefined> => {
    const { attempt, method, path } = request;
    const line = `${method.toUpperCase()} ${path}`;
    const label = `${attempt} (${line})`;
    const begun = Date.now();
    let pausedMs = 0;
    for (let times = 1; ; times += 1) {
      const { response, failure } = await attemptOnce(request, waiting);
      // The clock also counts the requests themselves; in tests, waits take no time.
      const waitedMs = Math.max(pausedMs, Date.now() - begun);
      if ("unsent" in response) throw new TwilioError(label, failure as Failure);
      const absent = "statusCode" in response && isAbsent(response) && method !== "post";
      if (times > 1 && waitedMs > noticedMs && (!failure || absent)) log?.("info", retrySummary(line, times, waitedMs));
      if (!failure) return bodyOf(response as HttpResponse);
      if (absent) return undefined;
      const message = redact(failure.message);
      const retryAfter = "headers" in response ? retryAfterMs(response, Date.now() + (clockSkewMs() ?? 0)) : undefined;
      // A Retry-After of 0 would lead to endless retries.
      const delay = retryAfter || random() * Math.min(maxWaitMs, 250 * 2 ** (times - 1));
      const repeatable = isRepeatable(request, failure, response);
      const stop = repeatable ? (limit.reasonNotToWait(delay) ?? outage.reasonToGiveUp(response, delay)) : undefined;
      if (!repeatable || stop || waitedMs + delay > retryForMs) {
        const reason = stop ? `${message}; ${stop}` : message;
        const details = { ...failure, message: reason, isRead: method === "get", spent: { times, waitedMs } };
        throw new TwilioError(label, details, adviceOn(response, failure, { host: waiting.host, request }, connection));
      }
      pausedMs += delay;
      log?.("debug", `${line}: ${message}; retrying in ${Math.round(delay)} ms`);
      waiting.reason = failure.status ? `HTTP ${failure.status}, ${message}` : message;
      await pauseFor(delay);
    }
  };
}

/** All pages of a list, one by one; none if Twilio reports that the list does not exist. */
export async function* pages(send: Twilio["send"], { query, ...request }: ListRequest, key: string): AsyncGenerator<Page> {
  let next: string | undefined = request.path;
  let parameters = query;
  const read = new Set<string>();
  while (next !== undefined) {
    const page: Body | undefined = await send({ ...request, method: "get", path: next, ...(parameters ? { query: parameters } : {}) });
    if (!page) return;
    const items = itemsOf(page, key, request.attempt);
    read.add(next);
    next = nextPageOf(page, request, read);
    yield { items, ...(next === undefined ? {} : { next }) };
    parameters = undefined;
  }
}

/** Whether a request may be sent again: Twilio did not carry it out, or carrying it out twice does no harm. */
function isRepeatable({ method, path }: Request, { status, code }: Failure, response: HttpResponse | NoResponse): boolean {
  if (status === 429 || isConflict(code, path) || ("isUnreached" in response && response.isUnreached)) return true;
  // A 404 that reaches this point comes from a gateway.
  return method !== "post" && (status === 0 || status >= 500 || status === 404 || status === 408);
}

/** The host that a request is sent to. */
const hostOf = (connection: Connection, request: Request): string =>
  URL.parse(urlOf(connection, request))?.host ?? String(connection.baseUrl);

/** Behind a base URL, the first path segment is the product's host, because two products share the path `/v1/Services`. */
function urlOf({ baseUrl }: Connection, { product, path }: Request): string {
  const host = `${product}.twilio.com`;
  return baseUrl === undefined ? `https://${host}${path}` : `${baseUrl}/${host}${path}`;
}

const retrySummary = (line: string, times: number, waitedMs: number) =>
  `${line} was sent ${times} times over ${Math.round(waitedMs / 1000)} s, because Twilio was busy or unreachable.`;

/** What to do about a failure; for rejected credentials, also which ones were used; without a response, also which way it was sent. */
function adviceOn(
  response: HttpResponse | NoResponse,
  failure: Failure,
  { host, request }: { readonly host: string; readonly request: Request },
  connection: Connection,
): string | undefined {
  const next = nextStep(failure, request);
  if ("isUntrusted" in response) return `${routeAdvice(response.isUntrusted, host, connection)} Then ${next}`;
  const { accountSid, source } = connection;
  return failure.code === 20003 ? `the credentials are for account ${accountSid}, from ${source}; ${next}` : next;
}
