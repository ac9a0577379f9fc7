/** A web server that receives webhooks. It records each request and can check its signature with Twilio's library. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import twilio from "twilio";
import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";

/** One recorded request. */
export interface Received {
  method: string;
  /** Without the query of a GET webhook. */
  path: string;
  headers: IncomingMessage["headers"];
  parameters: Record<string, string>;
  /** Whether `twilio.validateRequest` accepts the signature for this auth token. */
  isSigned(authToken: string): boolean;
}

type ReceiverResponse = { status?: number; body?: string; type?: string } | "never" | "reset" | undefined;

/** The receiver and its recorded requests. */
export interface Receiver {
  url: string;
  received: Received[];
  /** Makes the response. By default 200 without a body. Reset before each test. */
  respond: (request: Received) => ReceiverResponse | Promise<ReceiverResponse>;
  /** Resolves to the requests as soon as there are at least `count`. */
  waitFor(count: number): Promise<Received[]>;
  events(): string[];
}

/** Starts a receiver before the tests of this file. */
export function useReceiver(): Receiver {
  const receiver = { received: [] as Received[] } as Receiver;
  const server = createServer((request, response) => void handle(receiver, request, response));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.respond = () => undefined;
  });
  afterAll(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  receiver.waitFor = async (count) => {
    await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThanOrEqual(count), { timeout: 10_000, interval: 5 });
    return receiver.received;
  };
  receiver.events = () => receiver.received.map(({ parameters }) => parameters.EventType ?? "");
  return receiver;
}

async function handle(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
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
  const result = await receiver.respond(received);
  if (result === "never") return;
  if (result === "reset") {
    request.socket.destroy();
    return;
  }
  response.writeHead(result?.status ?? 200, result?.type ? { "content-type": result.type } : {}).end(result?.body);
}
