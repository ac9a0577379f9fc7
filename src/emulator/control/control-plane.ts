/**
 * The control plane under `/_emulator/`: functions for tests and demos that Twilio has no API for. It accepts requests
 * from this machine only, and not from web pages of other hosts.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isConsolePath, sendConsole } from "../console/files";
import type { EmulatorContext } from "../context";
import { dataSchema } from "../data/schema";
import { envelope, fail, StateNotWritten, TwilioError } from "../errors";
import { readBody } from "../http/body";
import { isFromLoopback, isNavigation, refusalOf } from "../http/browser-origin";
import { decode } from "../http/router";
import { RefusedName } from "../names";
import type { Namespaces } from "../namespaces/namespaces";
import { type ControlCall, ControlError } from "./call";
import { deleteClock, setClock, showClock } from "./clock";
import { curl } from "./curl";
import { applyAgain, dataBody } from "./data";
import { streamEvents } from "./event-stream";
import { InvalidFault } from "./faults";
import type { Entry, LoggedRequest } from "./history";
import { createNamespace, deleteNamespace, listNamespaces } from "./namespaces";
import { resetAll } from "./reset";
import { deleteSnapshot, listSnapshots, restoreSnapshot, saveSnapshot } from "./snapshots";
import { state } from "./state";
import { inbound, outbox, texts } from "./text-messages";
import { timeline } from "./timeline";
import { listDeliveries, resendWebhook, triggerWebhooks } from "./webhooks";

const PREFIX = "/_emulator";

type Handler = (call: ControlCall) => unknown;

const routes: Record<string, Record<string, Handler>> = {
  "/health": { GET: ({ context }) => ({ status: "ok", ...context.about() }) },
  "/reset": { POST: ({ context }) => resetAll(context) },
  "/calls": {
    GET: ({ context }) => context.calls.report(),
    DELETE: ({ context }) => {
      context.calls.clear();
      return context.calls.report();
    },
  },
  "/faults": {
    GET: ({ context }) => context.faults.report(),
    POST: ({ context, input }) => {
      context.faults.add(input);
      return context.faults.report();
    },
    DELETE: ({ context }) => {
      context.faults.clear();
      return context.faults.report();
    },
  },
  "/faults/{name}": { DELETE: removeFault },
  "/webhooks": {
    GET: listDeliveries,
    DELETE: ({ context }) => {
      context.webhooks.deliveries.clearLog();
      return { deliveries: [] };
    },
  },
  "/webhooks/trigger": { POST: triggerWebhooks },
  "/webhooks/resend": { POST: resendWebhook },
  "/timeline": { GET: timeline },
  "/curl": { GET: curl },
  "/requests": { GET: ({ context }) => ({ requests: context.history.requests().map(requestBody) }) },
  "/state": { GET: state },
  "/data": { GET: dataBody, POST: applyAgain },
  "/data/schema": { GET: dataSchema },
  "/inbound": { POST: inbound },
  "/outbox": { GET: outbox },
  "/texts": { GET: texts },
  "/snapshots": { GET: listSnapshots, POST: saveSnapshot },
  "/snapshots/{name}": { DELETE: deleteSnapshot },
  "/snapshots/{name}/restore": { POST: restoreSnapshot },
  "/namespaces": { GET: listNamespaces, POST: createNamespace },
  "/namespaces/{name}": { DELETE: deleteNamespace },
  "/clock": { GET: showClock, POST: setClock, DELETE: deleteClock },
};

function removeFault({ context: { faults }, name }: ControlCall): unknown {
  if (!faults.remove(name)) throw new ControlError(404, `there is no fault rule with the id ${name}. GET ${PREFIX}/faults lists them`);
  return faults.report();
}

const requestBody = ({ date, accountSid, data }: Entry) => ({ date, accountSid, ...(data as { request: LoggedRequest }).request });

export function isControlPath(url: string): boolean {
  return url === PREFIX || url.startsWith(`${PREFIX}/`) || url.startsWith(`${PREFIX}?`);
}

/** The emulator that a request belongs to by its credentials, and those that its path may name. */
interface Reached {
  context: EmulatorContext;
  namespaces: Namespaces | undefined;
}

/** `/namespaces/NAME/clock` is the clock of that namespace, whatever the credentials. */
function inNamespace({ context, namespaces }: Reached, path: string): { context: EmulatorContext; path: string } {
  const [, name, rest] = /^\/namespaces\/([^/]+)(\/.+)$/.exec(path) ?? [];
  if (!namespaces || name === undefined || rest === undefined) return { context, path };
  return { context: namespaces.named(decode(name)), path: rest };
}

/** Handles a request to `/_emulator` or to the console. */
export async function handleControl(reached: Reached, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    checkLocal(request, reached.context);
    const url = new URL(request.url ?? "/", "http://emulator");
    // A path that leaves `/_emulator` through `..` does not exist.
    const fullPath = isControlPath(url.pathname) ? url.pathname.slice(PREFIX.length).replace(/\/$/, "") : url.pathname;
    const { context, path } = inNamespace(reached, fullPath);
    if (path === "/events" && request.method === "GET") {
      streamEvents(context, url.searchParams, request, response);
      return;
    }
    // The console serves literal paths only, not those that reach it through `..`.
    const [literalPath = ""] = (request.url ?? "").split("?");
    if (isConsolePath(literalPath) && request.method === "GET") {
      sendConsole(literalPath, response);
      return;
    }
    const { methods, name } = findRoute(path);
    if (!methods) throw new ControlError(404, `the control plane has no endpoint ${PREFIX}${path}`);
    const handler = Object.hasOwn(methods, request.method ?? "") ? methods[request.method ?? ""] : undefined;
    if (!handler) throw new ControlError(405, `${PREFIX}${path} supports only ${Object.keys(methods).join(", ")}`);
    const input = parseInput(await readBody(request));
    sendJson(response, 200, await handler({ ...reached, context, query: url.searchParams, name, input }));
  } catch (error) {
    // The client has disconnected.
    if (request.destroyed && !request.complete && !(error instanceof TwilioError)) return;
    const { status, body } = errorReply(error);
    sendJson(response, status, body);
  }
}

/** The handlers of a path by method, and the name in it. */
function findRoute(path: string): { methods?: Record<string, Handler> | undefined; name: string } {
  if (Object.hasOwn(routes, path)) return { methods: routes[path], name: "" };
  const [, collection, encoded = "", action = ""] = /^(\/\w+)\/([^/]+)(\/\w+)?$/.exec(path) ?? [];
  const template = `${collection}/{name}${action}`;
  return { methods: Object.hasOwn(routes, template) ? routes[template] : undefined, name: decode(encoded) };
}

function errorReply(error: unknown): { status: number; body: unknown } {
  if (error instanceof StateNotWritten) return errorReply(fail(20503, { reason: error.message }));
  if (error instanceof TwilioError) return { status: error.status, body: envelope(error) };
  const status = error instanceof ControlError || error instanceof RefusedName ? error.status : error instanceof InvalidFault ? 400 : 500;
  if (status === 500) console.error("emulator: the control plane failed:", error);
  return { status, body: { status, message: status === 500 ? "Internal error of the emulator" : (error as Error).message } };
}

function checkLocal(request: IncomingMessage, { allowedHosts }: Pick<EmulatorContext, "allowedHosts">): void {
  if (!allowedHosts && !isFromLoopback(request)) throw new ControlError(403, "the control plane accepts requests from this machine only");
  const isLink = isNavigation(request) && isConsolePath((request.url ?? "").replace(/\?.*/s, ""));
  const refusal = refusalOf(request, { twilioHosts: false, crossSite: isLink, allowedHosts });
  if (refusal !== undefined) throw new ControlError(403, `the control plane accepts requests ${refusal}`);
}

function parseInput(body: string): ControlCall["input"] {
  if (body.trim() === "") return {};
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    throw new ControlError(400, "the body is not JSON");
  }
  if (typeof input !== "object" || input === null) throw new ControlError(400, "the body must be a JSON object");
  return input as ControlCall["input"];
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  // After a body that was not read completely, the connection cannot be reused.
  if (!response.req.complete) response.setHeader("Connection", "close");
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
}
