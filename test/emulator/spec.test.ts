import { describe, expect, it } from "vitest";
import { PRODUCTS, routesOf } from "../../src/emulator/catalog";
import type { CallCount } from "../../src/emulator/control/calls";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import {
  callAddresses,
  callMessaging,
  callPricing,
  callPushBindings,
  callPushCredentials,
  callSmsMedia,
  callUsage,
  callWithoutClient,
} from "./support/every-route";
import { send } from "./support/http";
import { publishedOperation, publishedOperations, staleExceptions, violation } from "./support/spec";

const twilio = useEmulator();

const FLOW = `FW${"a".repeat(32)}`;

/** Published operations of the emulator's products that it does not support, by path. */
const NOT_SERVED: Record<string, RegExp[]> = {
  conversations: [],
  api: [
    /\/(AuthorizedConnectApps|Calls|Conferences|ConnectApps|Queues)\b/,
    /\/(Recordings|SIP|Transcriptions)\b/,
    /\/(Events|Siprec|Streams|Payments|UserDefinedMessages|UserDefinedMessageSubscriptions)\b/,
    // One route serves the search for all types of numbers.
    /\/AvailablePhoneNumbers\/\{CountryCode\}\/(MachineToMachine|National|SharedCost|Voip)\.json$/,
  ],
  iam: [/^(?!\/v1\/Keys)/],
  messaging: [
    /^(?!\/v1\/Services\b)/,
    // Campaigns are registered by hand.
    /\/PreregisteredUsa2p$/,
  ],
  numbers: [/^(?!\/v2\/RegulatoryCompliance\/Regulations)/],
  pricing: [],
};

describe("the published API", () => {
  it("has a route in the emulator for every operation in scope", async () => {
    for (const [product, excluded] of Object.entries(NOT_SERVED)) {
      const operations = publishedOperations(product);
      for (const pattern of excluded)
        expect(
          operations.some(({ path }) => pattern.test(path)),
          `stale exclusion ${pattern}`,
        ).toBe(true);
      const inScope = operations.filter(({ path }) => !excluded.some((pattern) => pattern.test(path)));
      expect(inScope.length).toBeGreaterThan(1);
      await twilio.control.ok("DELETE", "calls");
      for (const { method, path } of inScope) {
        const concrete = path.replace(/\{CountryCode\}/g, "US").replace(/\{\w+\}/g, "x");
        await send(twilio.emulator.url, { method, path: `/${product}.twilio.com${concrete}` });
      }
      const { calls, total } = (await twilio.control.ok("GET", "calls")) as unknown as { calls: CallCount[]; total: number };
      expect(total).toBe(inScope.length);
      expect(calls.filter(({ path }) => path === "{unknown}")).toEqual([]);
    }
  });

  it("matches the responses of every route, called with Twilio's client", async () => {
    for (const style of PATH_STYLES) await callConversations(style);
    await callWebhooks();
    await callAccounts();
    await callMessaging(twilio);
    await callWithoutClient(twilio);
    const { calls } = (await twilio.control.ok("GET", "calls")) as unknown as { calls: CallCount[] };
    const called = new Set(calls.map(({ host, method, path }) => `${host} ${method} ${path}`));
    const routes = PRODUCTS.flatMap((product) =>
      routesOf(product).map(({ method, template }) => `${product}.twilio.com ${method} ${template}`),
    );
    const notCalled = routes.filter((route) => !called.has(route));
    expect(notCalled).toEqual([]);
    expect(twilio.http.responses.filter(({ status }) => status >= 300)).toEqual([]);
    expect(withoutResponse("conversations")).toEqual([]);
    expect(staleExceptions()).toEqual([]);
  });

  it("is validated strictly: missing, additional and invalid properties are violations", () => {
    const validate = (body: object) => violation("GET", "conversations", "/v1/Roles/RL1", 200, body);
    const role = {
      sid: `RL${"a".repeat(32)}`,
      account_sid: `AC${"a".repeat(32)}`,
      chat_service_sid: `IS${"a".repeat(32)}`,
      friendly_name: "x",
      type: "service",
      permissions: [],
      date_created: null,
      date_updated: null,
      url: null,
    };
    expect(validate(role)).toBeUndefined();
    const { url: _url, ...incomplete } = role;
    expect(validate(incomplete)).toContain("url");
    expect(validate({ ...role, color: "red" })).toContain("additional");
    expect(validate({ ...role, sid: "RL1" })).toContain("sid");
    expect(validate({ ...role, type: "unknown" })).toContain("type");
    expect(violation("GET", "conversations", "/v1/Nothing", 200, {})).toContain("not in the published API");
    expect(violation("GET", "conversations", "/v1/Roles", 201, {})).toContain("must not return 201");
  });
});

/** The published operations in scope that no recorded response of a client answers. Each response was validated. */
function withoutResponse(product: string): string[] {
  const answered = new Set(twilio.http.responses.map(({ method, path }) => publishedOperation(product, method, path)));
  const inScope = publishedOperations(product).filter(({ path }) => !NOT_SERVED[product]?.some((pattern) => pattern.test(path)));
  return inScope.map(({ method, path }) => `${method} ${path}`).filter((operation) => !answered.has(operation));
}

/** Calls the routes of services, roles, conversations and everything in a conversation. */
async function callConversations(style: (typeof PATH_STYLES)[number]): Promise<void> {
  const { phoneNumber } = await buyNumber(twilio);
  const { scope, sid: serviceSid } = await defaultService(twilio, style);
  const service = twilio.conversations.services(serviceSid);
  await twilio.conversations.configuration().update({ defaultInactiveTimer: "" });
  await service.fetch();
  await twilio.conversations.services.list();
  await service.configuration().update({ reachabilityEnabled: (await service.configuration().fetch()).reachabilityEnabled });
  await twilio.conversations.services((await twilio.conversations.services.create({ friendlyName: "x" })).sid).remove();

  const role = await scope.roles.create({ friendlyName: "x", type: "service", permission: ["joinConversation"] });
  await scope.roles(role.sid).update({ permission: ["createConversation"] });
  await scope.roles(role.sid).fetch();
  await scope.roles.list();
  await scope.roles(role.sid).remove();

  const { sid } = await scope.conversations.create({ state: "active", "timers.inactive": "PT1H" });
  const conversation = scope.conversations(sid);
  await conversation.update({ friendlyName: "x" });
  await conversation.fetch();
  await scope.conversations.list();
  await scope.conversations((await scope.conversationWithParticipants.create({})).sid).remove();
  const together = await scope.conversationWithParticipants.create({ participant: ['{"identity":"zoe"}'] });
  await scope.conversations(together.sid).remove();

  const phone = await conversation.participants.create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber });
  await conversation.participants.create({ "messagingBinding.projectedAddress": phoneNumber });
  await conversation.participants.create({ identity: "alice" });
  await conversation.participants("alice").update({ attributes: "{}" });
  await conversation.participants(phone.sid).fetch();
  await conversation.participants.list();
  const { messageSid } = await twilio.control.inbound(ALICE, phoneNumber, "hi", { mediaUrl: "https://example.com/a.gif" });
  await conversation.messages(String(messageSid)).fetch();
  const message = await conversation.messages.create({ author: "alice", body: "hi" });
  await conversation.messages(message.sid).update({ body: "ho" });
  await conversation.messages.list();
  const [receipt] = await conversation.messages(message.sid).deliveryReceipts.list();
  await conversation
    .messages(message.sid)
    .deliveryReceipts(receipt?.sid ?? "")
    .fetch();
  await conversation.messages(message.sid).remove();

  const webhook = await conversation.webhooks.create({ target: "studio", "configuration.flowSid": FLOW });
  await conversation.webhooks(webhook.sid).update({ "configuration.flowSid": FLOW });
  await conversation.webhooks(webhook.sid).fetch();
  await conversation.webhooks.list();
  await conversation.webhooks(webhook.sid).remove();

  await callUsers(scope, sid);
  await conversation.participants(phone.sid).remove();
  await conversation.remove();
}

/** Calls the routes of users; `sid` is a conversation in which alice participates. */
async function callUsers(scope: typeof twilio.conversations, sid: string): Promise<void> {
  await scope.participantConversations.list({ identity: "alice" });
  await scope.participantConversations.list({ address: ALICE });
  await scope.users.create({ identity: "bob", friendlyName: "Bob" });
  await scope.users("bob").update({ friendlyName: "B" });
  await scope.users("bob").fetch();
  await scope.users.list();
  await scope.users("bob").remove();
  const views = scope.users("alice").userConversations;
  await views.list();
  await views(sid).update({ notificationLevel: "muted" });
  await views(sid).fetch();
  await views(sid).remove();
}

async function callWebhooks(): Promise<void> {
  await twilio.conversations.configuration.webhooks().fetch();
  await twilio.conversations.configuration.webhooks().update({ filters: ["onMessageAdded"] });
  const service = twilio.conversations.services((await twilio.conversations.services.create({ friendlyName: "x" })).sid);
  await service.configuration.webhooks().fetch();
  await service.configuration.webhooks().update({ method: "GET" });
  await service.configuration.notifications().fetch();
  await service.configuration.notifications().update({ "newMessage.enabled": true });
  // No client knows the older path of the account's webhooks.
  for (const method of ["GET", "POST"])
    await send(twilio.emulator.url, { method, path: "/conversations.twilio.com/v1/Conversations/Webhooks" });
  await callPushBindings(twilio, service);
  await service.remove();
  const { phoneNumber } = await buyNumber(twilio);
  const { sid } = await twilio.conversations.addressConfigurations.create({ type: "sms", address: phoneNumber });
  await twilio.conversations.addressConfigurations(sid).update({ friendlyName: "x" });
  await twilio.conversations.addressConfigurations(sid).fetch();
  await twilio.conversations.addressConfigurations.list();
  await twilio.conversations.addressConfigurations(sid).remove();
  await callPushCredentials(twilio);
}

async function callAccounts(): Promise<void> {
  const { accounts } = twilio.client.api.v2010;
  const sub = await accounts.create({ friendlyName: "x" });
  await accounts(sub.sid).update({ friendlyName: "y" });
  await accounts(sub.sid).fetch();
  await accounts.list();
  await twilio.api.balance.fetch();
  const key = await twilio.api.newKeys.create({ friendlyName: "x" });
  await twilio.api.keys(key.sid).update({ friendlyName: "y" });
  await twilio.api.keys(key.sid).fetch();
  await twilio.api.keys.list();
  await twilio.api.keys(key.sid).remove();
  const signing = await twilio.api.newSigningKeys.create({ friendlyName: "x" });
  await twilio.api.signingKeys(signing.sid).update({ friendlyName: "y" });
  await twilio.api.signingKeys(signing.sid).fetch();
  await twilio.api.signingKeys.list();
  await twilio.api.signingKeys(signing.sid).remove();
  const application = await twilio.api.applications.create({ friendlyName: "x" });
  await twilio.api.applications(application.sid).update({ voiceUrl: "https://example.com" });
  await twilio.api.applications(application.sid).fetch();
  await twilio.api.applications.list();
  await twilio.api.applications(application.sid).remove();
  await callUsage(twilio);
  await callIam();
  await twilio.api.availablePhoneNumbers.list();
  await twilio.api.availablePhoneNumbers("GB").fetch();
  const british = twilio.api.availablePhoneNumbers("GB");
  const owned = twilio.api.incomingPhoneNumbers;
  await callAddresses(twilio);
  const { sid: addressSid } = await twilio.api.addresses.create({
    ...{ customerName: "Shop", street: "1 A St", city: "Oakland", region: "CA", postalCode: "94105", isoCountry: "US" },
  });
  const bought = [
    await owned.local.create({ phoneNumber: (await british.local.list({ limit: 1 }))[0]?.phoneNumber ?? "" }),
    await owned.mobile.create({ phoneNumber: (await british.mobile.list({ limit: 1 }))[0]?.phoneNumber ?? "" }),
    await owned.tollFree.create({ phoneNumber: (await british.tollFree.list({ limit: 1 }))[0]?.phoneNumber ?? "", addressSid }),
  ];
  await owned.local.list();
  await owned.mobile.list();
  await owned.tollFree.list();
  for (const number of bought) {
    await twilio.api.incomingPhoneNumbers(number.sid).update({ friendlyName: "x" });
    await twilio.api.incomingPhoneNumbers(number.sid).fetch();
    await twilio.api.incomingPhoneNumbers(number.sid).remove();
  }
  const { phoneNumber } = await buyNumber(twilio);
  const sms = await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "x" });
  await twilio.api.messages(sms.sid).update({ body: "" });
  await twilio.api.messages(sms.sid).fetch();
  await twilio.api.messages.list();
  await callSmsMedia(twilio, phoneNumber);
  await twilio.api.messages(sms.sid).remove();
  await twilio.api.incomingPhoneNumbers.list();
  await callPricing(twilio);
  const { regulations } = twilio.client.numbers.v2.regulatoryCompliance;
  const [regulation] = await regulations.list({ isoCountry: "AU" });
  await regulations(regulation?.sid as string).fetch();
}

async function callIam(): Promise<void> {
  const { newApiKey, getApiKeys, apiKey } = twilio.client.iam.v1;
  const { accountSid } = twilio.emulator;
  const policy = { allow: ["/twilio/messaging/messages/read"] };
  const key = await newApiKey.create({ accountSid, friendlyName: "x", keyType: "restricted", policy });
  await apiKey(key.sid).update({ friendlyName: "y" });
  await apiKey(key.sid).fetch();
  await getApiKeys.list({ accountSid });
  await apiKey(key.sid).remove();
}
