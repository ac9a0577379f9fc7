import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serveEdge } from "./support/edge";
import { send } from "./support/http";
import { exchange, responsesIn } from "./support/raw";

type Edge = Awaited<ReturnType<typeof serveEdge>>;
const PATH = "/conversations.twilio.com/v1/Conversations";

/** The bytes of a request. By default, the server closes the connection after the response. */
function raw({ authorization }: Edge, method: string, target: string, { headers = [] as string[], body = "", close = true } = {}): string {
  const length = headers.some((header) => /^(content-length|transfer-encoding)/i.test(header)) ? [] : [`Content-Length: ${body.length}`];
  const all = [`Authorization: ${authorization}`, ...length, ...headers, ...(close ? ["Connection: close"] : [])];
  return `${method} ${target} HTTP/1.1\r\n${all.map((header) => `${header}\r\n`).join("")}\r\n${body}`;
}

const envelope = (status: number) => ({ code: expect.any(Number), message: expect.any(String), more_info: expect.any(String), status });
const connections = ({ server }: Edge) => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
const list = async ({ url, authorization }: Edge) => {
  const { status, json } = await send(url, { path: PATH, headers: { authorization, connection: "close" } });
  expect(status).toBe(200);
  return (json as { conversations: { friendly_name: string | null }[] }).conversations.map(({ friendly_name }) => friendly_name);
};

describe("a slow request", () => {
  it("gets 408 after the timeout and does not delay other requests", async () => {
    const edge = await serveEdge({ requestTimeoutMs: 3000 });
    const { hostname, port } = new URL(edge.url);
    const head = raw(edge, "POST", PATH, { headers: ["Content-Length: 100000"] });
    // The request stops in the body, in a header, in the path, or before the first byte. It sends further bytes slowly, or none.
    const slow = [head, head.slice(0, -6), head.slice(0, 40), ""].flatMap((start) =>
      (start === "" ? [false] : [true, false]).map(
        (dribbles) =>
          new Promise<string>((resolve) => {
            let dribble: NodeJS.Timeout | undefined;
            const socket = connect(Number(port), hostname, () => {
              socket.write(start);
              if (dribbles) dribble = setInterval(() => socket.write("x"), 20);
            });
            let received = "";
            socket.on("data", (data) => {
              received += String(data);
            });
            socket.on("error", () => {});
            socket.on("close", () => {
              clearInterval(dribble);
              resolve(received);
            });
          }),
      ),
    );
    await expect.poll(() => connections(edge), { timeout: 10_000 }).toBe(slow.length);
    for (const _ of [1, 2, 3]) expect(await list(edge)).toEqual([]);
    expect(await connections(edge)).toBeGreaterThanOrEqual(slow.length);
    for (const received of await Promise.all(slow)) expect(responsesIn(received)).toEqual([{ status: 408, json: envelope(408) }]);
    await expect.poll(() => connections(edge), { timeout: 10_000 }).toBe(0);
    expect(await list(edge)).toEqual([]);
  });

  it("is executed if it arrives shortly before the timeout", async () => {
    const edge = await serveEdge({ requestTimeoutMs: 20_000 });
    const { hostname, port } = new URL(edge.url);
    const body = "FriendlyName=slowly";
    const request = raw(edge, "POST", PATH, { headers: ["Content-Type: application/x-www-form-urlencoded"], body });
    const received = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(Number(port), hostname, async () => {
        socket.setNoDelay();
        for (const byte of request) {
          socket.write(byte);
          await sleep(1);
        }
      });
      socket.on("data", (data) => {
        text += String(data);
      });
      socket.on("close", () => resolve(text));
    });
    expect(responsesIn(received)).toMatchObject([{ status: 201, json: { friendly_name: "slowly" } }]);
  });

  it("may take longer to execute than the request timeout", async () => {
    const edge = await serveEdge({ requestTimeoutMs: 200 });
    const slow = { delayMs: 1000 };
    await send(edge.url, { method: "POST", path: "/_emulator/faults", body: JSON.stringify(slow) });
    expect(responsesIn(await exchange(edge.url, raw(edge, "POST", PATH)))).toMatchObject([{ status: 201 }]);
  });

  it("has 30 s to arrive by default", async () => {
    const { server } = await serveEdge();
    expect([server.requestTimeout, server.headersTimeout]).toEqual([30_000, 30_000]);
  });
});

describe("a connection", () => {
  it("accepts pipelined requests and responds in order", async () => {
    const edge = await serveEdge();
    const form = { headers: ["Content-Type: application/x-www-form-urlencoded"], close: false };
    const requests = ["a", "b", "c"].map((name) => raw(edge, "POST", PATH, { ...form, body: `FriendlyName=${name}` }));
    const received = await exchange(edge.url, [...requests, raw(edge, "GET", `${PATH}/CH1`)].join(""));
    expect(responsesIn(received)).toMatchObject([
      ...["a", "b", "c"].map((name) => ({ status: 201, json: { friendly_name: name } })),
      { status: 404 },
    ]);
    expect((await list(edge)).sort()).toEqual(["a", "b", "c"]);
  });

  it("never sends the response for malformed bytes as the response to the request before them", async () => {
    const edge = await serveEdge();
    const good = raw(edge, "POST", PATH, { close: false });
    const statuses = responsesIn(await exchange(edge.url, `${good}nonsense\r\n\r\n`)).map(({ status }) => status);
    expect([[], [201], [201, 400]]).toContainEqual(statuses);
    expect(await list(edge)).toHaveLength(1);
    expect(responsesIn(await exchange(edge.url, "nonsense\r\n\r\n"))).toEqual([{ status: 400, json: envelope(400) }]);
  });

  it("may be half closed: complete requests are executed, incomplete ones get 400", async () => {
    const edge = await serveEdge();
    for (const close of [true, false]) {
      expect(responsesIn(await exchange(edge.url, raw(edge, "POST", PATH, { close }), { halfClose: true }))).toMatchObject([
        { status: 201 },
      ]);
    }
    const cut = raw(edge, "POST", PATH, { headers: ["Content-Length: 10"], body: "Fri" });
    expect(responsesIn(await exchange(edge.url, cut, { halfClose: true }))).toEqual([{ status: 400, json: envelope(400) }]);
    expect(await list(edge)).toHaveLength(2);
    await expect.poll(() => connections(edge), { timeout: 10_000 }).toBe(0);
  });

  it("sends 100 Continue if a request expects it, and ignores other expectations", async () => {
    const edge = await serveEdge();
    const expecting = (expectation: string) => raw(edge, "POST", PATH, { headers: [`Expect: ${expectation}`] });
    const received = await exchange(edge.url, expecting("100-continue"));
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
    expect(responsesIn(received)).toMatchObject([{ status: 201 }]);
    expect(responsesIn(await exchange(edge.url, expecting("a-miracle")))).toMatchObject([{ status: 201 }]);
  });

  it("accepts an absolute request target, which proxies receive, and requests without a host", async () => {
    const edge = await serveEdge();
    const get = async (target: string, ...headers: string[]) =>
      responsesIn(await exchange(edge.url, raw(edge, "GET", target, { headers })))[0];
    const absolute = "http://conversations.twilio.com/v1/Conversations";
    expect(await get(absolute)).toMatchObject({ status: 200, json: { conversations: [] } });
    // HTTP gives the target precedence over the Host header.
    expect(await get(absolute, "Host: messaging.twilio.com")).toMatchObject({ status: 200, json: { conversations: [] } });
    expect(await get(`http://localhost${PATH}?PageSize=1`)).toMatchObject({ status: 200, json: { meta: { page_size: 1 } } });
    expect(await get("http://user@conversations.twilio.com/v1/Services")).toMatchObject({ status: 403, json: envelope(403) });
    expect(await get("http://conversations.twilio.com.evil.example/v1/Services")).toMatchObject({ status: 403 });
    expect(await get("/v1/Services")).toEqual({ status: 404, json: envelope(404) });
  });

  it("gets 431 for headers or a path that are too long, and 400 for malformed ones", async () => {
    const edge = await serveEdge();
    const status = async (text: string) => responsesIn(await exchange(edge.url, text))[0];
    const long = "x".repeat(20_000);
    expect(await status(raw(edge, "GET", `${PATH}?FriendlyName=${long}`))).toEqual({ status: 431, json: envelope(431) });
    expect(await status(raw(edge, "GET", PATH, { headers: [`X-Long: ${long}`] }))).toEqual({ status: 431, json: envelope(431) });
    expect(await status(raw(edge, "GET", PATH, { headers: ["No colon"] }))).toEqual({ status: 400, json: envelope(400) });
  });
});

describe("arbitrary bytes", () => {
  const method = fc.constantFrom("GET", "POST", "DELETE", "HEAD", "TRACE", "PATCH", "CONNECT", "get", "", "G\u0000T", "POST POST");
  const target = fc.constantFrom(
    ...[PATH, "*", "/", "", "//", `/${PATH}`, `${PATH}#x`, `${PATH};x=1`, `${PATH}/`, `/.${PATH}`, "/conversations.twilio.com", "?", "/?"],
    ...[
      "/conversations.twilio.com/v1/../v1/Conversations",
      "/conversations.twilio.com/v1/%2e%2e/Services",
      "\\conversations.twilio.com\\v1",
    ],
    ...["http://", "http:///v1", "https://api.twilio.com:99999/v1", "ftp://x/y", "http://[::1/v1/Services", "/_emulator/../../reset"],
    ...["/_emulator/%2e%2e/health", "/_emulator//", "/_emulator?x", "/_emulator/faults/../reset", `${PATH}/CH%2f..%2fServices`, "/%00"],
    ...[
      `${PATH}?PageToken=%ff&Page=%00`,
      `${PATH}/${"../".repeat(500)}`,
      `${PATH}/${"a/".repeat(3000)}`,
      "/conversations.twilio.com/\u00ff",
    ],
  );
  const header = fc.constantFrom(
    ...["Host: api.twilio.com", "Host: a, b", "Host:", "X-Twilio-Host: messaging.twilio.com", "X-Twilio-Host: \u00ff", "Expect: 1"],
    ...["Content-Length: 5", "Content-Length: -1", "Content-Length: 1e3", "Content-Length: 5\r\nContent-Length: 6", "Connection: Upgrade"],
    ...["Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Upgrade: websocket", "Content-Encoding: gzip", "Content-Type: \u0001"],
    ...[
      "Content-Type: application/x-www-form-urlencoded; charset=utf-16",
      "Authorization: Basic",
      "Authorization: Digest x",
      "Range: bytes=0-1",
    ],
    ...["X-Twilio-Webhook-Enabled: maybe", " folded", ": nameless", "__proto__: 1", "Trailer: X", "Accept: text/html", "TE: trailers"],
  );
  const body = fc.oneof(
    fc.constantFrom(
      "",
      "5\r\nFrien\r\n0\r\n\r\n",
      "ffffffffff\r\n",
      "zz\r\n",
      "FriendlyName=%",
      "\u001f\u008b\u0008",
      "a=1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    ),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  );

  it("get a response in Twilio's format, or none", async () => {
    const edge = await serveEdge({ requestTimeoutMs: 150 });
    const one = fc.record({ method, target, headers: fc.array(header, { maxLength: 4 }), body, halfClose: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 20, maxLength: 20 }), async (requests) => {
        await Promise.all(
          requests.map(async ({ halfClose, ...parts }) => {
            const text = raw(edge, parts.method, parts.target, parts);
            // Only the console, which browsers get at `/`, is not JSON.
            const mayBeConsole = parts.method === "GET" && parts.target === "/" && parts.headers.includes("Accept: text/html");
            for (const { status, json, text: page } of responsesIn(await exchange(edge.url, Buffer.from(text, "latin1"), { halfClose }))) {
              expect(status, text).toBeLessThan(500);
              if (page !== undefined) expect({ mayBeConsole, status }, text).toEqual({ mayBeConsole: true, status: 200 });
              if (status >= 400 && parts.method !== "HEAD" && !parts.target.startsWith("/_emulator")) {
                expect(json, text).toEqual(envelope(status));
              }
            }
          }),
        );
      }),
      { numRuns: 60, examples: [[[{ method: "GET", target: "/", headers: ["Accept: text/html"], body: "", halfClose: false }]]] },
    );
    await list(edge);
    await expect.poll(() => connections(edge), { timeout: 10_000 }).toBe(0);
  });
});
