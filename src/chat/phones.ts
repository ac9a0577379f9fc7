import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Connection } from "../core/twilio/connection";
import { UsageError } from "../core/twilio/errors";
import { openTwilio } from "../core/twilio/transport";
import type { Handset, Text } from "./api";
import { control } from "./control";

/** The virtual phones of the local Twilio. */
export interface Phones {
  handsets(): Promise<Handset[]>;
  /** What a handset sent and received, oldest first. */
  texts(handset: string): Promise<Text[]>;
  /** A handset texts a number. */
  send(text: { from: string; to: string; body: string }): Promise<void>;
  /** Passes on what happens at Twilio as server-sent events, until either side ends. */
  stream(response: ServerResponse): Promise<void>;
}

interface Participant {
  messaging_binding: { address?: string; proxy_address?: string; projected_address?: string } | null;
}

/** The phones of a service's non-chat participants. `connection` must be the local Twilio's. */
export function openPhones(connection: Connection, serviceSid: string): Phones {
  const twilio = openTwilio(connection);
  const baseUrl = connection.baseUrl as string;
  const ask = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const answer = await control(baseUrl, path, { ...init, signal: AbortSignal.timeout(connection.callTimeoutMs) });
    const body = (await answer.json()) as T & { message?: string };
    if (!answer.ok) throw new UsageError(body.message ?? `the local Twilio answered ${answer.status}.`);
    return body;
  };
  const all = <T>(product: "api" | "conversations", path: string, key: string, query: Record<string, string> = {}): Promise<T[]> =>
    collect(twilio.list({ attempt: `Cannot list ${key}`, product, path, query: { PageSize: "100", ...query } }, key));

  return {
    async handsets() {
      const found = new Map<string, Map<string, string>>();
      const root = `/v1/Services/${serviceSid}/Conversations`;
      for (const { sid, friendly_name } of await all<{ sid: string; friendly_name: string | null }>(
        "conversations",
        root,
        "conversations",
      )) {
        const bindings = (await all<Participant>("conversations", `${root}/${sid}/Participants`, "participants")).map(
          ({ messaging_binding }) => messaging_binding ?? {},
        );
        // In a group text, handsets write to the numbers that stand for chat participants.
        const projected = bindings.flatMap(({ projected_address }) => projected_address ?? []);
        for (const { address, proxy_address } of bindings) {
          if (address === undefined) continue;
          const numbers = found.get(address) ?? new Map<string, string>();
          for (const number of proxy_address === undefined ? projected : [proxy_address]) numbers.set(number, friendly_name ?? sid);
          found.set(address, numbers);
        }
      }
      return [...found].map(([address, numbers]) => ({
        address,
        numbers: [...numbers].map(([number, conversation]) => ({ number, conversation })),
      }));
    },

    async texts(handset) {
      const [received, sent] = await Promise.all([
        ask<{ messages: Text[] }>(`outbox?to=${encodeURIComponent(handset)}`),
        all<Sent>("api", `/2010-04-01/Accounts/${connection.accountSid}/Messages.json`, "messages", { From: handset }),
      ]);
      // Twilio tells whole seconds: of the same second, what was sent comes first, as a question does before its answer.
      return [...sent.map(({ date_created, ...text }) => ({ ...text, mediaUrls: [], date: date_created })), ...received.messages]
        .map(({ sid, from, to, body, mediaUrls, date }) => ({ sid, from, to, body, mediaUrls, date: new Date(date).toISOString() }))
        .sort((a, b) => a.date.localeCompare(b.date));
    },

    async send(text) {
      await ask("inbound", { method: "POST", body: JSON.stringify(text) });
    },

    async stream(response) {
      const ended = new AbortController();
      response.once("close", () => ended.abort());
      const { body } = await control(baseUrl, "events", { signal: ended.signal });
      if (!body) throw new UsageError("the local Twilio tells no events.");
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      // Either side may end it: the page is left, or the local Twilio stops.
      await pipeline(Readable.fromWeb(body as never), response, { signal: ended.signal }).catch(() => response.destroy());
    },
  };
}

interface Sent {
  sid: string;
  from: string;
  to: string;
  body: string;
  /** RFC 2822 */
  date_created: string;
}

async function collect<T>(items: AsyncGenerator<unknown>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item as T);
  return all;
}
