/** An object of each kind of the catalog, for the test of its look-up. */
import { expect } from "vitest";
import { type Args, conversations, type LookUps, pathOf, sidOf } from "../support/look-ups";
import type { Fixture } from "../support/test-twilio";

/** An object of a kind: how somebody creates it, by what it is found, and what is then known of it. */
export interface Kind {
  /** Creates it and returns its id. */
  create(fixture: Fixture, tests: LookUps): Promise<string>;
  /** The ways to find it, from its id. */
  ways(id: string, fixture: Fixture): Args[];
  readonly expected: Args;
}

const inService = (id: string, args: Args) => ({ service: id.split("/")[0], ...args });

/** Every kind of the catalog, or the reason why nobody looks it up. */
export const kinds: Record<string, Kind | string> = {
  ConversationService: {
    create: (_fixture, { post }) => post("/v1/Services", { FriendlyName: "Support" }),
    ways: (sid) => [{ sid }, { friendlyName: "Support" }],
    expected: { friendlyName: "Support", configuration: { defaultConversationRoleSid: expect.stringMatching(/^RL/) } },
  },
  Conversation: {
    create: async ({ service }, { post }) =>
      `${service}/${await post(conversations(service), { UniqueName: "front desk", Attributes: '{"a":{"b":1}}', State: "inactive" })}`,
    ways: (id) => [inService(id, { sid: sidOf(id) }), inService(id, { uniqueName: "front desk" })],
    expected: { uniqueName: "front desk", attributes: { a: { b: 1 } }, state: "inactive", chatServiceSid: expect.stringMatching(/^IS/) },
  },
  Participant: {
    create: async ({ conversation, numbers }, { post }) => {
      const form = { "MessagingBinding.Address": "+15558675310", "MessagingBinding.ProxyAddress": numbers[0] };
      return `${conversation}/${await post(`${pathOf(conversation)}/Participants`, form)}`;
    },
    ways: (id, { conversation, numbers }) => [
      { conversation, sid: sidOf(id) },
      { conversation, sms: { address: "+15558675310", proxyAddress: numbers[0] } },
      { conversation, sms: { address: "+15558675310" } },
    ],
    expected: {
      sms: { address: "+15558675310", proxyAddress: expect.stringMatching(/^\+1/) },
      conversationSid: expect.stringMatching(/^CH/),
    },
  },
  ConversationWithParticipants: {
    create: async ({ service }, { post, twilio }) => {
      const sid = await post(conversations(service), { UniqueName: "crew" });
      await twilio.rest("POST", "conversations", `${conversations(service)}/${sid}/Participants`, { Identity: "ada" });
      return `${service}/${sid}`;
    },
    ways: (id) => [inService(id, { sid: sidOf(id) }), inService(id, { uniqueName: "crew" })],
    expected: { uniqueName: "crew", participants: [expect.objectContaining({ identity: "ada" })] },
  },
  ConversationMessage: {
    create: async ({ conversation }, { post }) =>
      `${conversation}/${await post(`${pathOf(conversation)}/Messages`, { Body: "Welcome!", Author: "desk" })}`,
    ways: (id, { conversation }) => [{ conversation, sid: sidOf(id) }],
    expected: { body: "Welcome!", author: "desk", index: 0 },
  },
  UserConversation: {
    create: async ({ service, conversation }, { post }) => {
      const user = await post(`/v1/Services/${service}/Users`, { Identity: "ada" });
      await post(`${pathOf(conversation)}/Participants`, { Identity: "ada" });
      await post(`/v1/Services/${service}/Users/${user}/Conversations/${sidOf(conversation)}`, { NotificationLevel: "muted" });
      return `${service}/${user}/${sidOf(conversation)}`;
    },
    ways: (id, { conversation }) => [{ user: id.split("/").slice(0, 2).join("/"), conversation }],
    expected: { notificationLevel: "muted", participantSid: expect.stringMatching(/^MB/) },
  },
  ConversationWebhook: {
    create: async ({ conversation }, { post }) => {
      const form = { Target: "webhook", "Configuration.Url": "https://example.com/", "Configuration.Filters": "onMessageAdded" };
      return `${conversation}/${await post(`${pathOf(conversation)}/Webhooks`, form)}`;
    },
    ways: (id, { conversation }) => [
      { conversation, sid: sidOf(id) },
      { conversation, webhook: { url: "https://example.com/" } },
    ],
    expected: { webhook: { url: "https://example.com/", filters: ["onMessageAdded"] } },
  },
  ConversationRole: {
    create: async ({ service }, { post }) =>
      `${service}/${await post(`/v1/Services/${service}/Roles`, { FriendlyName: "night", Type: "service", Permission: "joinConversation" })}`,
    ways: (id) => [inService(id, { sid: sidOf(id) }), inService(id, { friendlyName: "night" })],
    expected: { friendlyName: "night", type: "service", permissions: ["joinConversation"] },
  },
  ConversationUser: {
    create: async ({ service }, { post }) =>
      `${service}/${await post(`/v1/Services/${service}/Users`, { Identity: "ada/b", FriendlyName: "Ada" })}`,
    ways: (id) => [inService(id, { sid: sidOf(id) }), inService(id, { identity: "ada/b" })],
    expected: { identity: "ada/b", friendlyName: "Ada" },
  },
  AddressConfiguration: {
    create: ({ numbers }, { post }) =>
      post("/v1/Configuration/Addresses", {
        Type: "sms",
        Address: numbers[0],
        "AutoCreation.Type": "default",
        "AutoCreation.Enabled": "true",
      }),
    ways: (sid, { numbers }) => [{ sid }, { address: numbers[0] }],
    expected: { type: "sms", autoCreation: { default: {} }, enabled: true },
  },
  ConversationConfiguration: {
    create: async (_fixture, { post, twilio }) => {
      await post("/v1/Configuration", { DefaultInactiveTimer: "PT1H" });
      return twilio.emulator.accountSid;
    },
    ways: () => [{}],
    expected: { defaultInactiveTimer: "PT1H" },
  },
  ConversationWebhookConfiguration: {
    create: async (_fixture, { post, twilio }) => {
      await post("/v1/Configuration/Webhooks", { PostWebhookUrl: "https://example.com/", Filters: "onMessageAdded" });
      return twilio.emulator.accountSid;
    },
    ways: () => [{}],
    expected: { postWebhookUrl: "https://example.com/", filters: ["onMessageAdded"] },
  },
  ConversationServiceConfiguration: {
    create: async ({ service }, { post }) => {
      await post(`/v1/Services/${service}/Configuration`, { ReachabilityEnabled: "true" });
      return service;
    },
    ways: (service) => [{ service }],
    expected: { reachabilityEnabled: true },
  },
  ConversationServiceWebhookConfiguration: {
    create: async ({ service }, { post }) => {
      await post(`/v1/Services/${service}/Configuration/Webhooks`, { PreWebhookUrl: "https://example.com/" });
      return service;
    },
    ways: (service) => [{ service }],
    expected: { preWebhookUrl: "https://example.com/" },
  },
  ConversationServiceNotification: {
    create: async ({ service }, { post }) => {
      await post(`/v1/Services/${service}/Configuration/Notifications`, { "NewMessage.Sound": "ping" });
      return service;
    },
    ways: (service) => [{ service }],
    expected: { newMessage: { sound: "ping" } },
  },
  MessagingService: {
    create: (_fixture, { post }) => post("/v1/Services", { FriendlyName: "Notices" }, "messaging"),
    ways: (sid) => [{ sid }, { friendlyName: "Notices" }],
    expected: { friendlyName: "Notices", stickySender: true },
  },
  MessagingServiceSender: {
    create: async ({ messagingService }, { post }) =>
      `${messagingService}/${await post(`/v1/Services/${messagingService}/AlphaSenders`, { AlphaSender: "Shop" }, "messaging")}`,
    ways: (id, { messagingService }) => [
      { messagingService, sid: sidOf(id) },
      { messagingService, alphaSender: "Shop" },
    ],
    expected: { alphaSender: "Shop", sender: "Shop" },
  },
  PhoneNumber: {
    create: async ({ numbers }, { twilio }) => {
      const page = await twilio.rest("GET", "api", `${twilio.accountPath()}/IncomingPhoneNumbers.json`);
      return String((page.incoming_phone_numbers as Args[]).find((one) => one.phone_number === numbers[1])?.sid);
    },
    ways: (sid, { numbers }) => [{ sid }, { phoneNumber: numbers[1] }],
    expected: { capabilities: { sms: true }, smsMethod: "POST" },
  },
  Address: {
    create: (_fixture, { post, twilio }) =>
      post(
        `${twilio.accountPath()}/Addresses.json`,
        {
          CustomerName: "Acme",
          Street: "1 Main St",
          City: "Austin",
          Region: "TX",
          PostalCode: "78701",
          IsoCountry: "US",
          FriendlyName: "office",
        },
        "api",
      ),
    ways: (sid) => [{ sid }, { friendlyName: "office" }],
    expected: { friendlyName: "office", customerName: "Acme", isoCountry: "US" },
  },
  PushCredential: {
    create: (_fixture, { post }) =>
      post("/v1/Credentials", { Type: "apn", FriendlyName: "ios", Certificate: "c", PrivateKey: "k", Sandbox: "true" }),
    ways: (sid) => [{ sid }, { friendlyName: "ios" }],
    expected: { friendlyName: "ios", apn: { sandbox: true } },
  },
  Subaccount: {
    create: (_fixture, { post }) => post("/2010-04-01/Accounts.json", { FriendlyName: "Acme" }, "api"),
    ways: (sid) => [{ sid }, { friendlyName: "Acme" }],
    expected: { friendlyName: "Acme", status: "active" },
  },
  TwimlApp: {
    create: (_fixture, { post, twilio }) => post(`${twilio.accountPath()}/Applications.json`, { FriendlyName: "desk" }, "api"),
    ways: (sid) => [{ sid }, { friendlyName: "desk" }],
    expected: { friendlyName: "desk", voiceMethod: "POST" },
  },
  ApiKey: {
    create: (_fixture, { post, twilio }) => post("/v1/Keys", { AccountSid: twilio.emulator.accountSid, FriendlyName: "ci" }, "iam"),
    ways: (sid) => [{ sid }, { friendlyName: "ci" }],
    expected: { friendlyName: "ci" },
  },
};
