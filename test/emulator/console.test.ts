import { get } from "node:http";
import { describe, expect, it } from "vitest";
import { eventDescriptions } from "../../src/emulator/console/page/descriptions";
import type { DomainEventName } from "../../src/emulator/events";
import { createConsoleConversation } from "./support/console-conversation";
import { ALICE, useEmulator } from "./support/emulator";

const twilio = useEmulator();

interface StreamEntry {
  id: string;
  event: string;
  source: string;
  requestSid?: string;
  data: Record<string, Record<string, unknown>>;
}

/** Reads the event stream until an entry matches `isLast`. */
async function readStream(
  query: string,
  isLast: (entry: StreamEntry) => boolean,
  headers: Record<string, string> = {},
): Promise<StreamEntry[]> {
  const stop = new AbortController();
  const response = await fetch(`${twilio.emulator.url}/_emulator/events${query}`, { signal: stop.signal, headers });
  const entries: StreamEntry[] = [];
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const [, id, data] = /^id: (.*)\nevent: .*\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (data === undefined) continue;
      const entry = { id: id as string, ...JSON.parse(data) } as StreamEntry;
      entries.push(entry);
      if (!isLast(entry)) continue;
      stop.abort();
      return entries;
    }
  }
  throw new Error("the stream ended before the expected entry");
}

describe("the control plane provides", () => {
  it("the state: numbers, services, and conversations with participants, last changed first", async () => {
    const { sid, chatServiceSid, phoneNumber, numberSid } = await createConsoleConversation(twilio);
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

  it("the messages of a conversation with their delivery receipts", async () => {
    const { sid, message } = await createConsoleConversation(twilio);
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

  it("the handled requests with their results, without query, body or credentials", async () => {
    const { sid, conversation, phoneNumber } = await createConsoleConversation(twilio);
    await conversation.participants.list({ pageSize: 7 });
    await conversation.participants
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
    expect(requests.at(-2)?.sid).toBe(twilio.http.responses.at(-2)?.headers["twilio-request-id"]);
  });

  it("an event stream that includes requests only if `requests=true`", async () => {
    const { conversation } = await createConsoleConversation(twilio);
    await conversation.update({ friendlyName: "Renamed" });
    const isLast = ({ data }: StreamEntry) =>
      data.request?.method === "POST" && twilio.http.last().headers["twilio-request-id"] === data.request.sid;
    const entries = await readStream("?after=0&requests=true", isLast);
    const request = entries.at(-1)?.data.request;
    expect(entries.at(-2)).toMatchObject({ event: "conversationUpdated", source: "API", requestSid: request?.sid });
    const updated = ({ event }: StreamEntry) => event === "conversationUpdated";
    expect((await readStream("?after=0", updated)).map(({ event }) => event)).not.toContain("requestAnswered");
  });

  it("an event for each webhook after its cause, even for a webhook that is not sent", async () => {
    const { conversation } = await createConsoleConversation(twilio);
    const flow = { target: "studio", "configuration.flowSid": `FW${"0".repeat(32)}` } as const;
    await conversation.webhooks.create(flow);
    await conversation.messages.create({ author: "testPineapple", body: "to the flow", xTwilioWebhookEnabled: "true" });
    const events = (await readStream("?after=0", ({ event }) => event === "webhookDelivered")).map(({ event }) => event);
    expect(events.slice(-2)).toEqual(["messageAdded", "webhookDelivered"]);
  });

  it("only entries after the last received one, or all of them after a restart or reset", async () => {
    await createConsoleConversation(twilio);
    const updated = ({ event }: StreamEntry) => event === "receiptUpdated";
    const all = await readStream("?after=0", updated);
    const half = all[Math.floor(all.length / 2)] as StreamEntry;
    const rest = all.slice(all.indexOf(half) + 1);
    expect(await readStream("", updated, { "last-event-id": half.id })).toEqual(rest);
    expect(await readStream("", updated, { "last-event-id": "another1-3" })).toEqual(all);
    await twilio.emulator.reset();
    expect((await readStream("?after=0", ({ event }) => event === "reset")).map(({ event }) => event)).toEqual(["reset"]);
  });
});

it("the console has a description of every event", () => {
  // `npm run check` reports a missing description, because the type lists all events.
  const descriptions: Record<Exclude<DomainEventName, "webhookDelivered">, unknown> = eventDescriptions;
  expect(Object.values(descriptions).filter((description) => typeof description !== "function")).toEqual([]);
});

describe("the console's files", () => {
  const page = (path: string, headers: Record<string, string> = { accept: "text/html,*/*;q=0.8" }) =>
    fetch(`${twilio.emulator.url}${path}`, { headers });

  it("have a strict content security policy", async () => {
    const files = { "/": "text/html", "/_emulator/console/main.js": "text/javascript", "/_emulator/console/style.css": "text/css" };
    for (const [path, type] of Object.entries(files)) {
      const response = await page(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain(type);
      const policy = response.headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  it("are not served for a product's host or to clients that accept JSON", async () => {
    for (const headers of [{ accept: "text/html", "x-twilio-host": "conversations.twilio.com" }, { accept: "application/json" }]) {
      const response = await page("/", headers as Record<string, string>);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(await response.json()).toHaveProperty("code");
    }
  });

  it("are not served to pages of other sites", async () => {
    const response = await page("/", { accept: "text/html", origin: "https://example.com" });
    expect(response.status).toBe(403);
  });

  it("and the control plane are not served under foreign host names (DNS rebinding)", async () => {
    const { hostname, port } = new URL(twilio.emulator.url);
    const status = (path: string, host: string) =>
      new Promise((resolve, reject) => {
        const request = get({ hostname, port, path, headers: { host, accept: "text/html" } }, (response) =>
          resolve(response.resume().statusCode),
        );
        request.on("error", reject);
      });
    for (const path of ["/", "/_emulator/state"]) {
      expect(await status(path, `elsewhere.example:${port}`)).toBe(403);
      for (const own of ["localhost", "127.0.0.1", "[::1]"]) expect(await status(path, `${own}:${port}`)).toBe(200);
    }
  });
});
