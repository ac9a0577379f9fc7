/** What is not HTTP, or not all of it in time, still gets an answer in Twilio's form. */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { envelope } from "../errors";

/** How long a client that was sent away may take to hang up. */
const HANG_UP_MS = 1000;

const STATUSES: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/** Answers what the parser could not read; `underWay` is the request of this connection that has no answer yet. */
export function answerGarbage(error: NodeJS.ErrnoException, socket: Duplex, underWay: IncomingMessage | undefined): void {
  // Behind a request that arrived whole, an answer to the garbage would be taken for that request's.
  if (error.code === "ECONNRESET" || !socket.writable || underWay?.complete) {
    socket.destroy();
    return;
  }
  const status = STATUSES[error.code ?? ""] ?? 400;
  const reason = STATUS_CODES[status] ?? "";
  const body = JSON.stringify(envelope({ code: 20000 + status, message: reason, status }));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
}
