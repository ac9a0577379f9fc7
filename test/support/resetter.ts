/** A man in the middle who has requests carried out and then resets the connection (RST) in place of the answer. */
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

export interface Resetter {
  readonly url: string;
  /** From now on: each request of this method, once; what is sent again gets its answer. `undefined`: none. */
  method: string | undefined;
  /** How many answers were lost since the last time this was called. */
  taken(): number;
  close(): Promise<void>;
}

export async function resetter(target: string): Promise<Resetter> {
  const seen = new Set<string>();
  let lost = 0;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method, url = "", headers } = incoming;
    const key = `${method} ${url} ${body}`;
    const resets = method === self.method && !seen.has(key);
    if (resets) seen.add(key);
    const onward = forward(new URL(url, target), { method: method as string, headers }, (answer) => {
      if (resets) {
        lost += 1;
        outgoing.socket?.resetAndDestroy();
        answer.resume();
        return;
      }
      outgoing.writeHead(answer.statusCode as number, answer.headers);
      // Unlike pipe, it hands on that an answer broke off.
      pipeline(answer, outgoing).catch(() => {});
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const self: Resetter = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    method: undefined,
    taken() {
      const taken = lost;
      lost = 0;
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
