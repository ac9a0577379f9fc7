import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { authorizationOf, connect, errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { runScript } from "./support/process";

const twilio = useEmulator();
const fault = (rule: unknown) => twilio.control.ok("POST", "faults", rule);
const create = () => twilio.conversations.conversations.create();
const count = async () => (await twilio.conversations.conversations.list()).length;
const headers = () => ({
  authorization: authorizationOf(twilio.emulator),
});
const plain = (method: string, path: string) =>
  send(twilio.emulator.url, { method, path: `/conversations.twilio.com/v1/${path}`, headers: headers() });

const realNow = performance.now.bind(performance);
let elapsedMs = 0;
/** Advances `performance.now()` in this process. */
function passSeconds(seconds: number): void {
  elapsedMs += seconds * 1000;
  vi.spyOn(performance, "now").mockImplementation(() => realNow() + elapsedMs);
}
afterEach(() => void vi.restoreAllMocks());

describe("a fault rule", () => {
  it("returns its status without executing the request, at most `times` times", async () => {
    await fault({ match: { method: "POST", path: "/v1/Conversations" }, action: { status: 429, retryAfter: 2 }, times: 2 });
    expect(await errorOf(create())).toEqual({ status: 429, code: 20429, message: "Too Many Requests" });
    expect(twilio.http.last().headers["retry-after"]).toBe("2");
    expect(await count()).toBe(0);
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    await create();
    expect(await count()).toBe(1);
  });

  it("applies only to the nth request", async () => {
    await fault({ method: "post", path: "/v1/Conversations", nth: 2, status: 503, code: 31009 });
    await create();
    expect(await errorOf(create())).toMatchObject({ status: 503, code: 31009 });
    await create();
    expect(await twilio.control.ok("GET", "faults")).toEqual({
      faults: [
        { id: expect.any(Number), method: "post", path: "/v1/Conversations", nth: 2, status: 503, code: 31009, matched: 3, acted: 1 },
      ],
    });
  });

  it("applies until it is cleared if `times` is not set", async () => {
    await fault([
      { path: "/v1/Conversations*", status: 500 },
      { path: "/v1/Roles", status: 502 },
    ]);
    for (const _ of [1, 2]) expect(await errorOf(create())).toMatchObject({ status: 500 });
    expect(await errorOf(twilio.conversations.roles.list())).toMatchObject({ status: 502 });
    expect(await twilio.control.ok("DELETE", "faults")).toEqual({ faults: [] });
    await create();
  });

  it("matches requests by template, glob, host or regular expression", async () => {
    const { sid } = await create();
    const { defaultChatServiceSid } = await twilio.conversations.configuration().fetch();
    const fetchConversation = () => twilio.conversations.services(defaultChatServiceSid).conversations(sid).fetch();
    for (const path of [
      "/v1/Services/{ServiceSid}/Conversations/{ConversationSid}",
      "/v1/Services/{anything}/Conversations/{Sid}",
      "/v1/Services/*",
      "*/Conversations/*",
      `/v1/Services/${defaultChatServiceSid}/Conversations/${sid}`,
      "/conversations.twilio.com/v1/Services/*",
      "Conversations/CH",
      "^/v1/Services/IS\\w+/Conversations/CH\\w+$",
    ]) {
      await fault({ path, status: 500, times: 1 });
      expect(await errorOf(fetchConversation()), path).toMatchObject({ status: 500 });
      await twilio.control.ok("DELETE", "faults");
    }
    for (const path of ["/v1/Services/{ServiceSid}", "/v1/Conversations/*", "/messaging.twilio.com/*", "^/Conversations"]) {
      await fault({ path, status: 500 });
      await fetchConversation();
    }
  });

  it("drops the connection before or after executing", async () => {
    await fault({ method: "POST", path: "/v1/Conversations", drop: "before", times: 1 });
    await expect(create()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|ECONNABORTED/) });
    expect(await count()).toBe(0);
    await fault({ method: "POST", path: "/v1/Conversations", drop: "after", times: 1 });
    await expect(create()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|ECONNABORTED/) });
    expect(await count()).toBe(1);
    // An error response can be dropped too.
    await fault({ method: "GET", path: "/v1/Conversations/{Sid}", drop: "after", times: 1 });
    await expect(twilio.conversations.conversations("CH1").fetch()).rejects.toMatchObject({ code: expect.stringMatching(/ECONN/) });
  });

  it("delays responses", async () => {
    await fault({ path: "/v1/Roles", delayMs: 60 });
    const started = performance.now();
    await twilio.conversations.roles.list();
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  it("applies for `forSeconds`, counted from the first request it applies to", async () => {
    await fault({ method: "POST", forSeconds: 30, status: 429, retryAfter: 30 });
    passSeconds(1000);
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    // The emulator's clock does not affect the period.
    await twilio.control.advance(3600);
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    passSeconds(25);
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    expect(await count()).toBe(0);
    passSeconds(5);
    await create();
    passSeconds(1e6);
    await create();
    expect(await twilio.control.ok("GET", "faults")).toMatchObject({ faults: [{ forSeconds: 30, matched: 5, acted: 3 }] });
  });

  it("ends after `forSeconds`, also if it applied to one request only", async () => {
    await fault({ method: "POST", forSeconds: 30, status: 429 });
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    passSeconds(30);
    await create();
    expect(await twilio.control.ok("GET", "faults")).toMatchObject({ faults: [{ matched: 2, acted: 1 }] });
  });

  it("combines `forSeconds` with `nth` and `times`", async () => {
    await fault({ method: "POST", nth: 2, forSeconds: 30, status: 500 });
    await create();
    for (const _ of [1, 2]) expect(await errorOf(create())).toMatchObject({ status: 500 });
    passSeconds(30);
    await create();
    await twilio.control.ok("DELETE", "faults");
    await fault({ method: "POST", times: 1, forSeconds: 30, status: 500 });
    expect(await errorOf(create())).toMatchObject({ status: 500 });
    await create();
  });

  it("closes or resets the connection", async () => {
    for (const [reset, message] of [
      [undefined, "socket hang up"],
      [false, "socket hang up"],
      [true, "read ECONNRESET"],
    ] as const) {
      for (const drop of ["before", "after"]) {
        const before = await count();
        await fault({ method: "POST", drop, reset, times: 1 });
        await expect(plain("POST", "Conversations"), `${drop} ${reset}`).rejects.toThrow(message);
        expect(await count(), drop).toBe(before + (drop === "after" ? 1 : 0));
      }
    }
  });

  it("replaces the response with an HTML page", async () => {
    const page = { status: 200, text: expect.stringMatching(/^<html>/), headers: { "content-type": "text/html" } };
    await fault({ nth: 1, body: "html" });
    expect(await plain("POST", "Conversations")).toMatchObject(page);
    const [created] = await twilio.conversations.conversations.list();
    await fault({ method: "DELETE", body: "html", times: 1 });
    expect(await plain("DELETE", `Conversations/${created?.sid}`)).toMatchObject(page);
    expect(await count()).toBe(0);
    // The page replaces error responses too.
    await fault({ method: "GET", body: "html", times: 1 });
    expect(await plain("GET", "Conversations/CH1")).toMatchObject(page);
    expect(await plain("GET", "Conversations/CH1")).toMatchObject({ status: 404 });
  });

  it("labels the JSON response as HTML", async () => {
    await fault({ body: "mislabeled", nth: 1 });
    const response = await plain("POST", "Conversations");
    expect(response).toMatchObject({ status: 201, headers: { "content-type": "text/html" } });
    const [created] = await twilio.conversations.conversations.list();
    expect(response.json).toMatchObject({ sid: created?.sid });
    expect((await plain("GET", "Conversations")).headers["content-type"]).toMatch(/^application\/json/);
    await fault({ method: "GET", body: "mislabeled", status: 503, times: 1 });
    expect(await plain("GET", "Conversations")).toMatchObject({
      status: 503,
      json: { status: 503 },
      headers: { "content-type": "text/html" },
    });
  });

  it("truncates the response, or closes the connection if the response has no body", async () => {
    await fault({ body: "truncated", method: "POST", times: 1 });
    await expect(plain("POST", "Conversations")).rejects.toThrow("aborted");
    const [created] = await twilio.conversations.conversations.list();
    expect(created?.sid).toMatch(/^CH/);
    await fault({ body: "truncated", method: "DELETE", times: 1 });
    await expect(plain("DELETE", `Conversations/${created?.sid}`)).rejects.toThrow("socket hang up");
    expect(await count()).toBe(0);
    await fault({ body: "truncated", status: 500, times: 1 });
    await expect(plain("GET", "Conversations")).rejects.toThrow("aborted");
    await plain("GET", "Conversations");
  });

  it("applies `match`, `nth` and `times` to every action", async () => {
    for (const action of [
      { status: 500 },
      { drop: "before", reset: true },
      { body: "html" },
      { body: "mislabeled" },
      { body: "truncated" },
      { delayMs: 1 },
    ]) {
      await twilio.control.ok("DELETE", "faults");
      await fault({ match: { method: "GET", path: "/v1/Roles" }, action, nth: 2, times: 2 });
      const isFaulty: boolean[] = [];
      for (const _ of [1, 2, 3, 4]) {
        await plain("GET", "Users");
        const response = await plain("GET", "Roles").catch(() => undefined);
        isFaulty.push(response?.status !== 200 || response.headers["content-type"] === "text/html");
      }
      expect(isFaulty, JSON.stringify(action)).toEqual("delayMs" in action ? [false, false, false, false] : [false, true, true, false]);
      expect(await twilio.control.ok("GET", "faults")).toMatchObject({ faults: [{ matched: 4, acted: 2 }] });
    }
  });

  it("with a delay does not keep the process alive and executes nothing after the emulator has closed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "emulator-"));
    const child = runScript(`
      const e = await startEmulator({ stateDir: ${JSON.stringify(folder)} });
      await fetch(e.url + "/_emulator/faults", { method: "POST", body: JSON.stringify({ delayMs: 600000 }) });
      const authorization = "Basic " + Buffer.from(e.accountSid + ":" + e.authToken).toString("base64");
      const call = fetch(e.url + "/conversations.twilio.com/v1/Conversations", { method: "POST", headers: { authorization } });
      const acted = async () => (await (await fetch(e.url + "/_emulator/faults")).json()).faults[0].acted;
      for (const end = Date.now() + 30_000; await acted() === 0; ) if (Date.now() > end) throw new Error("the rule did not act");
      await e.close();
      print({ call: await call.then(() => "responded", () => "disconnected") });`);
    expect(await child.firstLine).toEqual({ call: "disconnected" });
    expect(await child.exitCode).toBe(0);
    const after = await startEmulator({ stateDir: folder });
    expect(await connect(after).conversations.conversations.list()).toEqual([]);
    await after.close();
    await rm(folder, { recursive: true });
  });

  it("returns an HTML page or a truncated body", async () => {
    await fault({ path: "/v1/Roles", status: 502, body: "html", times: 1 });
    const page = await send(twilio.emulator.url, { path: "/conversations.twilio.com/v1/Roles", headers: headers() });
    expect(page).toMatchObject({ status: 502, text: expect.stringMatching(/^<html>/), headers: { "content-type": "text/html" } });
    await fault({ path: "/v1/Roles", body: "truncated", times: 1 });
    await expect(send(twilio.emulator.url, { path: "/conversations.twilio.com/v1/Roles", headers: headers() })).rejects.toThrow("aborted");
  });

  it("is rejected with an explanation if it is invalid", async () => {
    for (const [rule, message] of [
      [{}, "requires an action"],
      [1, "must be a JSON object"],
      [[1], "must be an object"],
      [{ match: 1, action: { status: 500 } }, "match and action"],
      [{ status: 200 }, "status must be between 400 and 599"],
      [{ status: "500" }, "status must be a number"],
      [{ status: 500, nth: -1 }, "nth must be"],
      [{ status: 500, forSeconds: -1 }, "forSeconds must be"],
      [{ status: 500, forSeconds: "30" }, "forSeconds must be"],
      [{ status: 500, forSecond: 30 }, "has no field forSecond. Its fields are method, path, nth, times, forSeconds"],
      [{ status: 500, method: 1 }, "method must be"],
      [{ drop: "now" }, "drop must be"],
      [{ reset: true }, "requires an action"],
      [{ reset: true, status: 500 }, "reset requires drop"],
      [{ drop: "before", reset: "yes" }, "reset must be true or false"],
      [{ drop: "after", status: 500 }, "excludes status and body"],
      [{ drop: "after", body: "html" }, "excludes status and body"],
      [{ body: "xml" }, 'body must be "html", "truncated" or "mislabeled"'],
      [{ delayMs: 2 ** 31 }, "delayMs must be at most"],
      [{ status: 500, path: "(" }, "must be a valid regular expression"],
    ] as const) {
      const response = await twilio.control.call("POST", "faults", rule);
      expect(response, JSON.stringify(rule)).toMatchObject({ status: 400, body: { message: expect.stringContaining(message) } });
    }
    expect(await twilio.control.ok("GET", "faults")).toEqual({ faults: [] });
  });
});
