import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localTwilio } from "./support/emulator";
import { send } from "./support/http";

const local = localTwilio();

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
);
const fields = fc.array(fc.tuple(fc.oneof(names, anyText), anyText), { maxLength: 6 });
const method = fc.constantFrom("GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS");

/** Neither a crash nor a server error, and always an answer in Twilio's form. */
async function isSound(request: { method: string; path: string; headers: Record<string, string>; body?: string }): Promise<void> {
  const answer = await send(local.emulator.url, request);
  const what = `${request.method} ${request.path} ${request.body ?? ""}`;
  expect(answer.status, what).toBeGreaterThanOrEqual(200);
  expect(answer.status, what).toBeLessThan(500);
  if (answer.status >= 400 && request.method !== "HEAD") {
    expect(answer.json, what).toEqual({
      code: expect.any(Number),
      message: expect.any(String),
      more_info: expect.any(String),
      status: answer.status,
    });
  }
}

const login = () => ({
  authorization: `Basic ${Buffer.from(`${local.emulator.accountSid}:${local.emulator.authToken}`).toString("base64")}`,
  "content-type": "application/x-www-form-urlencoded",
});

describe("requests that make no sense", () => {
  it("never break anything, whatever their path", async () => {
    const host = fc.constantFrom("conversations", "api", "messaging", "pricing", "nothing");
    const path = fc.array(fc.oneof(segments, sid, anyText.map(encodeURIComponent)), { maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(host, path, method, fields, async (product, parts, verb, pairs) => {
        const form = new URLSearchParams(pairs).toString();
        const url = `/${product}.twilio.com/${parts.join("/")}`;
        await isSound({
          method: verb,
          path: verb === "POST" ? url : `${url}?${form}`,
          headers: login(),
          ...(verb === "POST" ? { body: form } : {}),
        });
      }),
      { numRuns: 400 },
    );
  });

  it("never break anything, whatever their parameters", async () => {
    const conversation = await local.conversations.conversations.create();
    const participant = await local.conversations.conversations(conversation.sid).participants.create({ identity: "alice" });
    const message = await local.conversations.conversations(conversation.sid).messages.create({ body: "x" });
    const number = await local.api.incomingPhoneNumbers.create({ phoneNumber: "+14155550100" });
    const account = `/api.twilio.com/2010-04-01/Accounts/${local.emulator.accountSid}`;
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
        await isSound({
          method: verb,
          path: verb === "POST" ? path : `${path}?${form}`,
          headers: login(),
          ...(verb === "POST" ? { body: form } : {}),
        });
      }),
      { numRuns: 600 },
    );
  });

  it("never break anything, whatever their bytes", async () => {
    const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
    await fc.assert(
      fc.asyncProperty(body, fc.base64String({ maxLength: 60 }), async (bytes, credentials) => {
        await isSound({ method: "POST", path: "/conversations.twilio.com/v1/Conversations", headers: login(), body: bytes });
        await isSound({ method: "GET", path: "/conversations.twilio.com/v1/Services", headers: { authorization: `Basic ${credentials}` } });
        const control = await send(local.emulator.url, { method: "POST", path: "/_emulator/inbound", body: bytes });
        expect(control.status).toBe(400);
      }),
      { numRuns: 100 },
    );
    expect(await local.control.ok("GET", "health")).toMatchObject({ status: "ok" });
  });
});
