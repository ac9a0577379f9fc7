/** `GET /_emulator/events`: the events as server-sent events. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EmulatorContext } from "../context";
import { type Entry, isClientEvent } from "./history";
import { topicOf } from "./timeline";

/** More than the size of the entire history. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/**
 * Sends the events after the entry in `Last-Event-ID` or `?after=` (`after=0`: the entire history), then all new events.
 * `?accountSid=` selects one account, `?conversationSid=` or `?handset=` a timeline. Requests are included only with `?requests=true`: a client that sends a request for
 * each event would never stop, and the clients of the chat SDK only with `?clients=true`. `?follow=false` ends the response after the events that exist.
 */
export function streamEvents(context: EmulatorContext, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
  const { history } = context;
  const accountSid = query.get("accountSid");
  const topic = topicOf(context, query);
  const send = (entry: Entry) => {
    const { id, number: _number, ...payload } = entry;
    topic?.learn(entry);
    if (topic && !topic.includes(entry)) return;
    if (accountSid !== null && payload.accountSid !== accountSid) return;
    if (payload.event === "requestAnswered" && query.get("requests") !== "true") return;
    if (isClientEvent(payload.event) && query.get("clients") !== "true") return;
    // A client that does not read is disconnected. It can reconnect for the rest.
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(`id: ${id}\nevent: ${payload.event}\ndata: ${JSON.stringify(payload)}\n\n`);
  };
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  // Clients wait for the first bytes, so send something at once. A browser reconnects after a second.
  response.write(": connected\nretry: 1000\n\n");
  const last = request.headers["last-event-id"] ?? query.get("after");
  if (typeof last === "string") for (const entry of history.after(last)) send(entry);
  if (query.get("follow") === "false") response.end();
  else
    response.on(
      "close",
      history.subscribe(send, () => response.end()),
    );
}
