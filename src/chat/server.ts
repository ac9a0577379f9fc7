import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { TwilioError, UsageError } from "../core/twilio/errors";
import type { Backend } from "./backend";
import { Unreachable } from "./control-plane";
import type { Phones } from "./phones";

/** A running chat server. */
export interface ChatServer {
  /** `http://127.0.0.1:4011/`, with the key if there is one. */
  readonly url: string;
  close(): Promise<void>;
}

/** Options of {@link startChatServer}. */
export interface ChatServerOptions {
  /** The port to listen on; 0 takes any free port. */
  readonly port: number;
  /**
   * Only a browser that was opened with this key in the page's address gets anything: every user of this machine can reach the server. Default: no
   * key, for the emulator, whose credentials are public.
   */
  readonly key?: string;
}

/**
 * Serves the chat page and its API on the loopback interface. The page gets a token for any identity, so the server refuses other origins and
 * host names that merely resolve to this machine (DNS rebinding).
 */
export async function startChatServer(backend: Backend, { port, key }: ChatServerOptions): Promise<ChatServer> {
  let origins: ReadonlySet<string> = new Set();
  const server = createServer((request, response) => {
    const isAdmitted = key === undefined || admit(key, request, response);
    const done = isAdmitted ? respond(backend, origins, request, response) : Promise.resolve();
    done.catch((error: unknown) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: actual } = server.address() as { port: number };
  origins = new Set([`http://127.0.0.1:${actual}`, `http://localhost:${actual}`]);
  return {
    url: `http://127.0.0.1:${actual}/${key === undefined ? "" : `?key=${key}`}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Event streams do not end by themselves.
        server.closeAllConnections();
      }),
  };
}

/**
 * Whether the request comes from a browser that knows the key. The page's address contains the key once; then a cookie does, so that it is neither in
 * the history nor in the page. Responds otherwise.
 */
function admit(key: string, request: IncomingMessage, response: ServerResponse): boolean {
  const cookie = `chat-${request.socket.localPort}`;
  const url = new URL(request.url ?? "/", "http://chat");
  if (request.method === "GET" && url.pathname === "/" && isSame(url.searchParams.get("key") ?? "", key)) {
    url.searchParams.delete("key");
    const more = { Location: `/${url.search}`, "Set-Cookie": `${cookie}=${key}; Path=/; HttpOnly; SameSite=Strict` };
    send(response, 303, "text/plain", "", more);
    return false;
  }
  const found = (request.headers.cookie ?? "").split(/;\s*/).find((one) => one.startsWith(`${cookie}=`));
  if (isSame(found?.slice(cookie.length + 1) ?? "", key)) return true;
  sendJson(response, 403, {
    message: "Open the address that `twilio-conversations chat` prints. It contains a key for this run of the command.",
  });
  return false;
}

/** Compares in a time that does not depend on the texts. */
function isSame(text: string, key: string): boolean {
  const digest = (one: string) => createHash("sha256").update(one).digest();
  return timingSafeEqual(digest(text), digest(key));
}

class HttpError extends UsageError {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const MAX_BYTES = 64 * 1024;

const FILES: Record<string, { name: string; type: string }> = {
  "/": { name: "index.html", type: "text/html; charset=utf-8" },
  "/main.js": { name: "main.js", type: "text/javascript; charset=utf-8" },
  "/style.css": { name: "style.css", type: "text/css; charset=utf-8" },
  "/icon.svg": { name: "icon.svg", type: "image/svg+xml" },
};

async function respond(backend: Backend, origins: ReadonlySet<string>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  checkSender(origins, request);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://chat");
  const method = request.method ?? "GET";
  const file = Object.hasOwn(FILES, pathname) ? FILES[pathname] : undefined;
  if (file && method === "GET") return sendFile(backend, file, response);
  const phones = async (): Promise<Phones> => {
    const found = await backend.phones();
    if (!found) throw new HttpError(404, "Only the emulator has virtual phones.");
    return found;
  };
  switch (`${method} ${pathname}`) {
    case "GET /about":
      return sendJson(response, 200, await backend.about());
    case "POST /token": {
      const { identity } = await read(request, ["identity"]);
      return sendJson(response, 200, await backend.token(identity));
    }
    case "GET /handsets":
      return sendJson(response, 200, await (await phones()).handsets());
    case "GET /texts":
      return sendJson(response, 200, await (await phones()).texts(searchParams.get("handset") ?? ""));
    case "POST /texts": {
      const text = await read(request, ["from", "to", "body"]);
      await (await phones()).send(text);
      return sendJson(response, 201, {});
    }
    case "GET /events":
      return (await phones()).stream(response);
    default:
      throw new HttpError(404, `This server has no ${method} ${pathname}.`);
  }
}

/** Accepts requests of the page only: for one of its own host names, and from its own origin if the browser sends one. */
function checkSender(origins: ReadonlySet<string>, { method, headers }: IncomingMessage): void {
  if (!origins.has(`http://${headers.host}`)) throw new HttpError(403, "This server accepts requests for its own address only.");
  // Browsers send the origin with every request other than GET and HEAD.
  const { origin } = headers;
  if (origin === undefined ? method !== "GET" : !origins.has(origin))
    throw new HttpError(403, "This server accepts requests of its own page only.");
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    // Other sites may link to the page, but not read from it.
    if (headers["sec-fetch-mode"] !== "navigate" || method !== "GET")
      throw new HttpError(403, "This server accepts requests of its own page only.");
  }
}

async function sendFile(backend: Backend, { name, type }: { name: string; type: string }, response: ServerResponse): Promise<void> {
  const body = readFileSync(join(__dirname, "../../dist/chat/page", name));
  // If Twilio does not respond, the page says so, and reloads when Twilio is back.
  const others = (await backend.origins().catch(() => [])).join(" ");
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ${others}`,
    `img-src 'self' blob: ${others}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  send(response, 200, type, body, { "Content-Security-Policy": policy.map((rule) => rule.trim()).join("; ") });
}

/** The string properties of a JSON body. All must be present. */
async function read<Key extends string>(request: IncomingMessage, keys: readonly Key[]): Promise<Record<Key, string>> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) throw new HttpError(415, "The body must be application/json.");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new HttpError(413, `The body must have at most ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const values = parse(Buffer.concat(chunks).toString());
  for (const key of keys)
    if (typeof values[key] !== "string" || values[key] === "") throw new HttpError(400, `\`${key}\` must be a string that is not empty.`);
  return values as Record<Key, string>;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new HttpError(400, "The body must be a JSON object.");
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  // The next request cannot follow a body that was not read to its end.
  if (!response.req.complete) response.setHeader("Connection", "close");
  const message = error instanceof Error ? error.message : String(error);
  const isExpected = error instanceof UsageError || error instanceof TwilioError || error instanceof TypeError;
  const isUnreachable = error instanceof Unreachable || (error instanceof TwilioError && error.status === 0);
  const status = error instanceof HttpError ? error.status : isUnreachable ? 503 : isExpected ? 502 : 500;
  sendJson(response, status, { message });
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  send(response, status, "application/json", JSON.stringify(body));

function send(response: ServerResponse, status: number, type: string, body: string | Buffer, more: Record<string, string> = {}): void {
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    ...more,
  });
  response.end(body);
}
