/** A web server that webhooks are sent to: it judges each request as Twilio's own library does, and keeps it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import twilio from "twilio";
import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";

export interface Received {
  method: string;
  /** Without the query of a GET webhook. */
  path: string;
  headers: IncomingMessage["headers"];
  parameters: Record<string, string>;
  /** Whether `twilio.validateRequest` accepts it, for a given auth token. */
  isSigned(authToken: string): boolean;
}

type Answer = { status?: number; body?: string; type?: string } | "never" | "reset" | undefined;

export interface Receiver {
  url: string;
  received: Received[];
  /** What it answers; 200 without a body unless set. Undone before each test. */
  answer: (request: Received) => Answer | Promise<Answer>;
  /** The requests once there are so many. */
  until(count: number): Promise<Received[]>;
  events(): string[];
}

/** Starts a receiver before the tests of this file. */
export function receiver(): Receiver {
  const made = { received: [] as Received[] } as Receiver;
  const server = createServer((request, response) => void take(made, request, response));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    made.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    made.received.length = 0;
    made.answer = () => undefined;
  });
  afterAll(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  made.until = async (count) => {
    await vi.waitFor(() => expect(made.received.length).toBeGreaterThanOrEqual(count), { timeout: 10_000, interval: 5 });
    return made.received;
  };
  made.events = () => made.received.map(({ parameters }) => parameters.EventType ?? "");
  return made;
}

async function take(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const url = new URL(request.url ?? "", receiver.url);
  const form = Object.fromEntries(new URLSearchParams(body));
  const { method = "", headers } = request;
  const received: Received = {
    method,
    path: url.pathname,
    headers,
    parameters: method === "GET" ? Object.fromEntries(url.searchParams) : form,
    isSigned: (authToken) => twilio.validateRequest(authToken, String(headers["x-twilio-signature"]), url.href, form),
  };
  receiver.received.push(received);
  const answer = await receiver.answer(received);
  if (answer === "never") return;
  if (answer === "reset") {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer?.status ?? 200, answer?.type ? { "content-type": answer.type } : {}).end(answer?.body);
}
