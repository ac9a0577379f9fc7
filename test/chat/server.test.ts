import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChatServer, startChatServer } from "../../src/chat/server";
import { UsageError } from "../../src/core/twilio/errors";

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const JSON_TYPE = { "content-type": "application/json" };

describe("the chat page's server", () => {
  let server: ChatServer;
  let host: string;
  const minted: string[] = [];
  beforeAll(async () => {
    server = await startChatServer(
      {
        about: () => Promise.reject(new UsageError("there is no such service: run `pulumi up`.")),
        token: async (identity) => {
          minted.push(identity);
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

  /** As a program would send it that may set every header, which `fetch` does not. */
  function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
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
  const askToken = (headers: Record<string, string> = {}, body = '{"identity":"testPineapple"}') =>
    ask("POST", "/token", { origin: `http://${host}`, ...JSON_TYPE, ...headers }, body);

  it("listens on this machine only", () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it("gives its own page a token and the place of the websocket", async () => {
    for (const own of [host, host.replace("127.0.0.1", "localhost")]) {
      const { status, body, headers } = await askToken({ host: own, origin: `http://${own}`, "sec-fetch-site": "same-origin" });
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({ token: "token of testPineapple", twilsock: "ws://127.0.0.1:1/v3/wsconnect" });
      expect(headers["cache-control"]).toBe("no-store");
    }
  });

  it.each([
    ["another site's page", { origin: "https://example.com" }, 403],
    ["a page on another port of this machine", { origin: "http://127.0.0.1:1" }, 403],
    ["a page without an origin, as in a sandbox", { origin: "null" }, 403],
    ["a name that was made to lead here", { host: "example.com", origin: "http://example.com" }, 403],
    ["a request that the browser calls another site's", { "sec-fetch-site": "cross-site" }, 403],
    ["another site's form, which can send plain text", { "content-type": "text/plain" }, 415],
  ])("refuses a token to %s", async (_what, headers, status) => {
    minted.length = 0;
    const answer = await askToken(headers);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain("token of");
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(minted).toEqual([]);
  });

  it("refuses a token to whoever tells no origin at all", async () => {
    expect((await ask("POST", "/token", JSON_TYPE, '{"identity":"testPineapple"}')).status).toBe(403);
  });

  it("answers no preflight of another origin", async () => {
    const { status, headers } = await ask("OPTIONS", "/token", { origin: "https://example.com", "access-control-request-method": "POST" });
    expect(status).toBe(403);
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("lets other pages link to it, and read nothing", async () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await ask("GET", "/", link)).status).toBe(200);
    expect((await ask("GET", "/about", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
  });

  it("serves the page with a strict policy: own scripts and styles, Twilio's socket, nothing else", async () => {
    const { headers, body } = await ask("GET", "/");
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
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
    });
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    for (const [, path] of body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await ask("GET", path as string)).status, path).toBe(200);
    }
  });

  it.each([
    ["no JSON", "hello", 400],
    ["a list", "[]", 400],
    ["nobody", "{}", 400],
    ["nobody by name", '{"identity":""}', 400],
    ["a number", '{"identity":1}', 400],
    ["far too much", JSON.stringify({ identity: "x".repeat(100_000) }), 413],
  ])("refuses %s", async (_what, body, status) => {
    const answer = await askToken({}, body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({ message: expect.any(String) });
  });

  it("says what is wrong with Twilio in its own words", async () => {
    expect(await ask("GET", "/about")).toMatchObject({ status: 502, body: '{"message":"there is no such service: run `pulumi up`."}' });
  });

  it("has no phones for a real account, and no other files", async () => {
    for (const path of ["/handsets", "/events", "/texts?handset=1", "/page.js", "/../server.js", "/%2e%2e/server.js", "/constructor"]) {
      expect((await ask("GET", path)).status, path).toBe(404);
    }
  });
});
