import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect, errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { runScript } from "./support/process";

const twilio = useEmulator();
const fault = (rule: unknown) => twilio.control.ok("POST", "faults", rule);
const create = () => twilio.conversations.conversations.create();
const count = async () => (await twilio.conversations.conversations.list()).length;
const headers = () => ({
  authorization: `Basic ${Buffer.from(`${twilio.emulator.accountSid}:${twilio.emulator.authToken}`).toString("base64")}`,
});
const plain = (method: string, path: string) =>
  send(twilio.emulator.url, { method, path: `/conversations.twilio.com/v1/${path}`, headers: headers() });

const realNow = performance.now.bind(performance);
let passed = 0;
/** Lets real time pass for whoever measures it in this process. */
function passSeconds(seconds: number): void {
  passed += seconds * 1000;
  vi.spyOn(performance, "now").mockImplementation(() => realNow() + passed);
}
afterEach(() => void vi.restoreAllMocks());

describe("a fault", () => {
  it("refuses instead of executing, as often as it says", async () => {
    await fault({ match: { method: "POST", path: "/v1/Conversations" }, action: { status: 429, retryAfter: 2 }, times: 2 });
    expect(await errorOf(create())).toEqual({ status: 429, code: 20429, message: "Too Many Requests" });
    expect(twilio.http.last().headers["retry-after"]).toBe("2");
    expect(await count()).toBe(0);
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    await create();
    expect(await count()).toBe(1);
  });

  it("acts on the nth request only", async () => {
    await fault({ method: "post", path: "/v1/Conversations", nth: 2, status: 503, code: 31009 });
    await create();
    expect(await errorOf(create())).toMatchObject({ status: 503, code: 31009 });
    await create();
    expect(await twilio.control.ok("GET", "faults")).toEqual({
      faults: [{ method: "post", path: "/v1/Conversations", nth: 2, status: 503, code: 31009, matched: 3, acted: 1 }],
    });
  });

  it("acts until it is cleared when it does not say how often", async () => {
    await fault([
      { path: "/v1/Conversations*", status: 500 },
      { path: "/v1/Roles", status: 502 },
    ]);
    for (const _ of [1, 2]) expect(await errorOf(create())).toMatchObject({ status: 500 });
    expect(await errorOf(twilio.conversations.roles.list())).toMatchObject({ status: 502 });
    expect(await twilio.control.ok("DELETE", "faults")).toEqual({ faults: [] });
    await create();
  });

  it("finds its requests by template, glob, host or regular expression", async () => {
    const { sid } = await create();
    const { defaultChatServiceSid } = await twilio.conversations.configuration().fetch();
    const here = () => twilio.conversations.services(defaultChatServiceSid).conversations(sid).fetch();
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
      expect(await errorOf(here()), path).toMatchObject({ status: 500 });
      await twilio.control.ok("DELETE", "faults");
    }
    for (const path of ["/v1/Services/{ServiceSid}", "/v1/Conversations/*", "/messaging.twilio.com/*", "^/Conversations"]) {
      await fault({ path, status: 500 });
      await here();
    }
  });

  it("drops the connection before or after executing", async () => {
    await fault({ method: "POST", path: "/v1/Conversations", drop: "before", times: 1 });
    await expect(create()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|ECONNABORTED/) });
    expect(await count()).toBe(0);
    await fault({ method: "POST", path: "/v1/Conversations", drop: "after", times: 1 });
    await expect(create()).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|ECONNABORTED/) });
    expect(await count()).toBe(1);
    // A refusal can be lost as well.
    await fault({ method: "GET", path: "/v1/Conversations/{Sid}", drop: "after", times: 1 });
    await expect(twilio.conversations.conversations("CH1").fetch()).rejects.toMatchObject({ code: expect.stringMatching(/ECONN/) });
  });

  it("delays", async () => {
    await fault({ path: "/v1/Roles", delayMs: 60 });
    const started = performance.now();
    await twilio.conversations.roles.list();
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  it("acts for as long as it says, from the first request it acts on", async () => {
    await fault({ method: "POST", forSeconds: 30, status: 429, retryAfter: 30 });
    passSeconds(1000);
    expect(await errorOf(create())).toMatchObject({ status: 429 });
    // Twilio's time is another.
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

  it("acts for so long from the nth request on, and no oftener than it says", async () => {
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

  it("closes the connection, or resets it", async () => {
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

  it("puts a web page in the place of the answer", async () => {
    const page = { status: 200, text: expect.stringMatching(/^<html>/), headers: { "content-type": "text/html" } };
    await fault({ nth: 1, body: "html" });
    expect(await plain("POST", "Conversations")).toMatchObject(page);
    const [made] = await twilio.conversations.conversations.list();
    await fault({ method: "DELETE", body: "html", times: 1 });
    expect(await plain("DELETE", `Conversations/${made?.sid}`)).toMatchObject(page);
    expect(await count()).toBe(0);
    // A refusal is behind the page as well.
    await fault({ method: "GET", body: "html", times: 1 });
    expect(await plain("GET", "Conversations/CH1")).toMatchObject(page);
    expect(await plain("GET", "Conversations/CH1")).toMatchObject({ status: 404 });
  });

  it("calls the true answer a web page", async () => {
    await fault({ body: "mislabelled", nth: 1 });
    const answer = await plain("POST", "Conversations");
    expect(answer).toMatchObject({ status: 201, headers: { "content-type": "text/html" } });
    const [made] = await twilio.conversations.conversations.list();
    expect(answer.json).toMatchObject({ sid: made?.sid });
    expect((await plain("GET", "Conversations")).headers["content-type"]).toMatch(/^application\/json/);
    await fault({ method: "GET", body: "mislabelled", status: 503, times: 1 });
    expect(await plain("GET", "Conversations")).toMatchObject({
      status: 503,
      json: { status: 503 },
      headers: { "content-type": "text/html" },
    });
  });

  it("cuts the answer of what it executed, and of what has no body, all", async () => {
    await fault({ body: "truncated", method: "POST", times: 1 });
    await expect(plain("POST", "Conversations")).rejects.toThrow("aborted");
    const [made] = await twilio.conversations.conversations.list();
    expect(made?.sid).toMatch(/^CH/);
    await fault({ body: "truncated", method: "DELETE", times: 1 });
    await expect(plain("DELETE", `Conversations/${made?.sid}`)).rejects.toThrow("socket hang up");
    expect(await count()).toBe(0);
    await fault({ body: "truncated", status: 500, times: 1 });
    await expect(plain("GET", "Conversations")).rejects.toThrow("aborted");
    await plain("GET", "Conversations");
  });

  it("picks its requests and its moment whatever it does", async () => {
    for (const action of [
      { status: 500 },
      { drop: "before", reset: true },
      { body: "html" },
      { body: "mislabelled" },
      { body: "truncated" },
      { delayMs: 1 },
    ]) {
      await twilio.control.ok("DELETE", "faults");
      await fault({ match: { method: "GET", path: "/v1/Roles" }, action, nth: 2, times: 2 });
      const spoilt: boolean[] = [];
      for (const _ of [1, 2, 3, 4]) {
        await plain("GET", "Users");
        const answer = await plain("GET", "Roles").catch(() => undefined);
        spoilt.push(answer?.status !== 200 || answer.headers["content-type"] === "text/html");
      }
      expect(spoilt, JSON.stringify(action)).toEqual("delayMs" in action ? [false, false, false, false] : [false, true, true, false]);
      expect(await twilio.control.ok("GET", "faults")).toMatchObject({ faults: [{ matched: 4, acted: 2 }] });
    }
  });

  it("that waits keeps no process alive, and executes nothing once the emulator has ended", async () => {
    const folder = await mkdtemp(join(tmpdir(), "emulator-"));
    const child = runScript(`
      const e = await startEmulator({ stateDir: ${JSON.stringify(folder)} });
      await fetch(e.url + "/_emulator/faults", { method: "POST", body: JSON.stringify({ delayMs: 600000 }) });
      const authorization = "Basic " + Buffer.from(e.accountSid + ":" + e.authToken).toString("base64");
      const call = fetch(e.url + "/conversations.twilio.com/v1/Conversations", { method: "POST", headers: { authorization } });
      const acted = async () => (await (await fetch(e.url + "/_emulator/faults")).json()).faults[0].acted;
      while (await acted() === 0);
      await e.close();
      print({ call: await call.then(() => "answered", () => "cut") });`);
    expect(await child.firstLine).toEqual({ call: "cut" });
    expect(await child.exitCode).toBe(0);
    const after = await startEmulator({ stateDir: folder });
    expect(await connect(after).conversations.conversations.list()).toEqual([]);
    await after.close();
    await rm(folder, { recursive: true });
  });

  it("answers a web page, or half of the truth", async () => {
    await fault({ path: "/v1/Roles", status: 502, body: "html", times: 1 });
    const page = await send(twilio.emulator.url, { path: "/conversations.twilio.com/v1/Roles", headers: headers() });
    expect(page).toMatchObject({ status: 502, text: expect.stringMatching(/^<html>/), headers: { "content-type": "text/html" } });
    await fault({ path: "/v1/Roles", body: "truncated", times: 1 });
    await expect(send(twilio.emulator.url, { path: "/conversations.twilio.com/v1/Roles", headers: headers() })).rejects.toThrow("aborted");
  });

  it("is refused when it cannot be understood, with what is wrong", async () => {
    for (const [rule, message] of [
      [{}, "needs an action"],
      [1, "must be a JSON object"],
      [[1], "is an object"],
      [{ match: 1, action: { status: 500 } }, "match and action"],
      [{ status: 200 }, "status must be 400 to 599"],
      [{ status: "500" }, "status must be a number"],
      [{ status: 500, nth: -1 }, "nth must be"],
      [{ status: 500, forSeconds: -1 }, "forSeconds must be"],
      [{ status: 500, forSeconds: "30" }, "forSeconds must be"],
      [{ status: 500, forSecond: 30 }, "has no forSecond; it has method, path, nth, times, forSeconds"],
      [{ status: 500, method: 1 }, "method must be"],
      [{ drop: "now" }, "drop must be"],
      [{ reset: true }, "needs an action"],
      [{ reset: true, status: 500 }, "it needs drop"],
      [{ drop: "before", reset: "yes" }, "reset must be true or false"],
      [{ drop: "after", status: 500 }, "neither status nor body"],
      [{ drop: "after", body: "html" }, "neither status nor body"],
      [{ body: "xml" }, 'body must be "html", "truncated" or "mislabelled"'],
      [{ delayMs: 2 ** 31 }, "delayMs must be at most"],
      [{ status: 500, path: "(" }, "no regular expression"],
    ] as const) {
      const answer = await twilio.control.call("POST", "faults", rule);
      expect(answer, JSON.stringify(rule)).toMatchObject({ status: 400, body: { message: expect.stringContaining(message) } });
    }
    expect(await twilio.control.ok("GET", "faults")).toEqual({ faults: [] });
  });
});

describe("a clock that is wrong", () => {
  const skew = (skewSeconds: number) => twilio.control.ok("POST", "clock", { skewSeconds });
  /** How far a date is from this machine's, in whole hours. */
  const hoursAhead = (date: string | Date | undefined) => Math.round((new Date(date ?? "").getTime() - Date.now()) / 3600_000) + 0;

  it("dates everything, the answers' headers included, and nothing once it is mended", async () => {
    const dates = async () => {
      const { dateCreated } = await create();
      const number = await twilio.client.api.v2010.accounts.create({});
      const { headers: list } = await plain("GET", "Conversations");
      const { headers: refused } = await plain("GET", "Conversations/CH1");
      await fault({ status: 503, times: 1 });
      const { headers: faulty } = await plain("GET", "Conversations");
      return [dateCreated, number.dateCreated, list.date, refused.date, faulty.date].map(hoursAhead);
    };
    expect(await dates()).toEqual([0, 0, 0, 0, 0]);
    for (const hours of [2, -3]) {
      const shown = await skew(hours * 3600);
      expect([shown.skewSeconds, hoursAhead(shown.now as string)]).toEqual([hours * 3600, hours]);
      expect(await twilio.control.ok("GET", "clock")).toMatchObject({ skewSeconds: hours * 3600 });
      expect(await dates()).toEqual([hours, hours, hours, hours, hours]);
    }
    expect(await skew(0)).toMatchObject({ skewSeconds: 0 });
    expect(await dates()).toEqual([0, 0, 0, 0, 0]);
  });

  it("comes on top of the time that has passed, and goes with a reset", async () => {
    await twilio.control.advance(5 * 3600);
    await skew(-3600);
    expect(hoursAhead((await create()).dateCreated)).toBe(4);
    await twilio.control.advance(3600);
    expect(hoursAhead((await create()).dateCreated)).toBe(5);
    await twilio.emulator.reset();
    expect(hoursAhead((await create()).dateCreated)).toBe(0);
  });

  it("leaves a timer the time that it has", async () => {
    const { sid } = await twilio.conversations.conversations.create({
      state: "active",
      "timers.inactive": "PT10M",
      "timers.closed": "PT1H",
    });
    const here = twilio.conversations.conversations(sid);
    const { timers } = await here.fetch();
    await skew(86_400);
    const skewed = await here.fetch();
    expect(skewed.state).toBe("active");
    expect(Date.parse(skewed.timers.date_inactive) - Date.parse(timers.date_inactive)).toBe(86_400_000);
    await skew(-86_400);
    await twilio.control.advance(601);
    expect((await here.fetch()).state).toBe("inactive");
    await skew(0);
    expect((await here.fetch()).state).toBe("inactive");
    await twilio.control.advance(3000);
    expect((await here.fetch()).state).toBe("closed");
  });

  it("is refused when it is no number, and then nothing changes", async () => {
    for (const input of [{}, { skewSeconds: "1" }, { skewSeconds: null }, { skewSeconds: 1e10 }, { skewSeconds: 60, advanceSeconds: -1 }]) {
      expect(await twilio.control.call("POST", "clock", input), JSON.stringify(input)).toMatchObject({ status: 400 });
    }
    expect(await twilio.control.ok("GET", "clock")).toMatchObject({ skewSeconds: 0 });
  });
});
