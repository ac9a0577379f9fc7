import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/emulator";
import { sayings } from "../../src/emulator/console/page/words";
import type { DomainEventName } from "../../src/emulator/events";
import { describeInBrowser, pages } from "../support/browser";
import { connect } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();

/** A conversation of a phone and a person, each of whom has said something. */
async function talk() {
  const { phoneNumber, sid: numberSid } = await buyNumber(twilio);
  const { sid, chatServiceSid } = await twilio.conversations.conversations.create({ friendlyName: "My First Conversation" });
  const here = twilio.conversations.conversations(sid);
  await here.participants.create({ identity: "testPineapple" });
  await here.participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
  await twilio.control.inbound(ALICE, phoneNumber, "Hello from the phone");
  const message = await here.messages.create({ author: "testPineapple", body: "Hello from the chat" });
  return { sid, chatServiceSid, here, phoneNumber, numberSid, message };
}

interface Told {
  id: string;
  event: string;
  source: string;
  requestSid?: string;
  data: Record<string, Record<string, unknown>>;
}

/** What the event stream tells until the entry that is waited for. */
async function told(query: string, last: (entry: Told) => boolean, headers: Record<string, string> = {}): Promise<Told[]> {
  const stop = new AbortController();
  const response = await fetch(`${twilio.emulator.url}/_emulator/events${query}`, { signal: stop.signal, headers });
  const entries: Told[] = [];
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, id, data] = /^id: (.*)\nevent: .*\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      const entry = { id: id as string, ...JSON.parse(data) } as Told;
      entries.push(entry);
      if (!last(entry)) continue;
      stop.abort();
      return entries;
    }
  }
  throw new Error("the stream ended before");
}

describe("the control plane tells the console", () => {
  it("what there is: numbers, services, conversations with their participants, the latest change first", async () => {
    const { sid, chatServiceSid, phoneNumber, numberSid } = await talk();
    await twilio.api.incomingPhoneNumbers(numberSid).update({ smsUrl: "https://anne:hidden@example.com/sms" });
    const later = await twilio.conversations.conversations.create({ friendlyName: "Later" });
    const state = await twilio.control.ok("GET", "state");
    expect(state).toMatchObject({
      numbers: [{ sid: numberSid, phoneNumber, smsUrl: "https://example.com/sms" }],
      services: [{ sid: chatServiceSid }],
      conversations: [
        { sid: later.sid, friendlyName: "Later", messages: 0, participants: [] },
        { sid, messages: 2, participants: [{ identity: "testPineapple" }, { address: ALICE, proxyAddress: phoneNumber }] },
      ],
      omitted: 0,
    });
    const { authToken, apiSecret } = twilio.emulator;
    for (const secret of [authToken, apiSecret, "hidden"]) expect(JSON.stringify(state)).not.toContain(secret);
  });

  it("what was said in a conversation, and whether it arrived", async () => {
    const { sid, message } = await talk();
    const phone = (await twilio.conversations.conversations(sid).participants.list()).find(({ identity }) => identity === null);
    await expect.poll(async () => (await twilio.control.outbox(ALICE))[0]?.status).toBe("delivered");
    expect(await twilio.control.ok("GET", `state?conversationSid=${sid}`)).toMatchObject({
      conversation: { sid },
      messages: [
        { author: ALICE, body: "Hello from the phone", receipts: [] },
        { sid: message.sid, author: "testPineapple", receipts: [{ participantSid: phone?.sid, status: "delivered", errorCode: null }] },
      ],
    });
    expect(await twilio.control.call("GET", `state?conversationSid=CH${"0".repeat(32)}`)).toMatchObject({ status: 404 });
  });

  it("which requests were answered, and how: no query, no body, no credentials", async () => {
    const { sid, here, phoneNumber } = await talk();
    await here.participants.list({ pageSize: 7 });
    await here.participants
      .create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber })
      .catch(() => undefined);
    await twilio.control.ok("POST", "faults", { path: "*/Roles", status: 503 });
    await twilio.conversations.roles.list().catch(() => undefined);
    await twilio.control.ok("DELETE", "faults");
    const { requests } = (await twilio.control.ok("GET", "requests")) as { requests: Record<string, unknown>[] };
    const path = `/v1/Conversations/${sid}/Participants`;
    const common = {
      host: "conversations.twilio.com",
      path,
      durationMs: expect.any(Number),
      sid: expect.stringMatching(/^RQ[0-9a-f]{32}$/),
    };
    expect(requests.slice(-3)).toMatchObject([
      { ...common, method: "GET", status: 200, code: null, message: null, isFault: false },
      { ...common, method: "POST", status: 409, code: 50416, message: expect.stringContaining("already exists"), isFault: false },
      { path: "/v1/Roles", status: 503, isFault: true },
    ]);
    const text = JSON.stringify(requests);
    for (const hidden of ["PageSize", "Hello from the chat", twilio.emulator.authToken]) expect(text).not.toContain(hidden);
    expect(requests.at(-2)?.sid).toBe(twilio.wire.answers.at(-2)?.headers["twilio-request-id"]);
  });

  it("what a request led to, to those who ask for requests; others hear of none", async () => {
    const { here } = await talk();
    await here.update({ friendlyName: "Renamed" });
    const isLast = ({ data }: Told) =>
      data.request?.method === "POST" && twilio.wire.last().headers["twilio-request-id"] === data.request.sid;
    const entries = await told("?after=0&requests=true", isLast);
    const request = entries.at(-1)?.data.request;
    expect(entries.at(-2)).toMatchObject({ event: "conversationUpdated", source: "API", requestSid: request?.sid });
    const updated = ({ event }: Told) => event === "conversationUpdated";
    expect((await told("?after=0", updated)).map(({ event }) => event)).not.toContain("requestAnswered");
  });

  it("a webhook after what it was about, also one that is not sent", async () => {
    const { here } = await talk();
    const flow = { target: "studio", "configuration.flowSid": `FW${"0".repeat(32)}` } as const;
    await here.webhooks.create(flow);
    await here.messages.create({ author: "testPineapple", body: "to the flow", xTwilioWebhookEnabled: "true" });
    const events = (await told("?after=0", ({ event }) => event === "webhookDelivered")).map(({ event }) => event);
    expect(events.slice(-2)).toEqual(["messageAdded", "webhookDelivered"]);
  });

  it("only what came after the entry that it heard last; all of it, when that was of another run or before a reset", async () => {
    await talk();
    const updated = ({ event }: Told) => event === "receiptUpdated";
    const all = await told("?after=0", updated);
    const half = all[Math.floor(all.length / 2)] as Told;
    const rest = all.slice(all.indexOf(half) + 1);
    expect(await told("", updated, { "last-event-id": half.id })).toEqual(rest);
    expect(await told("", updated, { "last-event-id": "another1-3" })).toEqual(all);
    await twilio.emulator.reset();
    expect((await told("?after=0", ({ event }) => event === "reset")).map(({ event }) => event)).toEqual(["reset"]);
  });
});

it("the console has words for every event", () => {
  // The compiler is the judge: an event without words does not pass `npm run check`.
  const words: Record<Exclude<DomainEventName, "webhookDelivered">, unknown> = sayings;
  expect(Object.values(words).filter((saying) => typeof saying !== "function")).toEqual([]);
});

describe("the console's files", () => {
  const page = (path: string, headers: Record<string, string> = { accept: "text/html,*/*;q=0.8" }) =>
    fetch(`${twilio.emulator.url}${path}`, { headers });

  it("are served with a strict policy", async () => {
    const files = { "/": "text/html", "/_emulator/console/main.js": "text/javascript", "/_emulator/console/style.css": "text/css" };
    for (const [path, type] of Object.entries(files)) {
      const answer = await page(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toContain(type);
      const policy = answer.headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  it("are no product's: with a product's host the root is Twilio's, and a program that takes JSON is told what is missing", async () => {
    for (const headers of [{ accept: "text/html", "x-twilio-host": "conversations.twilio.com" }, { accept: "application/json" }]) {
      const answer = await page("/", headers as Record<string, string>);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.json()).toHaveProperty("code");
    }
  });

  it("are refused to pages of elsewhere", async () => {
    const answer = await page("/", { accept: "text/html", origin: "https://example.com" });
    expect(answer.status).toBe(403);
  });

  it("are refused to names that were made to lead here, as is all of the control plane", async () => {
    const { hostname, port } = new URL(twilio.emulator.url);
    const status = (path: string, host: string) =>
      new Promise((resolve, reject) => {
        const asked = get({ hostname, port, path, headers: { host, accept: "text/html" } }, (answer) =>
          resolve(answer.resume().statusCode),
        );
        asked.on("error", reject);
      });
    for (const path of ["/", "/_emulator/state"]) {
      expect(await status(path, `elsewhere.example:${port}`)).toBe(403);
      for (const own of ["localhost", "127.0.0.1", "[::1]"]) expect(await status(path, `${own}:${port}`)).toBe(200);
    }
  });
});

describeInBrowser("the console in a browser", () => {
  const browser = pages();
  let page: Page;
  beforeEach(async () => {
    page = await browser.open("about:blank");
  });

  const entries = () => page.getByRole("log").locator("li:visible");

  it("shows what there is and what happened before, and goes on as it happens", async () => {
    const { here, phoneNumber } = await talk();
    await page.goto(twilio.emulator.url);
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByRole("navigation").getByText(phoneNumber).first().waitFor();
    await page.getByRole("link", { name: /My First Conversation/ }).click();
    const messages = page.getByRole("list", { name: "Messages" });
    await messages.getByText("Hello from the phone").waitFor();
    await messages.getByText(`delivered to ${ALICE}`).waitFor();
    await entries()
      .filter({ hasText: `${ALICE} texted ${phoneNumber}` })
      .filter({ hasText: "because a handset texted" })
      .waitFor();

    await here.messages.create({ author: "testPineapple", body: "Said while somebody looks" });
    await messages.getByText("Said while somebody looks").waitFor();
    await here.participants.create({ identity: "newcomer" });
    await page.getByRole("list", { name: "Participants" }).getByText("newcomer").waitFor();
    await here.remove();
    await page.getByRole("heading", { name: "This conversation is gone" }).waitFor();
  });

  it("says why: the request behind a change, Twilio's error and a fault rule behind a refusal", async () => {
    const { here, phoneNumber } = await talk();
    await here.participants
      .create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber })
      .catch(() => undefined);
    await twilio.control.ok("POST", "faults", { path: "*/Roles", status: 429, times: 1 });
    await twilio.conversations.roles.list().catch(() => undefined);
    await page.goto(twilio.emulator.url);
    const refused = entries().filter({ hasText: "→ 409" });
    await refused.getByText(/already exists in Conversation CH….{4}/).waitFor();
    expect(await refused.getByRole("link", { name: "Twilio error 50416" }).getAttribute("href")).toBe(
      "https://www.twilio.com/docs/errors/50416",
    );
    await entries().filter({ hasText: "→ 429" }).getByText("Too Many Requests (as a fault rule wants it)").waitFor();

    const change = entries().filter({ hasText: "testPineapple was added" });
    await change.getByRole("link", { name: "its request" }).click();
    const target = page.locator("li:target");
    expect(await target.textContent()).toMatch(/POST .*\/Participants → 201/);
    await change.getByRole("link", { name: "its conversation" }).click();
    await page.getByRole("heading", { name: "My First Conversation" }).waitFor();
  });

  it("says which webhook was called, and what it answered", async () => {
    const receiver = createServer((request, response) => response.writeHead(request.url === "/takes" ? 200 : 404).end());
    await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void receiver.close());
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const { here, phoneNumber, sid } = await talk();
    for (const path of ["takes", "refuses"]) {
      const filters = ["onMessageAdded"];
      await here.webhooks.create({ target: "webhook", "configuration.url": `${url}/${path}`, "configuration.filters": filters });
    }
    await page.goto(twilio.emulator.url);
    await twilio.control.inbound(ALICE, phoneNumber, "Who hears of this?");
    await entries()
      .filter({ hasText: `onMessageAdded → POST ${url}/takes: delivered (200)` })
      .waitFor();
    const refused = entries().filter({ hasText: `onMessageAdded → POST ${url}/refuses: failed (404)` });
    await refused.getByText(`${url}/refuses did not take it`).waitFor();
    expect(await refused.getByRole("link", { name: "its conversation" }).getAttribute("href")).toBe(`#${sid}`);
  });

  it("filters by words and by kind, with the keyboard alone", async () => {
    await talk();
    await page.goto(twilio.emulator.url);
    await entries().first().waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.outerHTML")).toContain('id="filter"');
    await page.keyboard.type(`chat texts ${ALICE}`);
    await expect.poll(() => entries().count()).toBe(1);
    await page.keyboard.press("Escape");
    await expect.poll(() => entries().count()).toBeGreaterThan(5);
    await page.getByLabel("changes").focus();
    await page.keyboard.press("Space");
    await expect.poll(async () => new Set(await entries().locator(".kind").allTextContents())).toEqual(new Set(["request"]));
  });

  it("waits for an emulator that is gone, and shows the one that takes its place", async () => {
    browser.expectComplaints(/net::ERR_/);
    const first = await startEmulator();
    const port = Number(new URL(first.url).port);
    await page.goto(first.url);
    await page.getByText("live", { exact: true }).waitFor();
    await first.close();
    await page.getByText("The emulator does not answer").waitFor();
    const second = await startEmulator({ port });
    await connect(second).conversations.conversations.create({ friendlyName: "In the second" });
    await page.getByRole("link", { name: /In the second/ }).waitFor();
    await entries().filter({ hasText: "Conversation “In the second” was made" }).waitFor();
    await second.close();
  });

  it("fits a narrow screen, in the dark as in the light", async () => {
    const { sid } = await talk();
    const backgrounds = new Set<string>();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.goto(`${twilio.emulator.url}/#${sid}`);
      await page.getByRole("list", { name: "Messages" }).getByText("Hello from the chat").waitFor();
      const { wide, background } = await page.evaluate<{ wide: number; background: string }>(
        "({ wide: document.documentElement.scrollWidth, background: getComputedStyle(document.body).backgroundColor })",
      );
      expect(wide).toBeLessThanOrEqual(360);
      backgrounds.add(background);
    }
    expect(backgrounds.size).toBe(2);
  });
});
