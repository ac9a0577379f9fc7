import { connect as openSocket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect, errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();
const login = (user = twilio.emulator.accountSid, password = twilio.emulator.authToken) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});
const get = (path: string, headers: Record<string, string> = login()) => send(twilio.emulator.url, { path, headers });

describe("authentication", () => {
  it("accepts account SID and auth token, or API key and secret", async () => {
    const { apiKey, apiSecret } = twilio.emulator;
    const byKey = connect(twilio.emulator, { user: apiKey, password: apiSecret });
    expect(await byKey.conversations.services.list()).toHaveLength(1);
    expect(await byKey.api.incomingPhoneNumbers.list()).toEqual([]);
  });

  it("responds with 401 to all other credentials", async () => {
    const { accountSid, authToken, apiKey, apiSecret } = twilio.emulator;
    const path = "/conversations.twilio.com/v1/Services";
    for (const headers of [
      {},
      { authorization: "Basic" },
      { authorization: "Basic %%%" },
      { authorization: `Bearer ${authToken}` },
      login(accountSid, "wrong"),
      login(accountSid, ""),
      login(accountSid, apiSecret),
      login(apiKey, authToken),
      login(apiKey, "wrong"),
      login(`AC${"0".repeat(32)}`, authToken),
      login("", ""),
      login("__proto__", ""),
    ] as Record<string, string>[]) {
      const response = await get(path, headers);
      expect(response.status, JSON.stringify(headers)).toBe(401);
      expect(response.json).toEqual({
        code: 20003,
        message: "Authenticate",
        more_info: "https://www.twilio.com/docs/errors/20003",
        status: 401,
      });
      expect(response.headers["www-authenticate"]).toContain("Basic");
    }
    expect((await get("/conversations.twilio.com/v1/Nothing", {})).status).toBe(401);
  });
});

describe("host routing", () => {
  it("takes the product from the path, X-Twilio-Host or Host, in this order", async () => {
    const service = await twilio.conversations.services.create({ friendlyName: "IS" });
    const keys = async (path: string, headers: Record<string, string>) =>
      Object.keys((await get(path, { ...login(), ...headers })).json as object);
    const path = "/v1/Services";
    expect(await get(`/conversations.twilio.com${path}/${service.sid}`)).toMatchObject({ status: 200 });
    expect(await get(`/messaging.twilio.com${path}/${service.sid}`)).toMatchObject({ status: 404 });
    expect((await get(path, { ...login(), "x-twilio-host": "conversations.twilio.com" })).json).toMatchObject({ services: [{}, {}] });
    expect((await get(path, { ...login(), "x-twilio-host": "messaging.twilio.com" })).json).toMatchObject({
      services: [{ sid: expect.stringMatching(/^MG/) }],
    });
    expect((await get(path, { ...login(), host: "messaging.twilio.com" })).json).toMatchObject({
      services: [{ sid: expect.stringMatching(/^MG/) }],
    });
    const conflicting = { "x-twilio-host": "messaging.twilio.com", host: "pricing.twilio.com" };
    expect((await get(path, { ...login(), ...conflicting })).json).toMatchObject({ services: [{ sid: expect.stringMatching(/^MG/) }] });
    expect((await get(`/conversations.twilio.com${path}`, { ...login(), ...conflicting })).json).toMatchObject({
      services: [{ sid: expect.stringMatching(/^IS/) }, {}],
    });
    expect(await keys("/v1/PhoneNumbers/Countries", { host: "pricing.twilio.com:443" })).toEqual(["countries", "meta"]);
  });

  it("accepts regional and edge hosts", async () => {
    for (const host of ["conversations.ie1.twilio.com", "conversations.dublin.ie1.twilio.com", "CONVERSATIONS.twilio.com"]) {
      expect((await get(`/${host}/v1/Services`)).status, host).toBe(200);
      expect((await get("/v1/Services", { ...login(), "x-twilio-host": host })).status, host).toBe(200);
    }
  });

  it("explains how to name a product if a request names none", async () => {
    for (const path of ["/v1/Services", "/", "/evil.com/v1/Services", "/twilio.com/v1"]) {
      const response = await get(path);
      expect(response).toMatchObject({ status: 404, json: { code: 20404, message: expect.stringContaining("X-Twilio-Host") } });
    }
    expect(await get("/video.twilio.com/v1/Rooms")).toMatchObject({
      status: 404,
      json: { message: "The requested resource /Rooms was not found" },
    });
  });
});

describe("responses", () => {
  it("carry Twilio's headers", async () => {
    const { headers } = await get("/conversations.twilio.com/v1/Services");
    expect(headers["twilio-request-id"]).toMatch(/^RQ[0-9a-f]{32}$/);
    expect(headers["twilio-concurrent-requests"]).toBe("1");
    expect(headers["twilio-request-duration"]).toMatch(/^\d+\.\d{3}$/);
    expect(headers["content-type"]).toBe("application/json; charset=utf-8");
    const other = await get("/conversations.twilio.com/v1/Services");
    expect(other.headers["twilio-request-id"]).not.toBe(headers["twilio-request-id"]);
  });

  it("have an empty body for 204", async () => {
    const { sid } = await twilio.conversations.conversations.create();
    const response = await send(twilio.emulator.url, {
      method: "DELETE",
      path: `/conversations.twilio.com/v1/Conversations/${sid}`,
      headers: login(),
    });
    expect(response).toMatchObject({ status: 204, text: "" });
  });

  it("repeat the requested path in a 404", async () => {
    const message = async (path: string) => ((await get(path)).json as { message: string }).message;
    expect(await message("/conversations.twilio.com/v1/Conversations/CH71")).toBe(
      "The requested resource /Conversations/CH71 was not found",
    );
    const { sid } = await twilio.conversations.services.create({ friendlyName: "x" });
    expect(await message(`/conversations.twilio.com/v1/Services/${sid}/Users/bob%20b?x=1`)).toBe(
      `The requested resource /Services/${sid}/Users/bob%20b was not found`,
    );
    const path = `/2010-04-01/Accounts/${twilio.emulator.accountSid}/IncomingPhoneNumbers/PN1.json`;
    expect(await message(`/api.twilio.com${path}`)).toBe(`The requested resource ${path} was not found`);
  });

  it("have status 405 for methods that a path does not support", async () => {
    for (const [method, path] of [
      ["DELETE", "/conversations.twilio.com/v1/Configuration"],
      ["PUT", "/conversations.twilio.com/v1/Conversations"],
      ["PATCH", "/conversations.twilio.com/v1/Conversations/CH1"],
      ["POST", "/pricing.twilio.com/v1/PhoneNumbers/Countries"],
    ] as const) {
      expect(await send(twilio.emulator.url, { method, path, headers: login() })).toMatchObject({
        status: 405,
        json: { code: 20004, status: 405 },
      });
    }
  });

  it("are not disturbed by malformed parameters", async () => {
    const headers = login();
    expect((await get("/conversations.twilio.com/v1/Conversations/%E0%A4%A")).status).toBe(404);
    expect((await get("/conversations.twilio.com/v1/Conversations/%00")).status).toBe(404);
    expect((await get("/conversations.twilio.com/v1/Conversations?PageSize=%zz&State=")).status).toBe(200);
    const path = "/conversations.twilio.com/v1/Conversations";
    const post = (body: string, type: string) =>
      send(twilio.emulator.url, { method: "POST", path, headers: { ...headers, "content-type": type }, body });
    const form = "application/x-www-form-urlencoded";
    expect((await post("FriendlyName=%E0%A4%A&&=&%=%", form)).status).toBe(201);
    expect((await post("FriendlyName=\u0000\ufffd", form)).status).toBe(201);
    expect((await post("FriendlyName=a&FriendlyName=b", form)).json).toMatchObject({ friendly_name: "b" });
  });

  it("accept forms of both encodings, and refuse other bodies instead of ignoring them", async () => {
    const path = "/conversations.twilio.com/v1/Conversations";
    const post = (body: string, type?: string) =>
      send(twilio.emulator.url, {
        method: "POST",
        path,
        headers: { ...login(), ...(type === undefined ? {} : { "content-type": type }) },
        body,
      });
    const part = (name: string, value: string) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const multipart = `${part("FriendlyName", "Zoë")}${part("UniqueName", "a&b")}--x--\r\n`;
    expect(await post(multipart, "multipart/form-data; boundary=x")).toMatchObject({
      status: 201,
      json: { friendly_name: "Zoë", unique_name: "a&b" },
    });
    expect((await post("FriendlyName=x")).json).toMatchObject({ friendly_name: "x" });
    expect((await post("", "application/json")).status).toBe(201);
    const refused = { status: 400, json: { code: 19056, status: 400 } };
    expect(await post('{"FriendlyName":"x"}', "application/json")).toMatchObject(refused);
    expect(await post("FriendlyName=x", "text/plain")).toMatchObject(refused);
    expect(await post("FriendlyName=x", "multipart/form-data; boundary=x")).toMatchObject(refused);
    expect(await twilio.conversations.conversations.list()).toHaveLength(3);
  });

  it("have status 413 for bodies over 1 MiB, chunked or not", async () => {
    const path = "/conversations.twilio.com/v1/Conversations";
    const body = `FriendlyName=${"x".repeat(1024 * 1024)}`;
    const tooLarge = { status: 413, json: { code: 20413, status: 413 } };
    const headers = { ...login(), "content-type": "application/x-www-form-urlencoded" };
    expect(await send(twilio.emulator.url, { method: "POST", path, headers, body })).toMatchObject(tooLarge);
    expect(await send(twilio.emulator.url, { method: "POST", path, headers, body, chunked: true })).toMatchObject(tooLarge);
    expect(await send(twilio.emulator.url, { method: "POST", path: "/_emulator/inbound", body })).toMatchObject({ status: 413 });
    expect((await get("/conversations.twilio.com/v1/Services")).status).toBe(200);
  });

  it("have status 400 for bytes that are not HTTP", async () => {
    const { hostname, port } = new URL(twilio.emulator.url);
    const response = await new Promise<string>((resolve) => {
      const socket = openSocket(Number(port), hostname, () => socket.write("\u0000\u0001 nonsense\r\n\r\n"));
      let text = "";
      socket.on("data", (data) => {
        text += String(data);
      });
      socket.on("close", () => resolve(text));
    });
    expect(response).toMatch(/^HTTP\/1\.1 400 /);
    expect(response).toContain('"code":20400');
  });
});

describe("an emulator", () => {
  it("listens on the loopback interface unless `host` is set", async () => {
    expect(new URL(twilio.emulator.url).hostname).toBe("127.0.0.1");
    const open = await startEmulator({ host: "0.0.0.0" });
    // All addresses are not an address that clients can name.
    expect(new URL(open.url).hostname).toBe("127.0.0.1");
    for (const address of ["127.0.0.1", "127.0.0.2"])
      expect((await fetch(`${open.url.replace("127.0.0.1", address)}/_emulator/health`)).status).toBe(200);
    await open.close();
  });

  it("has the same credentials, SIDs and numbers for the same seed", async () => {
    const run = async (seed?: string) => {
      const emulator = await startEmulator({ seed });
      const { conversations } = connect(emulator);
      const conversation = await conversations.conversations.create();
      await emulator.close();
      const { accountSid, authToken, apiKey, apiSecret } = emulator;
      return { accountSid, authToken, apiKey, apiSecret, sid: conversation.sid, service: conversation.chatServiceSid };
    };
    expect(await run("a")).toEqual(await run("a"));
    expect(await run()).toEqual(await run());
    const [a, b] = [await run("a"), await run("b")];
    for (const key of Object.keys(a) as (keyof typeof a)[]) expect(a[key]).not.toBe(b[key]);
  });

  it("never uses a SID twice, even after a reset", async () => {
    const before = await twilio.conversations.conversations.create();
    await twilio.emulator.reset();
    expect(await errorOf(twilio.conversations.conversations(before.sid).fetch())).toMatchObject({ status: 404 });
    expect((await twilio.conversations.conversations.create()).sid).not.toBe(before.sid);
    expect(await twilio.conversations.conversations.list()).toHaveLength(1);
  });

  it("delays each response by `latencyMs`", async () => {
    const slow = await startEmulator({ latencyMs: 60 });
    const started = performance.now();
    await connect(slow).conversations.services.list();
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
    await slow.close();
  });

  it("uses the `clock` option for all dates and timers", async () => {
    let now = Date.UTC(2030, 0, 1);
    const emulator = await startEmulator({ clock: { now: () => now } });
    const { conversations } = connect(emulator);
    const { sid, dateCreated } = await conversations.conversations.create({ state: "active", "timers.inactive": "PT1M" });
    expect(dateCreated).toEqual(new Date("2030-01-01T00:00:00Z"));
    now += 59_000;
    expect((await conversations.conversations(sid).fetch()).state).toBe("active");
    now += 1000;
    expect((await conversations.conversations(sid).fetch()).state).toBe("inactive");
    await emulator.close();
  });

  it("responds to an internal error with 500, logs it, and changes nothing", async () => {
    let isBroken = false;
    const now = () => {
      if (isBroken) throw new Error("the clock is broken");
      return Date.now();
    };
    const emulator = await startEmulator({ clock: { now } });
    const { conversations } = connect(emulator);
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    isBroken = true;
    expect(await errorOf(conversations.conversations.create())).toMatchObject({
      status: 500,
      code: 20500,
      message: "Internal Server Error",
    });
    isBroken = false;
    expect(log).toHaveBeenCalledWith(expect.stringContaining("internal error while handling /v1/Conversations"), expect.any(Error));
    log.mockRestore();
    expect(await conversations.conversations.list()).toEqual([]);
    await emulator.close();
  });

  it("creates 500 conversations in under 10 s", async () => {
    const started = performance.now();
    for (let index = 0; index < 500; index++) await twilio.conversations.conversations.create({ uniqueName: `c${index}` });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
