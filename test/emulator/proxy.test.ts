/** The emulator as a proxy: what it serves, and what it refuses. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { dirname } from "node:path";
import { connect as openTls } from "node:tls";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { authorizationOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { authorityOf, openRaw, openTunnel, receive, sendConnect, sendThrough } from "./support/proxy";
import { tokenFor } from "./support/sdk";

const twilio = useEmulator({ proxy: true });
const login = () => ({ authorization: authorizationOf(twilio.emulator) });
const HOST = "conversations.twilio.com";

describe("a tunnel", () => {
  it.each([
    HOST,
    "CONVERSATIONS.twilio.com",
    "conversations.ie1.twilio.com",
    "conversations.dublin.ie1.twilio.com",
    "api.twilio.com",
    "aim.us1.twilio.com",
    "tsock.us1.twilio.com",
    "mcs.us1.twilio.com",
  ])("leads to %s, whose certificate the authority vouches for", async (host) => {
    const secure = await openTunnel(twilio.emulator, host);
    expect(secure.authorized).toBe(true);
    expect(secure.alpnProtocol).toBe("http/1.1");
    expect(secure.getPeerCertificate().subjectaltname).toBe(`DNS:${host.toLowerCase()}`);
    secure.write(`GET /v1/Services HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${login().authorization}\r\nConnection: close\r\n\r\n`);
    const product = host.split(".")[0]?.toLowerCase();
    expect(await receive(secure)).toMatch(product === "conversations" ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 404 /);
  });

  it("carries several requests, with their bodies", async () => {
    const secure = await openTunnel(twilio.emulator, HOST);
    for (const name of ["One", "Two"]) {
      const body = `FriendlyName=${name}`;
      const headers = ["Content-Type: application/x-www-form-urlencoded", `Content-Length: ${body.length}`];
      secure.write(`POST /v1/Services HTTP/1.1\r\nHost: ${HOST}:443\r\nAuthorization: ${login().authorization}\r\n`);
      secure.write(`${headers.join("\r\n")}\r\n\r\n${body}`);
      expect(await receive(secure, /\r\n\r\n.*\}$/s)).toMatch(new RegExp(`^HTTP/1.1 201 .*"friendly_name":"${name}"`, "s"));
      secure.removeAllListeners("data");
    }
    expect((await twilio.conversations.services.list()).map(({ friendlyName }) => friendlyName)).toContain("Two");
  });

  it("applies faults, also those that reset the connection", async () => {
    await twilio.control.ok("POST", "faults", { path: "*/Services", drop: "before", reset: true, times: 1 });
    await expect(sendThrough(twilio.emulator, HOST, { path: "/v1/Services", headers: login() })).rejects.toThrow(
      /socket hang up|ECONNRESET/,
    );
    await twilio.control.ok("POST", "faults", { path: "*/Services", status: 503, times: 1 });
    expect(await sendThrough(twilio.emulator, HOST, { path: "/v1/Services", headers: login() })).toMatchObject({ status: 503 });
    expect(await sendThrough(twilio.emulator, HOST, { path: "/v1/Services", headers: login() })).toMatchObject({ status: 200 });
  });

  it("gives media URLs of Twilio's own host, which lead through the proxy", async () => {
    const { sid } = await twilio.conversations.services.create({ friendlyName: "Support" });
    const [path, media] = [`/v1/Services/${sid}/Media`, "mcs.us1.twilio.com"];
    const headers = { ...login(), "content-type": "text/plain" };
    const { status, text } = await sendThrough(twilio.emulator, media, { method: "POST", path, headers, body: "hello" });
    expect(status).toBe(201);
    const url = new URL(JSON.parse(text).links.content_direct_temporary);
    expect(url.origin).toBe(`https://${media}`);
    expect(await sendThrough(twilio.emulator, media, { path: `${url.pathname}${url.search}` })).toMatchObject({
      status: 200,
      text: "hello",
    });
  });

  it("shows neither the control plane nor the console", async () => {
    const get = (path: string) => sendThrough(twilio.emulator, HOST, { path, headers: { accept: "text/html" } });
    for (const path of ["/_emulator/health", "/_emulator/state", "/_emulator/console/main.js"]) {
      const { status, text } = await get(path);
      expect({ path, status }).toEqual({ path, status: 403 });
      expect(text).toContain("not for conversations.twilio.com");
    }
    // To Twilio's host, this is a path of the API.
    expect(await get("/")).toMatchObject({ status: 401, text: expect.stringContaining('"code":20003') });
  });

  it("serves only the host that the client asked for", async () => {
    for (const host of ["api.twilio.com", "localhost", "evil.example", "127.0.0.1", ""]) {
      const { status, text } = await sendThrough(twilio.emulator, HOST, { path: "/v1/Services", headers: { ...login(), host } });
      expect({ host, status }).toEqual({ host, status: 403 });
      expect(text).toContain(`for ${HOST} only on this connection`);
    }
    const token = tokenFor(twilio.emulator, { identity: "testPineapple", serviceSid: `IS${"0".repeat(32)}` });
    const upgrade = { host: "localhost", connection: "Upgrade", upgrade: "websocket", "x-twilio-token": token };
    const socket = { "sec-websocket-version": "13", "sec-websocket-key": Buffer.alloc(16).toString("base64") };
    const refused = await sendThrough(twilio.emulator, "tsock.us1.twilio.com", {
      path: "/v3/wsconnect",
      headers: { ...upgrade, ...socket },
    });
    expect(refused.status).toBe(403);
  });

  it("serves pages of this machine only", async () => {
    const from = (origin: string) => sendThrough(twilio.emulator, HOST, { path: "/v1/Services", headers: { ...login(), origin } });
    expect(await from("https://evil.example")).toMatchObject({ status: 403 });
    expect(await from("https://conversations.twilio.com")).toMatchObject({ status: 403 });
    expect(await from("http://localhost:5173")).toMatchObject({ status: 200 });
  });
});

describe("the proxy refuses", () => {
  it.each([
    "evil.com:443",
    "twilio.com.evil.com:443",
    "nottwilio.com:443",
    "not-twilio.com:443",
    "twilio.com:443",
    ".twilio.com:443",
    "a..twilio.com:443",
    "-.twilio.com:443",
    "*.twilio.com:443",
    "conversations.twilio.com.:443",
    "conversations.twilio.com",
    "conversations.twilio.com:80",
    "conversations.twilio.com:4430",
    "conversations.twilio.com:443:443",
    "user@conversations.twilio.com:443",
    "conversations.twilio.com:443/v1",
    "https://conversations.twilio.com:443",
    "localhost:443",
    "127.0.0.1:443",
    "[::1]:443",
    "10.0.0.1:443",
    "169.254.169.254:443",
    `${"a.".repeat(130)}twilio.com:443`,
  ])("a tunnel to %s", async (target) => {
    const { response } = await sendConnect(twilio.emulator, target);
    expect(response).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(response).toContain("The proxy of the Twilio emulator serves *.twilio.com:443 only, not ");
    expect(response).toContain("NO_PROXY");
    expect(response.length).toBeLessThan(600);
  });

  it("a tunnel to its own port, which would lead around the checks of the host", async () => {
    expect((await sendConnect(twilio.emulator, new URL(twilio.emulator.url).host)).response).toMatch(/^HTTP\/1\.1 403 /);
  });

  it("a client that asks for another host in the tunnel", async () => {
    for (const servername of ["evil.com", "api.twilio.com"])
      await expect(openTunnel(twilio.emulator, HOST, { servername })).rejects.toThrow(/closed|disconnected|ECONNRESET|alert/);
  });

  it("a header that is too long", async () => {
    const socket = openRaw(twilio.emulator);
    socket.write(`CONNECT ${HOST}:443 HTTP/1.1\r\nHost: ${HOST}:443\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`);
    expect(await receive(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("plain requests for other servers", async () => {
    for (const path of [
      "http://evil.com/",
      "http://localhost:1/x",
      "http://127.0.0.1:80/",
      "http://twilio.com.evil.com/v1/Services",
      "https://u@api.twilio.com/",
    ]) {
      for (const host of [new URL(path).host, HOST]) {
        const { status, text } = await send(twilio.emulator.url, { path, headers: { ...login(), host } });
        expect({ path, host, status }).toEqual({ path, host, status: 403 });
        expect(text).toMatch(/NO_PROXY|127\.0\.0\.1 only/);
      }
    }
  });

  it("no plain requests for Twilio, nor for the emulator", async () => {
    for (const origin of [`http://${HOST}`, `https://${HOST}`, `${twilio.emulator.url}/${HOST}`]) {
      const { host } = new URL(origin);
      expect(await send(twilio.emulator.url, { path: `${origin}/v1/Services`, headers: { ...login(), host } })).toMatchObject({
        status: 200,
      });
    }
  });

  const [address] = Object.values(networkInterfaces()).flatMap(
    (all) => all?.filter(({ internal, family }) => !internal && family === "IPv4") ?? [],
  );
  it.skipIf(address === undefined)("connections that do not arrive over the loopback interface", async () => {
    const emulator = await startEmulator({ host: "0.0.0.0", proxy: true });
    onTestFinished(() => emulator.close());
    const url = emulator.url.replace("127.0.0.1", address?.address ?? "");
    expect((await sendConnect({ url }, `${HOST}:443`)).response).toMatch(/^HTTP\/1\.1 403 .*accepts requests from this machine only/s);
    expect((await sendConnect(emulator, `${HOST}:443`)).response).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("tunnels where the emulator was not started as a proxy", async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    expect(emulator.proxy).toBeUndefined();
    expect((await sendConnect(emulator, `${HOST}:443`)).response).toBe("");
  });
});

describe("a client that opens a tunnel and", () => {
  it("sends no TLS is disconnected", async () => {
    const { socket } = await sendConnect(twilio.emulator, `${HOST}:443`);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    expect(await receive(socket)).not.toContain("HTTP");
  });

  it("ends its side is disconnected", async () => {
    const { socket } = await sendConnect(twilio.emulator, `${HOST}:443`);
    socket.end();
    await receive(socket);
    expect(socket.destroyed || socket.readableEnded).toBe(true);
  });

  it("sends nothing is disconnected after 10 s", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { socket } = await sendConnect(twilio.emulator, `${HOST}:443`);
    const ended = receive(socket);
    vi.advanceTimersByTime(10_000);
    expect(await ended).toBe("");
  });

  it("does not trust the authority gets no response", async () => {
    await expect(openTunnel(twilio.emulator, HOST, { ca: "" })).rejects.toThrow(/unable to|self-signed/);
    expect((await openTunnel(twilio.emulator, HOST)).authorized).toBe(true);
  });
});

describe("an emulator that closes", () => {
  it("ends all tunnels, also half-open ones, and deletes its temporary files", async () => {
    const emulator = await startEmulator({ proxy: true });
    const ca = authorityOf(emulator);
    const { socket: silent } = await sendConnect(emulator, `${HOST}:443`);
    const { socket: started } = await sendConnect(emulator, `${HOST}:443`);
    // A TLS record that never becomes complete.
    started.write(Buffer.from([0x16, 3, 1, 2, 0]));
    const secure = await openTunnel(emulator, HOST, { ca });
    secure.write("GET / HTTP/1.1\r\n");
    const closed = [silent, started, secure].map((socket) => receive(socket));
    const folder = dirname(emulator.proxy?.certificate ?? "");
    expect(existsSync(folder)).toBe(true);
    await emulator.close();
    await Promise.all(closed);
    expect(existsSync(folder)).toBe(false);
  });
});

it("plain HTTP and websockets work on the same port as before", async () => {
  expect(await twilio.conversations.services.list()).toHaveLength(1);
  const { hostname, port } = new URL(twilio.emulator.url);
  // TLS without CONNECT is not HTTP.
  const secure = openTls({ host: hostname, port: Number(port) });
  await expect(once(secure, "secureConnect")).rejects.toThrow();
});
