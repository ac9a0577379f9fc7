/**
 * A proxy in front of the emulator for tests of secrets. It accepts any secret, so that a test can choose one that is easy to find. On request,
 * its errors repeat the credentials in every encoding, like a gateway that prints the request.
 */
import { createServer, request as forward, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Emulator } from "../../src/emulator";

/** The proxy. */
export interface LeakingProxy {
  readonly url: string;
  /** Which requests fail, once for each URL, and how. */
  failing: { readonly method: string; readonly status: number; readonly as: "json" | "html" } | undefined;
  /** Counts the failed requests since the previous call of this method. */
  failures(): number;
  close(): Promise<void>;
}

/** Starts the proxy. */
export async function startLeakingProxy({ url: target, accountSid, authToken, apiKey, apiSecret }: Emulator): Promise<LeakingProxy> {
  const failed = new Set<string>();
  let count = 0;

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "GET", url = "", headers } = incoming;
    const { failing } = self;
    const key = `${method} ${url}`;
    if (failing?.method === method && !failed.has(key)) {
      failed.add(key);
      count += 1;
      const text = repeatCredentials(headers);
      const body = failing.as === "html" ? `<html>${text}</html>` : JSON.stringify({ code: 20001, message: text, more_info: text });
      outgoing.writeHead(failing.status, { "content-type": failing.as === "html" ? "text/html" : "application/json", "retry-after": "1" });
      outgoing.end(body);
      return;
    }
    const isKey = loginOf(headers)[0] === apiKey;
    const authorization = `Basic ${Buffer.from(isKey ? `${apiKey}:${apiSecret}` : `${accountSid}:${authToken}`).toString("base64")}`;
    const onward = forward(new URL(url, target), { method, headers: { ...headers, authorization } }, (answer) => {
      outgoing.writeHead(answer.statusCode as number, answer.headers);
      pipeline(answer, outgoing).catch(() => {});
    });
    onward.on("error", () => outgoing.destroy());
    onward.end(Buffer.concat(chunks));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const self: LeakingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failing: undefined,
    failures() {
      const failures = count;
      count = 0;
      failed.clear();
      return failures;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return self;
}

function loginOf({ authorization = "" }: IncomingMessage["headers"]): [user: string, password: string] {
  const text = Buffer.from(authorization.slice("Basic ".length), "base64").toString();
  const colon = text.indexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** The credentials in every encoding in which a program may print them. */
function repeatCredentials(headers: IncomingMessage["headers"]): string {
  const [user, password] = loginOf(headers);
  return [
    `got ${JSON.stringify(headers)}`,
    `curl -u '${user}:${password}'`,
    JSON.stringify({ password }),
    JSON.stringify(JSON.stringify({ password })),
    `https://${encodeURIComponent(user)}:${encodeURIComponent(password)}@api.twilio.com`,
    new URLSearchParams({ AuthToken: password }).toString(),
    Buffer.from(password).toString("base64"),
    Buffer.from(`${user}:${password}`).toString("base64url"),
  ].join(" ");
}
