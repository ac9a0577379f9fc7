import { describe, expect, it } from "vitest";
import { PRODUCTS, routesOf } from "../../src/emulator/catalog";
import type { CallCount } from "../../src/emulator/control/calls";
import { authorizationOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { send } from "./support/http";
import { RawSdk } from "./support/raw-sdk";
import { tokenFor } from "./support/sdk";

const twilio = useEmulator();

/** Where an account's objects begin. Everything else is found by links, or by the SIDs of listed objects. */
const roots = (account: string) => [
  "https://conversations.twilio.com/v1/Services?PageSize=1",
  "https://conversations.twilio.com/v1/Conversations?PageSize=1",
  "https://conversations.twilio.com/v1/Configuration",
  "https://conversations.twilio.com/v1/Conversations/Webhooks",
  "https://conversations.twilio.com/v1/Configuration/Addresses",
  "https://conversations.twilio.com/v1/Credentials",
  "https://conversations.twilio.com/v1/Roles?PageSize=1",
  "https://conversations.twilio.com/v1/Users",
  "https://conversations.twilio.com/v1/ParticipantConversations?Identity=alice",
  "https://messaging.twilio.com/v1/Services?PageSize=1",
  "https://messaging.twilio.com/v1/Services/Usecases",
  "https://messaging.twilio.com/v2/Channels/Senders?Channel=rcs",
  "https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations?PageSize=1",
  ...["v1/PhoneNumbers", "v1/Messaging", "v1/Voice", "v2/Voice", "v2/Trunking"].map(
    (kind) => `https://pricing.twilio.com/${kind}/Countries?PageSize=3`,
  ),
  ...["v1/Voice", "v2/Voice", "v2/Trunking"].map((kind) => `https://pricing.twilio.com/${kind}/Numbers/+447700900123`),
  `https://iam.twilio.com/v1/Keys?AccountSid=${account}`,
  "https://api.twilio.com/2010-04-01/Accounts.json?PageSize=1",
  `https://api.twilio.com/2010-04-01/Accounts/${account}/IncomingPhoneNumbers/Local.json?PageSize=1`,
  ...["SMS/ShortCodes", "Usage/Triggers", "Usage/Records"].map(
    (path) => `https://api.twilio.com/2010-04-01/Accounts/${account}/${path}.json`,
  ),
];

/** Paths that no link leads to, with the reason. */
const NOT_LINKED: Record<string, string> = {
  "/IncomingPhoneNumbers/Mobile.json": "a list by type",
  "/IncomingPhoneNumbers/TollFree.json": "a list by type",
  "/v1/Keys/{Sid}": "a key has no link",
  "/Notifications/{Sid}.json": "there is none",
  "/AssignedAddOns.json": "a number has no link to it",
  "/AssignedAddOns/{Sid}.json": "there is none",
  "/Extensions.json": "there is no add-on",
  "/Extensions/{Sid}.json": "there is no add-on",
  "/Media/{MediaSid}": "the content, which has the path of the object without its suffix",
  "/Compliance/Usa2p/{Sid}": "there is no campaign",
  "Keys/{KeySid}.json": "a key has no link",
  "/DependentPhoneNumbers.json": "an address has no link to it",
};

/** Links that lead to an error of a served path, as at Twilio. */
const EXPECTED: [path: RegExp, status: number, reason: string][] = [
  [/\/ConversationWithParticipants$/, 405, "accepts only POST"],
  [/\/Feedback\.json$/, 405, "accepts only POST"],
  [/\/ParticipantConversations$/, 400, "needs an identity or an address"],
  [/\/Export$/, 501, "Twilio publishes the link, but not what is there"],
  [/\/ChannelMetadata$/, 404, "no message has metadata (50530)"],
  [/\/Regulations\/(individual|business)$/, 404, "Twilio's own example has this URL of a requirement"],
];

/** Creates one object of each kind, two where a page should have a next page. */
async function createObjects(): Promise<void> {
  const { conversations, api, client, control } = twilio;
  const numbers = [await buyNumber(twilio), await buyNumber(twilio)];
  const { phoneNumber, sid: numberSid } = numbers[0] as { sid: string; phoneNumber: string };
  for (const { phoneNumber: address } of numbers) await conversations.addressConfigurations.create({ type: "sms", address });
  const { chatServiceSid, sid } = await conversations.conversations.create();
  await conversations.conversations.create();
  for (const service of [conversations, conversations.services(chatServiceSid)]) {
    await service.conversations(sid).webhooks.create({ target: "studio", "configuration.flowSid": `FW${"a".repeat(32)}` });
  }
  const { participants, messages } = conversations.conversations(sid);
  await participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
  await participants.create({ identity: "alice" });
  await messages.create({ author: "alice", body: "hi" });
  const device = await RawSdk.open(twilio.emulator);
  await device.init(tokenFor(twilio.emulator, { identity: "alice", serviceSid: chatServiceSid }));
  await device.call("POST", "/v1/registrations", { channel_type: "fcm", data: { registration_id: "device" } });
  await control.inbound(ALICE, phoneNumber, "hi", { mediaUrl: "https://example.com/a.gif" });
  await client.api.v2010.accounts.create({ friendlyName: "x" });
  await api.applications.create({ friendlyName: "x" });
  await conversations.credentials.create({ type: "fcm", secret: "{}" });
  const text = { customerName: "x", street: "4 Main Street", city: "Berlin", region: "BE", postalCode: "10115", isoCountry: "DE" };
  await api.addresses.create(text);
  await api.validationRequests.create({ phoneNumber: ALICE });
  await api.usage.triggers.create({ callbackUrl: "https://example.com", triggerValue: "10", usageCategory: "sms", recurring: "daily" });
  await api.newKeys.create({ friendlyName: "x" });
  const { services } = client.messaging.v1;
  const service = services((await services.create({ friendlyName: "x" })).sid);
  await service.phoneNumbers.create({ phoneNumberSid: numberSid });
  await service.shortCodes.create({ shortCodeSid: (await api.shortCodes.list())[0]?.sid as string });
  await service.alphaSenders.create({ alphaSender: "Twilio" });
  await service.destinationAlphaSenders.create({ alphaSender: "Twilio", isoCountryCode: "FR" });
  await service.channelSenders.create({ sid: (await client.messaging.v2.channelsSenders.list({ channel: "rcs" }))[0]?.sid as string });
}

/** Every URL in a body: of the object, its links, and the other pages of a list. */
function urlsIn(body: unknown): string[] {
  if (typeof body === "string")
    return /^(https:\/\/\w+\.twilio\.com)?\/(v\d|2010-04-01)\/\S+$/.test(body)
      ? [body]
      : /^https:\/\/\w+\.twilio\.com\/v\d/.test(body)
        ? [body]
        : [];
  return typeof body === "object" && body !== null ? Object.values(body).flatMap(urlsIn) : [];
}

/** Follows all links from the roots. Returns the statuses by URL. */
async function follow(): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  const waiting = roots(twilio.emulator.accountSid);
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    const { host, pathname, search } = new URL(url);
    const id = host + pathname + search;
    if (seen.has(id)) continue;
    const path = `/${id}`;
    const { status, json } = await send(twilio.emulator.url, { path, headers: { Authorization: authorizationOf(twilio.emulator) } });
    seen.set(id, status);
    waiting.push(...urlsIn(json).map((found) => (found.startsWith("/") ? `https://api.twilio.com${found}` : found)));
  }
  return seen;
}

describe("links", () => {
  it("lead to paths that the emulator serves, from every object and page", async () => {
    await createObjects();
    await twilio.control.ok("DELETE", "calls");
    const seen = await follow();
    const { calls } = (await twilio.control.ok("GET", "calls")) as unknown as { calls: CallCount[] };
    const wrong = [...seen].filter(
      ([url, status]) => status >= 400 && !EXPECTED.some(([end, expected]) => status === expected && end.test(url)),
    );
    expect(wrong).toEqual([]);
    expect(calls.filter(({ path }) => path === "{unknown}")).toEqual([]);
    const visited = new Set(calls.map(({ host, path }) => `${host} ${path}`));
    const paths = PRODUCTS.flatMap((product) =>
      routesOf(product).flatMap(({ method, template }) => (method === "GET" ? [`${product}.twilio.com ${template}`] : [])),
    );
    const notVisited = paths.filter((path) => !visited.has(path));
    const notLinked = Object.keys(NOT_LINKED);
    expect(notVisited.filter((path) => !notLinked.some((end) => path.endsWith(end)))).toEqual([]);
    expect(notLinked.filter((end) => !notVisited.some((path) => path.endsWith(end)))).toEqual([]);
  });
});
