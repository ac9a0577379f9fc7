import { request, type ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Phones } from "../../src/chat/phones";
import { type ChatServer, startChatServer } from "../../src/chat/server";
import { TwilioError, UsageError } from "../../src/core/twilio/errors";

interface HttpResponse {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const JSON_TYPE = { "content-type": "application/json" };

describe("the chat server", () => {
  let server: ChatServer;
  let host: string;
  const created: string[] = [];
  beforeAll(async () => {
    server = await startChatServer(
      {
        about: () => Promise.reject(new UsageError("The service does not exist. Run `pulumi up`.")),
        token: async (identity) => {
          created.push(identity);
          return { token: `token of ${identity}`, twilsock: "ws://127.0.0.1:1/v3/wsconnect" };
        },
        origins: async () => ["http://127.0.0.1:1", "ws://127.0.0.1:1"],
        phones: async () => undefined,
      },
      { port: 0 },
    );
    host = new URL(server.url).host;
  });
  afterAll(() => server.close());

  /** Sends a request with any headers. `fetch` does not allow all of them. */
  function send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<HttpResponse> {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers: { host, ...headers } }, async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode as number, headers: response.headers, body: text });
      });
      sent.once("error", reject);
      sent.end(body);
    });
  }
  const requestToken = (headers: Record<string, string> = {}, body = '{"identity":"testPineapple"}') =>
    send("POST", "/token", { origin: `http://${host}`, ...JSON_TYPE, ...headers }, body);

  it("listens on the loopback interface only", () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it("gives its own page a token and the WebSocket's URL", async () => {
    for (const own of [host, host.replace("127.0.0.1", "localhost")]) {
      const { status, body, headers } = await requestToken({ host: own, origin: `http://${own}`, "sec-fetch-site": "same-origin" });
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({ token: "token of testPineapple", twilsock: "ws://127.0.0.1:1/v3/wsconnect" });
      expect(headers["cache-control"]).toBe("no-store");
    }
  });

  it.each([
    ["a page of another site", { origin: "https://example.com" }, 403],
    ["a page on another port of this machine", { origin: "http://127.0.0.1:1" }, 403],
    ["a page without an origin, as in a sandboxed frame", { origin: "null" }, 403],
    ["a host name that resolves to this machine", { host: "example.com", origin: "http://example.com" }, 403],
    ["a request that the browser marks as cross-site", { "sec-fetch-site": "cross-site" }, 403],
    ["a form of another site, which can send plain text", { "content-type": "text/plain" }, 415],
  ])("refuses a token to %s", async (_sender, headers, status) => {
    created.length = 0;
    const response = await requestToken(headers);
    expect(response.status).toBe(status);
    expect(response.body).not.toContain("token of");
    expect(response.headers).not.toHaveProperty("access-control-allow-origin");
    expect(created).toEqual([]);
  });

  it("refuses a token to a request without an origin", async () => {
    expect((await send("POST", "/token", JSON_TYPE, '{"identity":"testPineapple"}')).status).toBe(403);
  });

  it.each(["/", "/about", "/texts?handset=%2B15558675310", "/handsets", "/events"])(
    "refuses to show %s under a host name that resolves to this machine, where browsers send no origin",
    async (path) => {
      const { status, body } = await send("GET", path, { host: "rebound.example.com" });
      expect({ status, body: body.includes("its own address") }).toEqual({ status: 403, body: true });
    },
  );

  it("refuses the preflight request of another origin", async () => {
    const { status, headers } = await send("OPTIONS", "/token", { origin: "https://example.com", "access-control-request-method": "POST" });
    expect(status).toBe(403);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("can be linked to, but not read, by other pages", async () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await send("GET", "/", link)).status).toBe(200);
    expect((await send("GET", "/about", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
  });

  it("serves the page with a strict content security policy: its own scripts and styles, and connections to Twilio", async () => {
    const { headers, body } = await send("GET", "/");
    const policy = Object.fromEntries(
      String(headers["content-security-policy"])
        .split("; ")
        .map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1).join(" ")]),
    );
    expect(policy).toMatchObject({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "connect-src": "'self' http://127.0.0.1:1 ws://127.0.0.1:1",
      "img-src": "'self' blob: http://127.0.0.1:1 ws://127.0.0.1:1",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
    });
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    for (const [, path] of body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await send("GET", path as string)).status, path).toBe(200);
    }
  });

  it.each([
    ["a body that is not JSON", "hello", 400],
    ["an array", "[]", 400],
    ["a missing identity", "{}", 400],
    ["an empty identity", '{"identity":""}', 400],
    ["a number as the identity", '{"identity":1}', 400],
    ["a body that is too large", JSON.stringify({ identity: "x".repeat(100_000) }), 413],
  ])("refuses %s", async (_case, body, status) => {
    const response = await requestToken({}, body);
    expect(response.status).toBe(status);
    expect(JSON.parse(response.body)).toEqual({ message: expect.any(String) });
  });

  it("accepts a body of 64 KiB, and not one byte more", async () => {
    const bodyOf = (bytes: number) => JSON.stringify({ identity: "x".repeat(bytes - '{"identity":""}'.length) });
    expect((await requestToken({}, bodyOf(65_536))).status).toBe(200);
    expect((await requestToken({}, bodyOf(65_537))).status).toBe(413);
  });

  it("closes the connection of a request whose body it does not read", async () => {
    const { hostname, port } = new URL(server.url);
    const { headers } = await new Promise<{ headers: HttpResponse["headers"] }>((resolve, reject) => {
      const own = { host, origin: `http://${host}`, "content-type": "text/plain", "content-length": "1000000" };
      const sent = request({ hostname, port, method: "POST", path: "/token", headers: own }, resolve);
      // The server may close the connection before the rest is sent.
      sent.once("error", reject).write("{");
    });
    expect(headers.connection).toBe("close");
  });

  it("serves its files to GET only, also those that a browser requests by itself", async () => {
    expect((await send("POST", "/", { origin: `http://${host}` })).status).toBe(404);
    const byItself = { "sec-fetch-site": "none", "sec-fetch-mode": "no-cors" };
    expect((await send("GET", "/icon.svg", byItself)).status).toBe(200);
  });

  it("accepts a link from another site as a GET only", async () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await requestToken(link)).status).toBe(403);
  });

  it.each([
    ["no response", 0, 503],
    ["an error", 500, 502],
  ])("tells %s of Twilio apart, because the page waits for a response only", async (_what, status, expected) => {
    const about = () => Promise.reject(new TwilioError("Cannot read the service", { status, message: "failed" }));
    const unused = () => Promise.reject(new UsageError("unused"));
    const failing = await startChatServer({ about, token: unused, origins: unused, phones: unused }, { port: 0 });
    const { status: received } = await fetch(`${failing.url}about`);
    await failing.close();
    expect(received).toBe(expected);
  });

  it("ends open event streams when it closes", async () => {
    const streaming = await startChatServer(
      {
        about: () => Promise.reject(new UsageError("about")),
        token: () => Promise.reject(new UsageError("token")),
        origins: () => Promise.reject(new UsageError("Twilio does not respond.")),
        phones: async () =>
          ({ stream: async (response: ServerResponse) => void response.writeHead(200).write("event") }) as unknown as Phones,
      },
      { port: 0 },
    );
    // The page itself needs no response of Twilio.
    expect((await fetch(streaming.url)).status).toBe(200);
    const { body } = await fetch(`${streaming.url}events`);
    const text = new Response(body).text();
    await streaming.close();
    await expect(text).rejects.toThrow("terminated");
  });

  it("passes on the message of an error", async () => {
    expect(await send("GET", "/about")).toMatchObject({ status: 502, body: '{"message":"The service does not exist. Run `pulumi up`."}' });
  });

  describe("of a real account, with a key that other users of the machine do not know,", () => {
    const key = "k".repeat(32);
    let keyed: ChatServer;
    beforeAll(async () => {
      const backend = {
        about: () => Promise.reject(new UsageError("about")),
        token: async (identity: string) => ({ token: `token of ${identity}` }),
        origins: async () => [],
        phones: async () => undefined,
      };
      keyed = await startChatServer(backend, { port: 0, key });
    });
    afterAll(() => keyed.close());
    const at = (path: string, init: RequestInit = {}) => fetch(new URL(path, keyed.url), { redirect: "manual", ...init });
    const askToken = (cookie?: string) =>
      at("/token", {
        method: "POST",
        headers: { ...JSON_TYPE, origin: new URL(keyed.url).origin, ...(cookie === undefined ? {} : { cookie }) },
        body: '{"identity":"testPineapple"}',
      });

    it("gives nothing without the key", async () => {
      const name = `chat-${new URL(keyed.url).port}`;
      for (const cookie of [undefined, "", `${name}=`, `${name}=${"x".repeat(32)}`, `${name}=${key}x`, `x${name}=${key}`, `chat=${key}`])
        expect({ cookie, status: (await askToken(cookie)).status }).toEqual({ cookie, status: 403 });
      for (const path of [
        "/",
        "/main.js",
        "/about",
        "/events",
        "/handsets",
        "/?key=",
        "/?key=x",
        `/about?key=${key}`,
        `/token?key=${key}`,
      ]) {
        const response = await at(path);
        expect({ path, status: response.status, cookie: response.headers.get("set-cookie") }).toEqual({ path, status: 403, cookie: null });
      }
    });

    it("gives a browser that opens the page's address a cookie, and removes the key from the address", async () => {
      expect(new URL(keyed.url).searchParams.get("key")).toBe(key);
      const opened = await at(`/?key=${key}&identity=a%26b`);
      expect({ status: opened.status, to: opened.headers.get("location") }).toEqual({ status: 303, to: "/?identity=a%26b" });
      const [cookie = "", ...rules] = (opened.headers.get("set-cookie") ?? "").split("; ");
      expect(rules.sort()).toEqual(["HttpOnly", "Path=/", "SameSite=Strict"]);
      expect((await at("/", { headers: { cookie } })).status).toBe(200);
      expect((await at(`/?key=${key}`, { method: "POST" })).headers.get("set-cookie")).toBeNull();
      expect(await (await askToken(`other=1; ${cookie}`)).json()).toEqual({ token: "token of testPineapple" });
      // The key does not replace the other checks.
      const foreign = { ...JSON_TYPE, cookie, origin: "https://example.com" };
      expect((await at("/token", { method: "POST", headers: foreign, body: '{"identity":"x"}' })).status).toBe(403);
    });
  });

  it("serves no phones for a real account, and no other files", async () => {
    for (const path of ["/handsets", "/events", "/texts?handset=1", "/page.js", "/../server.js", "/%2e%2e/server.js", "/constructor"]) {
      expect((await send("GET", path)).status, path).toBe(404);
    }
  });
});
