import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request of a provider. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query, beginning with the host of the product. */
  readonly url: string;
}

/** A response. */
export interface ProxiedResponse {
  readonly status: number;
  readonly body: string;
}

/** Decides what happens to a request. Each call of `send` delivers it to the emulator. */
export type Disturbance = (request: ProxiedRequest, send: () => Promise<ProxiedResponse>) => Promise<ProxiedResponse>;

/** A proxy between the providers and the emulator. */
export interface DisturbingProxy {
  readonly url: string;
  /** What happens to requests. Default: each is delivered once, with its response. */
  disturbance: Disturbance | undefined;
  close(): Promise<void>;
}

/** Starts a proxy in front of an emulator. */
export async function startDisturbingProxy(target: string): Promise<DisturbingProxy> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await buffer(incoming);
      const { method = "GET", url = "/" } = incoming;
      const { host: _host, connection: _connection, "content-length": _length, ...headers } = incoming.headers;
      const init = { method, headers: headers as Record<string, string>, ...(body.length > 0 ? { body } : {}) };
      let date = new Date().toUTCString();
      const send = async () => {
        const response = await fetch(target + url, init);
        date = response.headers.get("date") ?? date;
        return { status: response.status, body: await response.text() };
      };
      const response = await (proxy.disturbance ? proxy.disturbance({ method, url }, send) : send());
      outgoing.writeHead(response.status, { "content-type": "application/json", date });
      outgoing.end(response.status === 204 ? undefined : response.body);
    } catch {
      // The emulator or the provider has ended.
      outgoing.destroy();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const proxy: DisturbingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    disturbance: undefined,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return proxy;
}
