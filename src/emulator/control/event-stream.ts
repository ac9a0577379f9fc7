/** `GET /_emulator/events`: what happens as a stream of server-sent events. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Entry, History } from "./history";

/** More than all that is kept for those who come later. */
const MOST_UNREAD_BYTES = 64 * 1024 * 1024;

/**
 * Sends what happens from now on, and first what happened after the entry that `Last-Event-ID` or `?after=` names (`after=0`: all that is
 * kept). `?accountSid=` tells of one account only. Requests are told of with `?requests=true` only: whoever sends a request at each event
 * would never come to an end.
 */
export function streamEvents(history: History, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
  const accountSid = query.get("accountSid");
  const send = ({ id, number: _number, ...payload }: Entry) => {
    if (accountSid !== null && payload.accountSid !== accountSid) return;
    if (payload.event === "requestAnswered" && query.get("requests") !== "true") return;
    // Whoever does not read is cut off, and may come back for the rest.
    if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    else response.write(`id: ${id}\nevent: ${payload.event}\ndata: ${JSON.stringify(payload)}\n\n`);
  };
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  // Something must be sent at once: clients wait for the first bytes. A browser that loses us asks again after a second.
  response.write(": connected\nretry: 1000\n\n");
  const last = request.headers["last-event-id"] ?? query.get("after");
  if (typeof last === "string") for (const entry of history.after(last)) send(entry);
  response.on("close", history.subscribe(send));
}
