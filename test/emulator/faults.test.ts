import { describe, expect, it } from "vitest";
import { refusal } from "./support/client";
import { localTwilio } from "./support/emulator";
import { send } from "./support/http";

const local = localTwilio();
const fault = (rule: unknown) => local.control.ok("POST", "faults", rule);
const create = () => local.conversations.conversations.create();
const count = async () => (await local.conversations.conversations.list()).length;
const headers = () => ({
  authorization: `Basic ${Buffer.from(`${local.emulator.accountSid}:${local.emulator.authToken}`).toString("base64")}`,
});

describe("a fault", () => {
  it("refuses instead of executing, as often as it says", async () => {
    await fault({ match: { method: "POST", path: "/v1/Conversations" }, action: { status: 429, retryAfter: 2 }, times: 2 });
    expect(await refusal(create())).toEqual({ status: 429, code: 20429, message: "Too Many Requests" });
    expect(local.wire.last().headers["retry-after"]).toBe("2");
    expect(await count()).toBe(0);
    expect(await refusal(create())).toMatchObject({ status: 429 });
    await create();
    expect(await count()).toBe(1);
  });

  it("acts on the nth request only", async () => {
    await fault({ method: "post", path: "/v1/Conversations", nth: 2, status: 503, code: 31009 });
    await create();
    expect(await refusal(create())).toMatchObject({ status: 503, code: 31009 });
    await create();
    expect(await local.control.ok("GET", "faults")).toEqual({
      faults: [{ method: "post", path: "/v1/Conversations", nth: 2, status: 503, code: 31009, matched: 3, acted: 1 }],
    });
  });

  it("acts until it is cleared when it does not say how often", async () => {
    await fault([
      { path: "/v1/Conversations*", status: 500 },
      { path: "/v1/Roles", status: 502 },
    ]);
    for (const _ of [1, 2]) expect(await refusal(create())).toMatchObject({ status: 500 });
    expect(await refusal(local.conversations.roles.list())).toMatchObject({ status: 502 });
    expect(await local.control.ok("DELETE", "faults")).toEqual({ faults: [] });
    await create();
  });

  it("finds its requests by template, glob, host or regular expression", async () => {
    const { sid } = await create();
    const { defaultChatServiceSid } = await local.conversations.configuration().fetch();
    const here = () => local.conversations.services(defaultChatServiceSid).conversations(sid).fetch();
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
      expect(await refusal(here()), path).toMatchObject({ status: 500 });
      await local.control.ok("DELETE", "faults");
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
    await expect(local.conversations.conversations("CH1").fetch()).rejects.toMatchObject({ code: expect.stringMatching(/ECONN/) });
  });

  it("delays", async () => {
    await fault({ path: "/v1/Roles", delayMs: 60 });
    const started = performance.now();
    await local.conversations.roles.list();
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  it("answers a web page, or half of the truth", async () => {
    await fault({ path: "/v1/Roles", status: 502, body: "html", times: 1 });
    const page = await send(local.emulator.url, { path: "/conversations.twilio.com/v1/Roles", headers: headers() });
    expect(page).toMatchObject({ status: 502, text: expect.stringMatching(/^<html>/), headers: { "content-type": "text/html" } });
    await fault({ path: "/v1/Roles", body: "truncated", times: 1 });
    await expect(send(local.emulator.url, { path: "/conversations.twilio.com/v1/Roles", headers: headers() })).rejects.toThrow("aborted");
  });

  it("is refused when it cannot be understood", async () => {
    for (const rule of [
      {},
      1,
      [1],
      { status: 200 },
      { status: "500" },
      { status: 500, nth: -1 },
      { status: 500, method: 1 },
      { drop: "now" },
      { body: "xml" },
      { status: 500, path: "(" },
    ]) {
      expect(await local.control.call("POST", "faults", rule), JSON.stringify(rule)).toMatchObject({ status: 400 });
    }
    expect(await local.control.ok("GET", "faults")).toEqual({ faults: [] });
  });
});
