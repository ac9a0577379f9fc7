/** A proxy in front of the emulator that records every request. */
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import type { Product } from "../../src/core/twilio/twilio";

/** A recorded request and the status of its response. */
export interface Recorded {
  readonly product: Product;
  readonly method: "get" | "post" | "delete";
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly status: number;
}

/** The proxy. */
export interface Recorder {
  readonly url: string;
  /** Returns the requests since the previous call of this method. */
  taken(): Recorded[];
  close(): Promise<void>;
}

/** Starts the proxy. */
export async function recorder(target: string): Promise<Recorder> {
  let requests: Recorded[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(incoming.url as string, target);
    const [, host = "", ...segments] = pathname.split("/");
    const record = (status: number) =>
      requests.push({
        product: host.split(".")[0] as Product,
        method: incoming.method?.toLowerCase() as Recorded["method"],
        path: `/${segments.join("/")}`,
        query: searchParams,
        form: new URLSearchParams(body.toString()),
        status,
      });
    const onward = forward(
      new URL(incoming.url as string, target),
      { method: incoming.method as string, headers: incoming.headers },
      (answer) => {
        record(answer.statusCode as number);
        outgoing.writeHead(answer.statusCode as number, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => {
      record(0);
      outgoing.destroy();
    });
    onward.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken() {
      const taken = requests;
      requests = [];
      return taken;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
