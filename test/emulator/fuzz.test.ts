import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorizationOf, connect } from "./support/client";
import { useEmulator } from "./support/emulator";
import { type PlainResponse, send } from "./support/http";

const twilio = useEmulator();

const segments = fc.constantFrom(
  ...["v1", "2010-04-01", "Services", "Conversations", "Participants", "Messages", "Receipts", "Users", "Roles", "Configuration"],
  ...["ParticipantConversations", "ConversationWithParticipants", "Accounts", "Accounts.json", "IncomingPhoneNumbers.json"],
  ...[
    "AvailablePhoneNumbers",
    "US",
    "Local.json",
    "Messages.json",
    "Keys.json",
    "PhoneNumbers",
    "Countries",
    "..",
    "%2e%2e",
    "%",
    "%00",
    "",
  ],
  ...[
    "%2f",
    "CH%2f..",
    ".",
    "...",
    "\\",
    "%5c",
    ";",
    ";x=1",
    "constructor",
    "__proto__",
    "x".repeat(3000),
    "%ed%a0%80",
    "Local.json.json",
    "#",
  ],
);
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "null", "true", "-1", "1e9", "PT1M", "+15558675310", "{}", "__proto__"),
);
const sid = fc.constantFrom("IS", "CH", "MB", "IM", "AC", "PN", "MG", "RL", "US").map((prefix) => prefix + "0".repeat(32));
const names = fc.constantFrom(
  ...["FriendlyName", "UniqueName", "Attributes", "State", "Timers.Inactive", "Timers.Closed", "DateCreated", "MessagingServiceSid"],
  ...["Identity", "MessagingBinding.Address", "MessagingBinding.ProxyAddress", "MessagingBinding.ProjectedAddress", "RoleSid"],
  ...["Author", "Body", "Subject", "MediaSid", "ContentSid", "Participant", "Permission", "Type", "PhoneNumber", "AreaCode", "To", "From"],
  ...["PageSize", "Page", "PageToken", "Contains", "NearLatLong", "Distance", "LastReadMessageIndex", "Order", "StartDate", "Address"],
  ...["Target", "Filters", "PreWebhookUrl", "Method", "Configuration.Url", "Configuration.Triggers", "AutoCreation.WebhookUrl"],
);
const fields = fc.array(fc.tuple(fc.oneof(names, anyText), anyText), { maxLength: 6 });
const method = fc.constantFrom("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS");
const pageNumber = fc.oneof(
  fc.constantFrom(
    "-1",
    "0",
    "1",
    "2",
    "99",
    "1e2",
    "0x10",
    "NaN",
    "Infinity",
    "-Infinity",
    "9".repeat(15),
    "9".repeat(400),
    "2.5",
    "",
    " 3",
  ),
  fc.integer().map(String),
);

/** Sends a request and checks that the response is not a server error and that an error has Twilio's format. */
async function sendValid(request: Parameters<typeof send>[1] & { method: string }): Promise<PlainResponse> {
  const response = await send(twilio.emulator.url, request);
  const description = `${request.method} ${request.path} ${request.body ?? ""}`.slice(0, 1000);
  expect(response.status, description).toBeGreaterThanOrEqual(200);
  expect(response.status, description).toBeLessThan(500);
  if (response.status >= 400 && request.method !== "HEAD") {
    expect(response.json, description).toEqual({
      code: expect.any(Number),
      message: expect.any(String),
      more_info: expect.any(String),
      status: response.status,
    });
  }
  return response;
}

const login = () => ({
  authorization: authorizationOf(twilio.emulator),
  "content-type": "application/x-www-form-urlencoded",
});

describe("the emulator never fails on random", () => {
  it("paths", async () => {
    const host = fc.constantFrom("conversations", "api", "messaging", "pricing", "nothing");
    const path = fc.array(fc.oneof(segments, sid, anyText.map(encodeURIComponent)), { maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(host, path, method, fields, async (product, parts, verb, pairs) => {
        const form = new URLSearchParams(pairs).toString();
        const url = `/${product}.twilio.com/${parts.join("/")}`;
        await sendValid({
          method: verb,
          path: verb === "POST" ? url : `${url}?${form}`,
          headers: login(),
          ...(verb === "POST" ? { body: form } : {}),
        });
      }),
      { numRuns: 400 },
    );
  });

  it("parameters", async () => {
    const conversation = await twilio.conversations.conversations.create();
    const participant = await twilio.conversations.conversations(conversation.sid).participants.create({ identity: "alice" });
    const message = await twilio.conversations.conversations(conversation.sid).messages.create({ body: "x" });
    const number = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: "+14155550100" });
    const account = `/api.twilio.com/2010-04-01/Accounts/${twilio.emulator.accountSid}`;
    const root = "/conversations.twilio.com/v1";
    const paths = [
      ...["Configuration", "Services", "Conversations", "ConversationWithParticipants", "Users", "Roles", "ParticipantConversations"].map(
        (name) => `${root}/${name}`,
      ),
      `${root}/Conversations/${conversation.sid}`,
      `${root}/Conversations/${conversation.sid}/Participants`,
      `${root}/Conversations/${conversation.sid}/Participants/${participant.sid}`,
      `${root}/Conversations/${conversation.sid}/Messages`,
      `${root}/Conversations/${conversation.sid}/Messages/${message.sid}`,
      `${root}/Conversations/${conversation.sid}/Webhooks`,
      `${root}/Configuration/Webhooks`,
      `${root}/Configuration/Addresses`,
      `${root}/Users/alice`,
      `${root}/Users/alice/Conversations/${conversation.sid}`,
      `${account}/IncomingPhoneNumbers.json`,
      `${account}/IncomingPhoneNumbers/${number.sid}.json`,
      `${account}/AvailablePhoneNumbers/US/Local.json`,
      `${account}/Messages.json`,
      `${account}/Keys.json`,
      "/messaging.twilio.com/v1/Services",
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.constantFrom("GET", "POST"), fields, async (path, verb, pairs) => {
        const form = new URLSearchParams(pairs).toString();
        await sendValid({
          method: verb,
          path: verb === "POST" ? path : `${path}?${form}`,
          headers: login(),
          ...(verb === "POST" ? { body: form } : {}),
        });
      }),
      { numRuns: 600 },
    );
  });

  it("encodings", async () => {
    const path = "/conversations.twilio.com/v1/Conversations";
    const form = "application/x-www-form-urlencoded";
    const type = fc.constantFrom(
      ...[form, `${form}; charset=utf-16`, `${form}; charset=`, `${form};;`, form.toUpperCase(), "application/json", "text/plain", ""],
      ...["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary=", "\u00ff"],
    );
    const coding = fc.constantFrom(undefined, "gzip", "deflate", "br", "identity", "x, y");
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom('{"identity":"\\ud800"}', "\ud800", "FriendlyName=x"),
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
      text.map((plain) => gzipSync(`FriendlyName=${plain}`)),
      text.map((plain) => Buffer.from(`FriendlyName=${plain}`, "utf16le")),
      text.map((plain) => Buffer.from(`--x\r\nContent-Disposition: form-data; name="FriendlyName"\r\n\r\n${plain}\r\n--x--\r\n`)),
      fc.constantFrom(
        "FriendlyName=%",
        "FriendlyName=%u0041&%=%",
        "=&&==&",
        "FriendlyName=%ed%a0%80&UniqueName=%ff",
        "\u0000",
        "a".repeat(70_000),
      ),
      fc.constant(`${"FriendlyName=x&".repeat(4000)}Attributes=%7B%7D&`.repeat(3)),
    );
    await fc.assert(
      fc.asyncProperty(type, coding, body, async (contentType, contentEncoding, bytes) => {
        const headers = { ...login(), "content-type": contentType, ...(contentEncoding ? { "content-encoding": contentEncoding } : {}) };
        await sendValid({ method: "POST", path, headers, body: bytes });
        // The stored values can be listed.
        await sendValid({ method: "GET", path: `${path}?PageSize=5`, headers: login() });
      }),
      { numRuns: 150 },
    );
  });

  it("deeply nested or repetitive values", async () => {
    const root = "/conversations.twilio.com/v1";
    const numbers = `/api.twilio.com/2010-04-01/Accounts/${twilio.emulator.accountSid}`;
    await twilio.api.incomingPhoneNumbers.create({ phoneNumber: "+14155550100" });
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const post = (path: string, pairs: Record<string, string>) =>
      sendValid({ method: "POST", path, headers: login(), body: new URLSearchParams(pairs).toString() });
    await post(`${root}/Conversations`, { Attributes: deep });
    await post(`${root}/ConversationWithParticipants`, { Participant: deep });
    await post(`${root}/ConversationWithParticipants`, { Participant: `{"identity":"a","attributes":{"a":${deep}}}` });
    for (const wildcards of ["%".repeat(15), "%*".repeat(7), "%".repeat(1000), `${"1%".repeat(7)}`, "%*1".repeat(5)]) {
      const query = encodeURIComponent(`${wildcards}x`);
      for (const path of [`AvailablePhoneNumbers/US/Local.json?Contains=${query}`, `IncomingPhoneNumbers.json?PhoneNumber=${query}$`]) {
        const started = performance.now();
        await sendValid({ method: "GET", path: `${numbers}/${path}`, headers: login() });
        expect(performance.now() - started, path).toBeLessThan(5000);
      }
    }
  });

  it("paging parameters", async () => {
    for (const _ of [1, 2, 3, 4, 5]) await twilio.conversations.conversations.create();
    const sub = await twilio.client.api.v2010.accounts.create({});
    const theirs = connect(twilio.emulator, { user: sub.sid, password: sub.authToken, accountSid: sub.sid });
    const foreign = await theirs.conversations.conversations.create();
    const [role] = await twilio.conversations.roles.list({ limit: 1 });
    const rows = await twilio.conversations.conversations.list();
    const path = "/conversations.twilio.com/v1/Conversations";
    const sid = fc.constantFrom(
      ...rows.map((row) => row.sid),
      foreign.sid,
      role?.sid ?? "",
      "serial",
      "clock-ahead",
      "__proto__",
      "CH",
      "",
    );
    const token = fc.oneof(
      fc.tuple(fc.constantFrom("PA", "PB", "pa", "PC", ""), sid).map((parts) => parts.join("")),
      fc.string({ unit: "binary", maxLength: 30 }),
    );
    const paging = fc.record({ PageToken: token, Page: pageNumber, PageSize: pageNumber }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(paging, async (parameters) => {
        const query = new URLSearchParams(parameters as Record<string, string>).toString();
        const response = await sendValid({ method: "GET", path: `${path}?${query}`, headers: login() });
        if (response.status !== 200) return;
        const { conversations, meta } = response.json as { conversations: { sid: string }[]; meta: Record<string, string | null> };
        const sids = conversations.map((row) => row.sid);
        // The page contains only rows of this list, in its order. All links of the page work.
        expect(
          rows.map((row) => row.sid).filter((sid) => sids.includes(sid)),
          query,
        ).toEqual(sids);
        for (const url of [meta.next_page_url, meta.previous_page_url, meta.first_page_url, meta.url]) {
          if (url) await sendValid({ method: "GET", path: url.replace("https:/", ""), headers: login() });
        }
      }),
      { numRuns: 150 },
    );
  });

  it("body bytes and credentials", async () => {
    const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
    await fc.assert(
      fc.asyncProperty(body, fc.base64String({ maxLength: 60 }), async (bytes, credentials) => {
        await sendValid({ method: "POST", path: "/conversations.twilio.com/v1/Conversations", headers: login(), body: bytes });
        await sendValid({
          method: "GET",
          path: "/conversations.twilio.com/v1/Services",
          headers: { authorization: `Basic ${credentials}` },
        });
        const control = await send(twilio.emulator.url, { method: "POST", path: "/_emulator/inbound", body: bytes });
        expect(control.status).toBe(400);
      }),
      { numRuns: 100 },
    );
    expect(await twilio.control.ok("GET", "health")).toMatchObject({ status: "ok" });
  });
});
