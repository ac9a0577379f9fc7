/** The HTTP edge: one port for all products. Parses, authenticates and routes requests; every error becomes JSON. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { runDue } from "../background";
import type { EmulatorContext } from "../context";
import { handleControl, isControlPath } from "../control/control-plane";
import { type FaultRule, faultReply } from "../control/faults";
import type { SentRequest } from "../control/history";
import { envelope, fail, NotFound, TwilioError, toTwilioError } from "../errors";
import type { Namespaces } from "../namespaces/namespaces";
import { isSdkPath } from "../sdk/socket-endpoint";
import { hex32 } from "../sid";
import { perform } from "../webhooks/perform";
import { identify, limitedKeyOf, signerOf } from "./authentication";
import { formOf, readBody } from "./body";
import { refusalOf } from "./browser-origin";
import { type Target, targetOf } from "./hosts";
import { verifyAllowed } from "./key-access";
import { rejectMalformedRequest } from "./malformed-request";
import { handleMedia, MEDIA_PRODUCT } from "./media";
import { Params } from "./params";
import { products } from "./products";
import type { Call, Match, Reply } from "./router";
import { reset } from "./tunnel";
import { WriteLimit } from "./write-limit";

/** The bodies of requests, until they are logged. */
const bodies = new WeakMap<IncomingMessage, string>();

interface EdgeOptions {
  /** Delays every response. */
  latencyMs: number;
  /** How many writes per second a service accepts. Default: any number. */
  writeLimit?: number | undefined;
  /** How long a request may take to arrive, headers and body. Then the response is 408. Default: 30 s. */
  requestTimeoutMs?: number;
  /** The emulators that share the port. Default: there is only one. */
  namespaces?: Namespaces;
}

/** Creates the server. The caller must call `listen`. */
export function createEdge(main: EmulatorContext, options: EdgeOptions): Server {
  const { latencyMs, writeLimit, requestTimeoutMs = 30_000, namespaces } = options;
  const limit = writeLimit === undefined ? undefined : new WriteLimit(writeLimit);
  let concurrent = 0;
  let serial = 0;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(Math.ceil(requestTimeoutMs / 4), 1000),
    // Node's own response would not have Twilio's format.
    requireHostHeader: false,
    // Some clients offer an upgrade to HTTP/2 with each request. Ignore it.
    ...{ shouldUpgradeCallback: ({ url }: IncomingMessage) => isSdkPath(url) },
  });
  const pending = new WeakMap<object, IncomingMessage>();
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    pending.set(request.socket, request);
    response.once("close", () => pending.delete(request.socket));
    const context = namespaces?.of(request) ?? main;
    if (isControlPath(request.url ?? "")) {
      void handleControl({ context, namespaces }, request, response);
      return;
    }
    const target = targetOf(request.url ?? "/", request.headers);
    if (target === undefined && isConsole(request)) {
      void handleControl({ context, namespaces }, request, response);
      return;
    }
    if (target?.product === MEDIA_PRODUCT) {
      void handleMedia(context, request, response, target);
      return;
    }
    const started = performance.now();
    const sid = `RQ${hex32(context.domain.credentials.seed, process.pid, started, serial++)}`;
    response.setHeader("Twilio-Request-Id", sid);
    response.setHeader("Twilio-Concurrent-Requests", String(++concurrent));
    response.once("close", () => concurrent--);
    void handleProduct(context, request, target, { latencyMs, limit, sid }).then((outcome) => {
      finish(context, response, outcome, started);
      addToHistory(context, request, target, { sid, outcome, started });
      if (target) context.recorder?.answered({ request, target, reply: typeof outcome === "string" ? undefined : outcome.reply, started });
    });
  };
  server.on("request", serve);
  // The server may ignore an expectation other than 100-continue. Node by default responds with 417 and no body.
  server.on("checkExpectation", serve);
  // Longer than clients keep idle connections, so that the server does not close a connection that a client reuses.
  server.keepAliveTimeout = 65_000;
  // A client may close its side after the request. Without this option, Node may drop the complete request.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on("clientError", (error, socket) => rejectMalformedRequest(error, socket, pending.get(socket)));
  return server;
}

/**
 * How to end a request: send the reply, send half of it, close the connection, or reset it. `isFault`: a fault rule
 * made the reply, and nothing was executed.
 */
type Outcome = { reply: Reply; truncated?: boolean; isFault?: boolean } | "close" | "reset";

async function handleProduct(
  context: EmulatorContext,
  request: IncomingMessage,
  target: Target | undefined,
  { latencyMs, limit, sid }: { latencyMs: number; limit: WriteLimit | undefined; sid: string },
): Promise<Outcome> {
  const refusal = refusalOf(request, { allowedHosts: context.allowedHosts });
  if (refusal !== undefined) return { reply: errorReply(fail(20403, { refusal }), target?.path ?? "/") };
  if (!target) return { reply: unknownHost() };
  const { path } = target;
  try {
    const body = await readBody(request);
    context.recorder?.received(request, body);
    bodies.set(request, body);
    const method = request.method ?? "GET";
    const product = products.get(target.product);
    const { found, template } = product?.match(method, target.path) ?? {};
    context.calls.add(product && `${target.product}.twilio.com`, method, template);
    const fault = context.faults.take(method, [target.path, `/${target.product}.twilio.com${target.path}`, template ?? target.path]);
    // Unreferenced, so that a delayed request does not keep the process alive after its emulator has closed.
    if (latencyMs > 0 || fault?.delayMs) await sleep(latencyMs + (fault?.delayMs ?? 0), undefined, { ref: false });
    const drop = fault?.reset ? "reset" : "close";
    if (fault?.drop === "before") return drop;
    const reply =
      fault?.status === undefined
        ? await replyOf(path, () => execute(context, request, target, { body, sid, found, template, limit }))
        : faultReply(fault, fault.status);
    if (fault?.drop === "after") return drop;
    const outcome = applyBodyFault(reply, fault);
    return typeof outcome === "string" ? outcome : { ...outcome, isFault: fault?.status !== undefined };
  } catch (error) {
    // The client closed the connection before the request was complete.
    if (request.destroyed && !request.complete && !(error instanceof TwilioError)) return "close";
    return { reply: errorReply(error, path) };
  }
}

/** Returns the reply of `work`, or the error's reply. A fault rule may drop either of them. */
async function replyOf(path: string, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    return errorReply(error, path);
  }
}

/** What is known of a request before it is executed. */
interface Accepted {
  readonly body: string;
  readonly sid: string;
  readonly found: Match | undefined;
  readonly template: string | undefined;
  readonly limit: WriteLimit | undefined;
}

async function execute(
  context: EmulatorContext,
  request: IncomingMessage,
  target: Target,
  { body, sid, found, template, limit }: Accepted,
): Promise<Reply> {
  const { domain, background } = context;
  const actor = identify({ domain }, request);
  if (!found) throw template === undefined ? new NotFound() : fail(20004);
  verifyAllowed(limitedKeyOf({ domain }, request), target.product, found.route);
  limit?.admit(actor.sid, found.route.method, target);
  const form = found.route.method === "POST" ? await formOf(body, request.headers["content-type"]) : target.query;
  const webhooksEnabled = isWebhooksEnabled(request);
  const call: Call = {
    scope: domain.scope(actor.sid, { source: "API", webhooksEnabled, requestSid: sid }),
    actorSid: actor.sid,
    signedInBy: signerOf({ domain }, request),
    params: new Params(form),
    path: target.path,
    query: target.query,
    part: (name) => found.parts[name] ?? "",
  };
  runDue(domain);
  try {
    return await perform(context, call.scope, (scope) => found.route.handle({ ...call, scope }));
  } finally {
    background.schedule();
  }
}

function unknownHost(): Reply {
  const message =
    "The request names no Twilio product. Put its host first in the path (/conversations.twilio.com/v1/…), or in the X-Twilio-Host or Host header";
  return { status: 404, body: envelope({ code: 20404, message, status: 404 }) };
}

/** Truncates, mislabels or replaces the body if the fault rule asks for it. */
function applyBodyFault(reply: Reply, { body, status = 200 }: FaultRule = {}): Outcome {
  const isTruncated = body === "truncated";
  // A response without a body cannot be truncated.
  if (isTruncated && reply.body === undefined) return "close";
  if (body === undefined || isTruncated) return { reply, truncated: isTruncated };
  const headers = { ...reply.headers, "Content-Type": "text/html" };
  if (body === "mislabeled") return { reply: { ...reply, headers } };
  return { reply: { status, headers, body: `<html><body><h1>${status}</h1></body></html>` } };
}

function errorReply(thrown: unknown, path: string): Reply {
  const error = toTwilioError(thrown, { path: path.replace(/^\/v1(?=\/)/, ""), request: path });
  const headers: Record<string, string> =
    error.status === 401 ? { "WWW-Authenticate": 'Basic realm="Twilio API"' } : error.status === 429 ? { "Retry-After": "1" } : {};
  return { status: error.status, headers, body: envelope(error) };
}

function finish(context: EmulatorContext, response: ServerResponse, outcome: Outcome, started: number): void {
  if (outcome === "reset" && response.socket?.destroyed === false) {
    reset(response.socket);
    return;
  }
  if (typeof outcome === "string" || response.destroyed) {
    response.socket?.destroy();
    return;
  }
  const { reply, truncated } = outcome;
  // If the body was not read to its end, the connection cannot carry another request.
  if (!response.req.complete) response.setHeader("Connection", "close");
  response.setHeader("Twilio-Request-Duration", ((performance.now() - started) / 1000).toFixed(3));
  setDate(context, response);
  if (reply.body === undefined) {
    response.writeHead(reply.status, reply.headers).end();
    return;
  }
  const text = typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
  const headers = { "Content-Type": "application/json; charset=utf-8", "Content-Length": Buffer.byteLength(text), ...reply.headers };
  response.writeHead(reply.status, headers);
  if (truncated) response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
  else response.end(text);
}

/** The console is served at `/` to browsers. Other clients get the error that asks for a product host. */
const isConsole = ({ method, url, headers }: IncomingMessage): boolean =>
  method === "GET" && url === "/" && /\btext\/html\b/.test(headers.accept ?? "");

/** Adds the request to the history that the console shows. */
function addToHistory(
  { domain, history }: EmulatorContext,
  request: IncomingMessage,
  target: Target | undefined,
  { sid, outcome, started }: { sid: string; outcome: Outcome; started: number },
): void {
  const reply = typeof outcome === "string" ? undefined : outcome.reply;
  const entry = {
    sid,
    method: request.method ?? "GET",
    host: target ? `${target.product}.twilio.com` : null,
    path: target?.path ?? (request.url ?? "/").replace(/\?.*/s, ""),
    status: reply?.status ?? null,
    body: reply?.body,
    started,
    sent: target && sentBy(request, target),
    isFault: typeof outcome === "string" || outcome.isFault === true,
  };
  history.addRequest(entry, accountOf({ domain }, request), () => domain.now());
}

/** What a request sent, to repeat it. Undefined if it was no form. */
function sentBy(request: IncomingMessage, { query }: Target): SentRequest | undefined {
  const { method, headers } = request;
  const webhooksEnabled = isWebhooksEnabled(request);
  if (method !== "POST") return { form: query.toString(), webhooksEnabled };
  const isForm = /^application\/x-www-form-urlencoded/i.test(headers["content-type"] ?? "application/x-www-form-urlencoded");
  const form = bodies.get(request);
  return isForm && form !== undefined ? { form, webhooksEnabled } : undefined;
}

const isWebhooksEnabled = ({ headers }: IncomingMessage): boolean =>
  String(headers["x-twilio-webhook-enabled"] ?? "").toLowerCase() === "true";

/** Returns the SID of the account whose credentials were sent, or of the main account if they are invalid. */
function accountOf({ domain }: Pick<EmulatorContext, "domain">, request: IncomingMessage): string {
  try {
    return identify({ domain }, request).sid;
  } catch {
    return domain.credentials.accountSid;
  }
}

/** Sets the `Date` header from the emulator's clock, which may differ from the machine's. */
function setDate({ domain }: EmulatorContext, response: ServerResponse): void {
  try {
    response.setHeader("Date", new Date(domain.now()).toUTCString());
  } catch {
    // The clock failed, so the response is already a 500. It keeps the machine's date.
  }
}
