/**
 * The control plane under `/_emulator/`: what tests and demos need that Twilio has no API for. It is for
 * the machine itself: requests from elsewhere, and from web pages of elsewhere, are refused.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { settle } from "../background";
import { isConsolePath, sendConsole } from "../console/files";
import { isoDate, LATEST } from "../dates";
import { envelope, fail, StateNotWritten, TwilioError } from "../errors";
import { readBody } from "../http/body";
import { isFromLoopback, isLoopbackHost, isLoopbackOrigin } from "../http/browser-origin";
import { fireTimers, skewClock } from "../resources/conversation-state";
import { type ControlCall, type Controls, Refused } from "./controls";
import { streamEvents } from "./event-stream";
import { InvalidFault } from "./faults";
import { inbound, outbox } from "./handsets";
import type { AnsweredRequest, Entry } from "./history";
import { state } from "./state";
import { listDeliveries, triggerWebhooks } from "./webhooks";

const PREFIX = "/_emulator";

/** Twenty years. */
const MOST_SKEW_S = 20 * 365 * 86_400;

type Handler = (call: ControlCall) => unknown;

const routes: Record<string, Record<string, Handler>> = {
  "/health": { GET: ({ controls }) => ({ status: "ok", ...controls.about() }) },
  "/reset": { POST: ({ controls }) => resetAll(controls) },
  "/calls": {
    GET: ({ controls }) => controls.calls.report(),
    DELETE: ({ controls }) => {
      controls.calls.clear();
      return controls.calls.report();
    },
  },
  "/faults": {
    GET: ({ controls }) => controls.faults.report(),
    POST: ({ controls, input }) => {
      controls.faults.add(input);
      return controls.faults.report();
    },
    DELETE: ({ controls }) => {
      controls.faults.clear();
      return controls.faults.report();
    },
  },
  "/webhooks": {
    GET: listDeliveries,
    DELETE: ({ controls }) => {
      controls.webhooks.deliveries.clearLog();
      return { deliveries: [] };
    },
  },
  "/webhooks/trigger": { POST: triggerWebhooks },
  "/requests": { GET: ({ controls }) => ({ requests: controls.history.requests().map(requestBody) }) },
  "/state": { GET: state },
  "/inbound": { POST: inbound },
  "/outbox": { GET: outbox },
  "/clock": {
    GET: ({ controls }) => clockBody(controls),
    POST: ({ controls, input }) => setClock(controls, input),
  },
};

const requestBody = ({ date, accountSid, data }: Entry) => ({ date, accountSid, ...(data as { request: AnsweredRequest }).request });

/** Everything as at the first start, but for the credentials. */
export function resetAll({ domain, calls, faults, webhooks }: Controls): { status: "ok" } {
  domain.reset();
  webhooks.deliveries.clear();
  calls.clear();
  faults.clear();
  return { status: "ok" };
}

function clockBody({ domain }: Controls): { now: string; skewSeconds: number } {
  return { now: isoDate(domain.now()), skewSeconds: domain.skew / 1000 };
}

/**
 * `advanceSeconds` lets that much time pass; `skewSeconds` sets the clock that far ahead of ours (or, negative,
 * behind it), with no time passing.
 */
function setClock(controls: Controls, input: ControlCall["input"]): ReturnType<typeof clockBody> {
  const { domain } = controls;
  const { advanceSeconds, skewSeconds } = input as Record<string, unknown>;
  if (advanceSeconds === undefined && skewSeconds === undefined) throw new Refused(400, "advanceSeconds or skewSeconds is required");
  if (advanceSeconds !== undefined && !(isNumber(advanceSeconds) && advanceSeconds >= 0))
    throw new Refused(400, "advanceSeconds must be a number of seconds that is not negative");
  if (skewSeconds !== undefined && !(isNumber(skewSeconds) && Math.abs(skewSeconds) <= MOST_SKEW_S))
    throw new Refused(400, `skewSeconds must be a number of seconds, ${MOST_SKEW_S} at most in either direction`);
  if (domain.now() + Number(advanceSeconds ?? 0) * 1000 > LATEST) throw new Refused(400, "the clock ends with the year 9998");
  // What is under way belongs to the time before.
  settle(domain);
  if (skewSeconds !== undefined) skewClock(domain, skewSeconds * 1000);
  if (advanceSeconds !== undefined) domain.advance(advanceSeconds * 1000);
  fireTimers(domain);
  return clockBody(controls);
}

export function isControlPath(url: string): boolean {
  return url === PREFIX || url.startsWith(`${PREFIX}/`) || url.startsWith(`${PREFIX}?`);
}

/** Answers one request below `/_emulator`, or for the console. */
export async function handleControl(controls: Controls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    checkLocal(request);
    const url = new URL(request.url ?? "/", "http://emulator");
    // A path that climbs out of here leads nowhere.
    const path = isControlPath(url.pathname) ? url.pathname.slice(PREFIX.length).replace(/\/$/, "") : url.pathname;
    if (path === "/events" && request.method === "GET") {
      streamEvents(controls.history, url.searchParams, request, response);
      return;
    }
    // As it was asked for: a path that climbs to the console is none of its own.
    const [asked = ""] = (request.url ?? "").split("?");
    if (isConsolePath(asked) && request.method === "GET") {
      sendConsole(asked, response);
      return;
    }
    const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!methods) throw new Refused(404, `the control plane has no ${PREFIX}${path}`);
    const handler = Object.hasOwn(methods, request.method ?? "") ? methods[request.method ?? ""] : undefined;
    if (!handler) throw new Refused(405, `${PREFIX}${path} takes ${Object.keys(methods).join(", ")}`);
    const input = parseInput(await readBody(request));
    sendJson(response, 200, await handler({ controls, query: url.searchParams, input }));
  } catch (error) {
    // The client has gone: there is nobody to answer.
    if (request.destroyed && !request.complete && !(error instanceof TwilioError)) return;
    const { status, body } = errorReply(error);
    sendJson(response, status, body);
  }
}

function errorReply(error: unknown): { status: number; body: unknown } {
  if (error instanceof StateNotWritten) return errorReply(fail(20503, { reason: error.message }));
  if (error instanceof TwilioError) return { status: error.status, body: envelope(error) };
  const status = error instanceof Refused ? error.status : error instanceof InvalidFault ? 400 : 500;
  if (status === 500) console.error("emulator: the control plane failed:", error);
  return { status, body: { status, message: status === 500 ? "Internal error of the emulator" : (error as Error).message } };
}

function checkLocal(request: IncomingMessage): void {
  if (!isFromLoopback(request)) throw new Refused(403, "the control plane answers the local machine only");
  const { host, origin } = request.headers;
  // A page of elsewhere whose name was made to lead here would be taken for one of ours.
  if (!isLoopbackHost(host)) throw new Refused(403, `the control plane answers to this machine's own address, not to ${host}`);
  if (!isLoopbackOrigin(origin)) {
    throw new Refused(403, `the control plane does not answer pages of ${origin}`);
  }
}

function parseInput(body: string): ControlCall["input"] {
  if (body.trim() === "") return {};
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    throw new Refused(400, "the body is not JSON");
  }
  if (typeof input !== "object" || input === null) throw new Refused(400, "the body must be a JSON object");
  return input as ControlCall["input"];
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  // A body that was not read to its end cannot be followed by another request.
  if (!response.req.complete) response.setHeader("Connection", "close");
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
}
