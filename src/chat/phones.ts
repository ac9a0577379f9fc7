import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Connection } from "../core/twilio/connection";
import { UsageError } from "../core/twilio/errors";
import { openTwilio } from "../core/twilio/transport";
import type { Handset, Text } from "./api";
import { controlPlane } from "./control-plane";

/** The virtual phones of the emulator. */
export interface Phones {
  handsets(): Promise<Handset[]>;
  /** The texts that a handset sent and received, in order. Their dates have whole seconds, so dates cannot order them. */
  texts(handset: string): Promise<Text[]>;
  /** Sends a text from a handset to a number. */
  send(text: { from: string; to: string; body: string }): Promise<void>;
  /** Forwards the emulator's server-sent events until either side ends. */
  stream(response: ServerResponse): Promise<void>;
}

/** Opens the phones of a service's participants. The connection must lead to the emulator. */
export function openPhones(connection: Connection, serviceSid: string): Phones {
  const twilio = openTwilio(connection);
  const baseUrl = connection.baseUrl as string;
  const emulator = async <T>(path: string, init?: RequestInit): Promise<T> => {
    const response = await controlPlane(baseUrl, path, { ...init, signal: AbortSignal.timeout(connection.callTimeoutMs) });
    const body = (await response.json()) as T & { message?: string };
    if (!response.ok) throw new UsageError(body.message ?? `The emulator responded with HTTP ${response.status}.`);
    return body;
  };
  const list: List = (product, path, key, query = {}) =>
    collect(twilio.list({ attempt: `Cannot list ${key}`, product, path, query: { PageSize: "100", ...query } }, key));

  return {
    handsets: () => handsetsOf(list, serviceSid),

    async texts(handset) {
      const { messages } = await emulator<{ messages: Text[] }>(`texts?handset=${encodeURIComponent(handset)}`);
      return messages.map(({ sid, from, to, body, mediaUrls, date }) => ({ sid, from, to, body, mediaUrls, date }));
    },

    async send(text) {
      await emulator("inbound", { method: "POST", body: JSON.stringify(text) });
    },

    async stream(response) {
      const ended = new AbortController();
      response.once("close", () => ended.abort());
      const { body } = await controlPlane(baseUrl, "events", { signal: ended.signal });
      if (!body) throw new UsageError("The emulator sends no events.");
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      // Either side may end the stream: the page closes, or the emulator stops.
      await pipeline(Readable.fromWeb(body as never), response, { signal: ended.signal }).catch(() => response.destroy());
    },
  };
}

/** Reads all pages of one of Twilio's lists. */
type List = <T>(product: "api" | "conversations", path: string, key: string, query?: Record<string, string>) => Promise<T[]>;

interface Participant {
  messaging_binding: { address?: string; proxy_address?: string; projected_address?: string } | null;
}

/** The handsets of a service: each address of its participants, with the numbers that lead to a conversation. */
async function handsetsOf(list: List, serviceSid: string): Promise<Handset[]> {
  const found = new Map<string, Map<string, string>>();
  const root = `/v1/Services/${serviceSid}/Conversations`;
  const conversations = await list<{ sid: string; friendly_name: string | null }>("conversations", root, "conversations");
  for (const { sid, friendly_name } of conversations) {
    const participants = await list<Participant>("conversations", `${root}/${sid}/Participants`, "participants");
    const bindings = participants.map(({ messaging_binding }) => messaging_binding ?? {});
    // In a group text, a handset texts the numbers that represent the chat participants.
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
}

async function collect<T>(items: AsyncGenerator<unknown>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item as T);
  return all;
}
