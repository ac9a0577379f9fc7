import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { noResponse } from "../../src/core/twilio/client";
import type { Connection } from "../../src/core/twilio/connection";
import { openTwilio } from "../../src/core/twilio/transport";
import { selfSigned } from "../support/self-signed";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An HTTP server on a free port, and the sockets that were opened to it. */
async function serve(respond: (request: IncomingMessage, response: ServerResponse) => void) {
  const sockets = new Set<Socket>();
  const server = createServer(respond).on("connection", (socket) => sockets.add(socket));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const connection: Connection = {
    backend: "twilio",
    accountSid: `AC${"1".repeat(32)}`,
    username: "SKuser",
    password: "secret",
    secrets: ["secret"],
    source: "a test",
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxConcurrency: 5,
    callTimeoutMs: 300,
    operationTimeoutMs: 60_000,
    acceptAllMissing: false,
    previewLookups: true,
    place: "a test",
  };
  return { sockets, open: () => [...sockets].filter(({ destroyed }) => !destroyed).length, connection };
}

const request = { attempt: "Cannot do it", product: "conversations", path: "/v1/Services" } as const;
const json = (response: ServerResponse, body: unknown = { sid: "X" }) =>
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));

describe("the client of the twilio package", () => {
  it("keeps sockets alive and opens at most as many as requests run concurrently", async () => {
    const { sockets, connection } = await serve((incoming, response) => incoming.resume().on("end", () => json(response)));
    const twilio = openTwilio({ ...connection, callTimeoutMs: 30_000 });
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        twilio.send({ ...request, method: index % 2 ? "get" : "post", form: { N: String(index) } }),
      ),
    );
    expect(sockets.size).toBeLessThanOrEqual(connection.maxConcurrency);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["a response that never starts", () => {}],
    ["a response that never ends", (response) => void response.writeHead(200, { "content-type": "application/json" }).write('{"sid":')],
    [
      "a response that trickles",
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const drip = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(drip));
      },
    ],
  ])("gives up %s after the time limit of one call, and closes the socket", async (_what, respond) => {
    const { open, connection } = await serve((_incoming, response) => respond(response));
    const failed = openTwilio(connection).send({ ...request, method: "post", form: { FriendlyName: "x" } });
    await expect(failed).rejects.toThrow("no response from Twilio within 0.3 s");
    await vi.waitFor(() => expect(open()).toBe(0));
  });

  it("accepts JSON under another content type, and retries after a web page and a truncated response", async () => {
    let responses = 0;
    const { connection } = await serve((_incoming, response) => {
      responses += 1;
      if (responses === 1) response.writeHead(200, { "content-type": "text/html" }).end("<html>sign in</html>");
      else if (responses === 2) {
        response.writeHead(200, { "content-type": "application/json", "content-length": "20" });
        response.write('{"sid":', () => response.socket?.destroy());
      } else response.writeHead(200, { "content-type": "text/html" }).end('{"sid":"X"}');
    });
    const twilio = openTwilio({ ...connection, callTimeoutMs: 30_000 }, { random: () => 0 });
    expect(await twilio.send({ ...request, method: "get" })).toEqual({ sid: "X" });
    expect(responses).toBe(3);
  });
});

describe("a network error", () => {
  const route = (code: string, syscall: string) => ({ message: "no route", code, syscall });

  it.each<[string, object, string, Partial<ReturnType<typeof noResponse>>]>([
    ["a reset connection", { message: "socket hang up", code: "ECONNRESET" }, ": socket hang up (ECONNRESET)", {}],
    [
      "a code in the message",
      { message: "connect ECONNREFUSED ::1", code: "ECONNREFUSED" },
      ": connect ECONNREFUSED ::1",
      { isUnreached: true },
    ],
    ["no code", { message: "stream error" }, ": stream error", {}],
    ["no message", { code: "EPIPE" }, ": unknown failure (EPIPE)", {}],
    ["nothing", {}, ": unknown failure", {}],
    ["no name", { message: "no name", code: "ENOTFOUND" }, ": no name (ENOTFOUND)", { isUnreached: true }],
    ["no route at first", route("ENETUNREACH", "connect"), ": no route (ENETUNREACH)", { isUnreached: true }],
    [
      "no route by its cause",
      { ...route("EHOSTUNREACH", ""), cause: { syscall: "connect" } },
      ": no route (EHOSTUNREACH)",
      { isUnreached: true },
    ],
    ["no route later", route("EHOSTUNREACH", "read"), ": no route (EHOSTUNREACH)", {}],
    ["another failure to connect", route("EPERM", "connect"), ": no route (EPERM)", {}],
    ["a time limit", { message: "timeout of 300 ms", code: "ECONNABORTED" }, " within 1.5 s", { timedOut: true }],
    [
      "an untrusted server",
      { message: "no", code: "CERT_HAS_EXPIRED" },
      ": no (CERT_HAS_EXPIRED)",
      { isUnreached: true, isUntrusted: true },
    ],
  ])("says what is known of it: %s", (_what, error, reason, known) => {
    const flags = { isUnreached: false, isUntrusted: false, timedOut: false, ...known };
    expect(noResponse(error, 1500)).toEqual({ status: 0, message: `no response from Twilio${reason}`, ...flags });
  });
});

describe("a server whose certificate is not trusted", () => {
  it.each(["get", "post", "delete"] as const)("ends a %s at once, and the error says how to trust it", async (method) => {
    let requests = 0;
    const server = createTlsServer(selfSigned, (_incoming, response) => {
      requests += 1;
      json(response);
    });
    servers.push(server as unknown as Server);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { connection } = await serve(() => {});
    const { port } = server.address() as AddressInfo;
    const route = { NODE_EXTRA_CA_CERTS: "/etc/ca.pem" };
    const twilio = openTwilio({ ...connection, callTimeoutMs: 30_000, baseUrl: `https://localhost:${port}`, route });
    const began = performance.now();
    const failed = expect(twilio.send({ ...request, method })).rejects;
    await failed.toThrow(/self.signed certificate[\s\S]*the certificate of localhost:\d+ must be signed by a CA/);
    await failed.toThrow("NODE_EXTRA_CA_CERTS: /etc/ca.pem");
    await failed.toThrow("no connection");
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(requests).toBe(0);
  });
});
