/** What a web page, a hostile client and a hostile token try on the emulator. */
import { createHmac } from "node:crypto";
import { performance } from "node:perf_hooks";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { authorizationOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { RawSdk } from "./support/raw-sdk";
import { useSdkService } from "./support/sdk-service";

const twilio = useEmulator();
const sdk = useSdkService(twilio);

const get = (path: string, headers: Record<string, string>) =>
  send(twilio.emulator.url, { path, headers: { authorization: authorizationOf(twilio.emulator), ...headers } });
const opens = (headers: Record<string, string>) =>
  RawSdk.open(twilio.emulator, { headers }).then(
    () => true,
    () => false,
  );

/** One path of each interface. */
const paths = () => ({
  rest: `/conversations.twilio.com/v1/Services/${sdk.serviceSid}`,
  media: `/mcs.us1.twilio.com/v1/Services/${sdk.serviceSid}/Media/ME${"0".repeat(32)}`,
  control: "/_emulator/health",
  events: "/_emulator/calls",
  console: "/",
});

describe("a page whose host name resolves to this machine (DNS rebinding)", () => {
  // A browser sends neither Origin nor Sec-Fetch-* with such a GET: to the browser, it is a request to the page's own server.
  it.each([
    "evil.example",
    "evil.example:4010",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "twilio.com.evil.example",
    "0.0.0.0:1",
  ])("cannot read anything as %s", async (host) => {
    for (const [name, path] of Object.entries(paths())) {
      const { status, text } = await get(path, { host, accept: "text/html" });
      expect({ name, status }).toEqual({ name, status: 403 });
      expect(text).not.toContain(sdk.serviceSid);
    }
    expect(await opens({ host })).toBe(false);
  });

  it.each([
    "localhost",
    "LOCALHOST:4010",
    "127.0.0.1:4010",
    "127.0.0.2",
    "[::1]:4010",
    "conversations.twilio.com",
    "mcs.us1.twilio.com:443",
  ])("is not what %s indicates", async (host) => {
    expect(await get(paths().rest, { host })).toMatchObject({ status: 200 });
    expect(await get(paths().media, { host })).toMatchObject({ status: 404 });
    // Nobody needs the control plane under Twilio's name, and on a hostile network the name may lead here.
    expect(await get(paths().control, { host })).toMatchObject({ status: host.includes("twilio") ? 403 : 200 });
    expect(await opens({ host })).toBe(true);
  });
});

describe("a page of another site", () => {
  const hidden = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", accept: "text/html" };

  it("cannot send requests whose response it does not see", async () => {
    for (const [name, path] of Object.entries(paths())) expect({ name, ...(await get(path, hidden)) }).toMatchObject({ name, status: 403 });
    expect(await opens({ "sec-fetch-site": "cross-site" })).toBe(false);
    const { calls } = await twilio.control.ok("GET", "calls");
    expect(calls).not.toContainEqual(expect.objectContaining({ method: "GET", path: "/v1/Services/{Sid}" }));
  });

  it("can link to the console, but not frame it", async () => {
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };
    expect(await get("/", link)).toMatchObject({ status: 200 });
    expect(await get("/", { ...link, "sec-fetch-dest": "iframe" })).toMatchObject({ status: 403 });
  });

  it("is not a page of this machine: localhost and 127.0.0.1 are different sites", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", origin: "http://localhost:5173" };
    expect(await get(paths().rest, headers)).toMatchObject({ status: 200 });
    expect(await get(paths().rest, { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" })).toMatchObject({ status: 200 });
    // An <img> with a temporary URL sends no origin. Its key is the permission.
    const upload = await fetch(sdk.mediaUrl(), {
      method: "POST",
      headers: { authorization: authorizationOf(twilio.emulator), "content-type": "image/png" },
      body: "png",
    });
    const { links } = (await upload.json()) as { links: { content_direct_temporary: string } };
    const { pathname, search } = new URL(links.content_direct_temporary);
    expect(await get(pathname + search, hidden)).toMatchObject({ status: 200, text: "png" });
  });
});

describe("the counter of calls", () => {
  it("has one entry for all products, methods and paths that do not exist", async () => {
    for (let index = 0; index < 20; index++) await get(`/product${index}.twilio.com/v1/Things${index}`, {});
    const client = await sdk.signIn("testPineapple");
    for (let index = 0; index < 20; index++) await client.call(`METHOD${index}`, `/Client/v2/Things${index}`);
    for (let index = 0; index < 20; index++) await client.call(`METHOD${index}`, "/Client/v2/Configuration");
    const { calls } = (await twilio.control.ok("GET", "calls")) as {
      calls: { host: string; method: string; path: string; count: number }[];
    };
    expect(calls).toContainEqual({ host: "{unknown}", method: "GET", path: "{unknown}", count: 20 });
    expect(calls).toContainEqual({ host: "aim.us1.twilio.com", method: "{unknown}", path: "{unknown}", count: 20 });
    expect(calls).toContainEqual({ host: "aim.us1.twilio.com", method: "{unknown}", path: "/Client/v2/Configuration", count: 20 });
    expect(JSON.stringify(calls)).not.toMatch(/product\d|METHOD|Things/);
  });

  it("and the history keep no long text of a client", async () => {
    const client = await sdk.signIn("testPineapple");
    const long = "x".repeat(500_000);
    await client.call(`POST${long}`, "/Client/v2/Configuration");
    await client.call("POST", `/Client/v2/${long}`);
    const kept = JSON.stringify([await twilio.control.ok("GET", "calls"), await twilio.control.ok("GET", "requests")]);
    expect(kept.length).toBeLessThan(50_000);
    expect(kept).toContain("/Client/v2/xxx");
  });
});

describe("an SDK client", () => {
  it("that does not read is disconnected before its replies fill the memory", async () => {
    const client = await sdk.signIn("testPineapple");
    const body = "m".repeat(1600);
    for (let index = 0; index < 100; index++) await sdk.conversation().messages.create({ body });
    await sdk.conversation().participants.create({ identity: "testPineapple" });
    await sdk.service().configuration().update({ reachabilityEnabled: true });
    const isOnline = async () => (await sdk.service().users("testPineapple").fetch()).isOnline;
    expect(await isOnline()).toBe(true);
    client.pause();
    const request = { path: `/v3/Lists/${sdk.conversationSid}.messages/Items`, method: "GET", params: { PageSize: 100 } };
    for (let index = 0; index < 300; index++) client.send({ method: "message", http_request: request });
    await expect.poll(isOnline, { timeout: 10_000 }).toBe(false);
  });

  it("that does not sign in within 10 s is disconnected, others are not", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const [idle, other] = [await RawSdk.open(twilio.emulator), await sdk.signIn("testPineapple")];
    vi.advanceTimersByTime(9_000);
    expect(await idle.init("")).toMatchObject({ header: { status: { errorCode: 20101 } } });
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    await idle.waitFor((_received, isClosed) => isClosed || undefined);
    expect(await other.call("GET", "/Client/v2/Configuration")).toMatchObject({ status: 200 });
  });

  it.each([
    ["a subscription to null", { requests: [null, 1, "x", [], { object_sid: { toString: 1 } }] }],
    ["a subscription with null as its action", { action: null, correlation_id: { valueOf: 1 }, requests: [{ object_sid: null }] }],
  ])("gets no internal error for %s", async (_what, body) => {
    const client = await sdk.signIn("testPineapple");
    expect(await client.call("POST", "/v4/Subscriptions", body)).toMatchObject({ status: 202 });
    await client.call("GET", "/Client/v2/Configuration");
    const failures = await client.waitFor((received) => received);
    expect(JSON.stringify(failures)).not.toMatch(/"code":(500|20500)|"status":500/);
  });

  it("gets no internal error for values that are not strings", async () => {
    const client = await sdk.signIn("testPineapple");
    const odd = { toString: 1, valueOf: 1 };
    const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    for (const http_request of [
      null,
      odd,
      [],
      { path: odd },
      { method: odd, path: odd },
      { path: "/", params: { a: odd }, headers: { "content-type": odd } },
    ]) {
      const { header } = await client.request({ method: "message", http_request });
      expect(header.http_status ?? header.status).toMatchObject({ code: 404 });
    }
    for (const body of [{ friendly_name: odd }, { unique_name: [odd] }, { attributes: odd }, deep, '{"__proto__":1}']) {
      const http_request = { method: "POST", path: "/Client/v2/Conversations" };
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const { header } = await client.request({ method: "message", http_request }, text);
      expect([201, 400]).toContain((header.http_status as { code: number }).code);
    }
    for (const header of [
      { method: "init", token: odd },
      { method: "init", registrations: [null, 1] },
      { method: "update", token: odd },
    ]) {
      const reply = await client.request({ token: sdk.token("testPineapple"), ...header });
      expect(reply.header.status?.code).not.toBe(500);
    }
  });
});

describe("an access token", () => {
  const sign = (header: string, claims: object) => {
    const now = Math.floor(Date.now() / 1000);
    const { apiKey, apiSecret, accountSid } = twilio.emulator;
    const grants = { identity: "testPineapple", chat: { service_sid: sdk.serviceSid } };
    const part = (text: string) => Buffer.from(text).toString("base64url");
    const text = `${part(header)}.${part(JSON.stringify({ iss: apiKey, sub: accountSid, iat: now, exp: now + 600, grants, ...claims }))}`;
    return `${text}.${createHmac("sha256", apiSecret).update(text).digest("base64url")}`;
  };
  const codeOf = async (token: string) => {
    const { header } = await (await RawSdk.open(twilio.emulator)).init(token);
    return header.status?.errorCode ?? header.status?.code;
  };
  const valid = '{"typ":"JWT","alg":"HS256","cty":"twilio-fpa;v=1"}';

  it.each(["__proto__", "constructor", "toString"])("cannot name %s as its algorithm", async (alg) => {
    expect(await codeOf(sign(JSON.stringify({ typ: "JWT", alg, cty: "twilio-fpa;v=1" }), {}))).toBe(20102);
  });

  it("is valid for at most 24 hours from now, whatever it says about its creation", async () => {
    const now = Math.floor(Date.now() / 1000);
    const tenYears = now + 10 * 365 * 86_400;
    expect(await codeOf(sign(valid, { iat: tenYears - 600, exp: tenYears }))).toBe(20157);
    expect(await codeOf(sign(valid, { iat: 1e300, exp: 1e300 }))).toBe(20157);
    expect(await codeOf(sign(valid, { iat: undefined, exp: now + 2 * 86_400 }))).toBe(20157);
    expect(await codeOf(sign(valid, { exp: now + 86_400 }))).toBe(200);
    // The clock of the machine that created it may be a little ahead.
    expect(await codeOf(sign(valid, { iat: now + 30, exp: now + 30 + 86_400 }))).toBe(200);
  });

  it("cannot name the identity that REST's messages have by default", async () => {
    const grants = (identity: string) => ({ grants: { identity, chat: { service_sid: sdk.serviceSid } } });
    expect(await codeOf(sign(valid, grants("system")))).toBe(20106);
    expect(await codeOf(sign(valid, grants("system2")))).toBe(200);
  });
});

describe("a pattern of a fault rule", () => {
  it.each(["^/(a+)+$", "*a*a*a*a*a*a*a*a*b", "/{a}{b}{c}{d}{e}{f}{g}/b"])("cannot stop the emulator: %s", async (path) => {
    await twilio.control.ok("POST", "faults", { path, status: 503 });
    const began = performance.now();
    expect((await get(`/${"a".repeat(2000)}!`, { "x-twilio-host": "conversations.twilio.com" })).status).toBe(404);
    expect((await get(`/${"a".repeat(2000)}!`, { "x-twilio-host": "conversations.twilio.com" })).status).toBe(404);
    expect(performance.now() - began).toBeLessThan(2000);
    const { faults } = await twilio.control.ok("GET", "faults");
    expect(faults).toEqual([expect.objectContaining({ path, acted: 0 })]);
  });
});
