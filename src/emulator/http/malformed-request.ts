/** Responds to malformed and incomplete requests with an error in Twilio's format. */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { envelope } from "../errors";

/** How long a rejected client may take to close the connection. */
const CLOSE_TIMEOUT_MS = 1000;

const STATUSES: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/** Responds to bytes that Node could not parse. `pending` is the connection's request that has no response yet. */
export function rejectMalformedRequest(error: NodeJS.ErrnoException, socket: Duplex, pending: IncomingMessage | undefined): void {
  // If a complete request is pending, its client would read this error as the response to that request.
  if (error.code === "ECONNRESET" || !socket.writable || pending?.complete) {
    socket.destroy();
    return;
  }
  const status = STATUSES[error.code ?? ""] ?? 400;
  const reason = STATUS_CODES[status] ?? "";
  const body = JSON.stringify(envelope({ code: 20000 + status, message: reason, status }));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
}
