/** `GET /_emulator/events`: the domain's events as a stream of server-sent events. */
import type { ServerResponse } from "node:http";
import { isoDate } from "../dates";
import type { EventBus } from "../events";

export function streamEvents(events: EventBus, accountSid: string | null, response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  // Something must be sent at once: clients wait for the first bytes.
  response.write(": connected\n\n");
  const unsubscribe = events.subscribe((event) => {
    if (accountSid !== null && event.accountSid !== accountSid) return;
    const { name, at, origin, data } = event;
    const payload = { event: name, accountSid: event.accountSid, date: isoDate(at), source: origin.source, data };
    response.write(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
  });
  response.on("close", unsubscribe);
}
