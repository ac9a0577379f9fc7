/** A server between the providers and the emulator that answers one request with something else. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A response as the server passes it on. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A request that the providers have sent. */
export interface Call {
  readonly method: string;
  /** Path and query, beginning with the product's host. */
  readonly url: string;
}

/** Decides what to answer in place of the true response. `undefined`: the true response. */
export type Lie = (call: Call, truth: Answer) => Answer | undefined;

/** The server. */
export interface LyingServer {
  readonly url: string;
  lie: Lie | undefined;
  /** The requests since the previous call of this method. */
  taken(): Call[];
  close(): Promise<void>;
}

/** Starts the server. Every request is carried out by the emulator before the answer is replaced. */
export async function startLyingServer(target: string): Promise<LyingServer> {
  let calls: Call[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "GET", url = "/" } = incoming;
    const call = { method, url };
    calls.push(call);
    const { host: _host, connection: _connection, "content-length": _length, ...headers } = incoming.headers;
    const init = { method, headers: headers as Record<string, string> };
    const response = await fetch(target + url, method === "POST" ? { ...init, body: Buffer.concat(chunks) } : init);
    const truth = { status: response.status, body: await response.text() };
    const { status, body } = self.lie?.(call, truth) ?? truth;
    outgoing.writeHead(status, { "content-type": "application/json", date: response.headers.get("date") ?? "" });
    outgoing.end(status === 204 ? undefined : body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const self: LyingServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie: undefined,
    taken() {
      const taken = calls;
      calls = [];
      return taken;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return self;
}
