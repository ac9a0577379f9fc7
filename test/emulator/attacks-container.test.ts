/** What web pages and other machines try on an emulator in a container, which must serve more than the loopback interface. */
import { get } from "node:http";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { authorizationOf } from "./support/client";
import { send } from "./support/http";
import { sendConnect } from "./support/proxy";
import { RawSdk } from "./support/raw-sdk";

describe("an emulator in a container, which other machines reach under its names", () => {
  // As the port of a container: the requests arrive from another address than the loopback interface.
  const [address] = Object.values(networkInterfaces()).flatMap(
    (all) => all?.filter(({ internal, family }) => !internal && family === "IPv4") ?? [],
  );
  const page = { accept: "text/html" };
  let emulator: Emulator;
  let urls: string[];
  let route: Record<string, string>;
  beforeAll(async () => {
    emulator = await startEmulator({ host: "0.0.0.0", allowedHosts: ["twilio", "Host.Docker.Internal"], proxy: true });
    const { port } = new URL(emulator.url);
    urls = [emulator.url, ...(address ? [`http://${address.address}:${port}`] : [])];
    route = {
      rest: "/conversations.twilio.com/v1/Services",
      media: `/mcs.us1.twilio.com/v1/Services/IS${"0".repeat(32)}/Media/ME${"0".repeat(32)}`,
      health: "/_emulator/health",
      console: "/",
    };
  });
  afterAll(() => emulator.close());

  const statuses = async (url: string, headers: Record<string, string>) => {
    const entries = Object.entries(route).map(async ([name, path]) => {
      const login = { authorization: authorizationOf(emulator) };
      return [name, (await send(url, { path, headers: { ...login, ...page, ...headers } })).status] as const;
    });
    const socket = RawSdk.open({ ...emulator, url }, { headers }).then(
      () => "open",
      () => "refused",
    );
    return Object.fromEntries([...(await Promise.all(entries)), ["socket", await socket]]);
  };
  const served = { rest: 200, media: 404, health: 200, console: 200, socket: "open" };
  const refused = { rest: 403, media: 403, health: 403, console: 403, socket: "refused" };

  it("serves them all, the control plane too, by its names and addresses with any published port", async () => {
    for (const url of urls) {
      for (const host of [new URL(url).host, "localhost:32768", "twilio:4010", "TWILIO", "host.docker.internal:8080"])
        expect({ url, host, ...(await statuses(url, { host })) }).toEqual({ url, host, ...served });
    }
  });

  it("serves pages that it serves itself, and those of this machine", async () => {
    for (const url of urls) {
      for (const origin of ["http://twilio:4010", "http://localhost:5173"]) expect(await statuses(url, { origin })).toEqual(served);
    }
  });

  it.each(["evil.example", "twilio.evil.example", "evil-twilio", "twilio.", "0.0.0.0:4010", "[::]:4010", "twilio@evil.example"])(
    "refuses a page whose host name %j resolves to it (DNS rebinding)",
    async (host) => {
      for (const url of urls) expect({ url, ...(await statuses(url, { host })) }).toEqual({ url, ...refused });
    },
  );

  it.skipIf(!address)(
    "checks requests that come from another address than the emulator's own, as those of a published port do",
    async () => {
      // This machine's other address as the source, and the loopback interface as the target.
      const from = (url: string, host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const options = { localAddress: address?.address, path: "/_emulator/health", headers: { host } };
          get(url, options, (response) => resolve(response.resume().statusCode)).on("error", reject);
        });
      expect([await from(emulator.url, "localhost:32768"), await from(emulator.url, "evil.example")]).toEqual([200, 403]);
      const closed = await startEmulator({ host: "0.0.0.0" });
      onTestFinished(() => closed.close());
      expect(await from(closed.url, "localhost")).toBe(403);
    },
  );

  it("has no control plane under Twilio's names", async () => {
    for (const url of urls) {
      expect(await statuses(url, { host: "conversations.twilio.com" })).toMatchObject({ rest: 200, health: 403 });
    }
  });

  it.each([
    [{ origin: "https://evil.example" }],
    [{ origin: "null" }],
    [{ origin: "http://twilio@evil.example" }],
    [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
  ])("refuses a page of another site: %j", async (headers) => {
    for (const url of urls) expect({ url, ...(await statuses(url, headers)) }).toEqual({ url, ...refused });
  });

  it("names the option in its refusal", async () => {
    const { text } = await send(emulator.url, { path: "/_emulator/health", headers: { host: "gateway" } });
    expect(JSON.parse(text).message).toMatch(
      /for the hosts localhost, twilio, host\.docker\.internal and 127\.0\.0\.1 only, not for gateway.*--allow-host/,
    );
  });

  it.skipIf(!address)("is a proxy for other machines, for Twilio's hosts only", async () => {
    const tunnel = async (authority: string) => {
      const { socket, response } = await sendConnect({ url: urls[1] as string }, authority);
      socket.destroy();
      return response.split("\r\n")[0];
    };
    expect(await tunnel("conversations.twilio.com:443")).toMatch(/ 200 /);
    for (const other of ["twilio:443", "localhost:443", "evil.example:443", "169.254.169.254:80"])
      expect(await tunnel(other)).toMatch(/ 403 /);
  });

  it.skipIf(!address)("is none without that list: the control plane stays on this machine", async () => {
    const closed = await startEmulator({ host: "0.0.0.0" });
    onTestFinished(() => closed.close());
    const { port } = new URL(closed.url);
    expect(await send(`http://${address?.address}:${port}`, { path: "/_emulator/health" })).toMatchObject({ status: 403 });
  });

  it.each(["http://twilio", "twilio:4010", "*", "a b", "", "0.0.0.0", "::", "-a"])("must not have the name %j", async (name) => {
    await expect(startEmulator({ allowedHosts: [name] })).rejects.toThrow(`An allowed host must be a host name or an address`);
  });
});
