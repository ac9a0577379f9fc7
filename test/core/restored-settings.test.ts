import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import type { Definition } from "../../src/core/lifecycle/definition";
import { get, type Props } from "../../src/core/lifecycle/props";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { TestTwilio } from "../support/test-twilio";
import { wholeAccount, withoutTraces } from "../support/whole-account";

let twilio: TestTwilio;
let account: EmulatorClient;
beforeAll(async () => {
  twilio = await TestTwilio.open();
  account = emulatorClient(twilio.emulator);
});
beforeEach(() => twilio.reset());
afterAll(() => twilio.close());

/** Other values than Twilio's for a group of settings, and what a program declares instead of each. */
interface Settings {
  readonly set: (service: string) => Promise<unknown>;
  readonly declared: (service: string) => Promise<Props>;
}

const link = (name: string) => `https://example.com/${name}`;
const v1 = () => account.client.conversations.v1;
const newRole = async (service: string, type: "conversation" | "service") =>
  (
    await v1()
      .services(service)
      .roles.create({ friendlyName: `for ${type}`, type, permission: ["leaveConversation"] })
  ).sid;
const newMessagingService = async () => (await account.client.messaging.v1.services.create({ friendlyName: "Texts" })).sid;
const webhooks = (name: string) => ({ preWebhookUrl: link(`${name}-pre`), postWebhookUrl: link(`${name}-post`) });
const notice = (text: string) => ({ enabled: text === "former", template: text, sound: text });

const kinds: Record<string, Settings> = {
  ConversationConfiguration: {
    set: async (service) =>
      v1()
        .configuration()
        .update({
          defaultChatServiceSid: service,
          defaultMessagingServiceSid: await newMessagingService(),
          defaultInactiveTimer: "PT2H",
          defaultClosedTimer: "P3D",
        }),
    declared: async () => ({
      defaultChatServiceSid: (await v1().services.create({ friendlyName: "Other" })).sid,
      defaultMessagingServiceSid: await newMessagingService(),
      defaultInactiveTimer: "PT1H",
      defaultClosedTimer: "P1D",
    }),
  },
  ConversationWebhookConfiguration: {
    set: () =>
      v1()
        .configuration.webhooks()
        .update({ ...webhooks("former"), filters: ["onMessageAdd"], method: "GET", target: "flex" }),
    declared: async () => ({ ...webhooks("ours"), filters: ["onMessageAdded"], method: "POST", target: "webhook" }),
  },
  ConversationServiceWebhookConfiguration: {
    set: (service) =>
      v1()
        .services(service)
        .configuration.webhooks()
        .update({ ...webhooks("former"), filters: ["onUserAdded"], method: "GET" }),
    declared: async (service) => ({ service, ...webhooks("ours"), filters: ["onMessageAdded"], method: "POST" }),
  },
  ConversationServiceConfiguration: {
    set: async (service) =>
      v1()
        .services(service)
        .configuration()
        .update({
          defaultConversationRoleSid: await newRole(service, "conversation"),
          defaultConversationCreatorRoleSid: await newRole(service, "conversation"),
          defaultChatServiceRoleSid: await newRole(service, "service"),
          reachabilityEnabled: true,
        }),
    declared: async (service) => ({
      service,
      defaultConversationRoleSid: await newRole(service, "conversation"),
      defaultConversationCreatorRoleSid: await newRole(service, "conversation"),
      defaultChatServiceRoleSid: await newRole(service, "service"),
      reachabilityEnabled: false,
    }),
  },
  ConversationServiceNotification: {
    set: (service) =>
      v1()
        .services(service)
        .configuration.notifications()
        .update({
          logEnabled: true,
          ...Object.fromEntries(
            ["newMessage", "addedToConversation", "removedFromConversation"].flatMap((group) =>
              Object.entries(notice("former")).map(([key, value]) => [`${group}.${key}`, value]),
            ),
          ),
          "newMessage.badgeCountEnabled": true,
          "newMessage.withMedia.enabled": true,
          "newMessage.withMedia.template": "former",
        }),
    declared: async (service) => ({
      service,
      logEnabled: false,
      newMessage: { ...notice("ours"), badgeCountEnabled: false, withMedia: { enabled: false, template: "ours" } },
      addedToConversation: notice("ours"),
      removedFromConversation: notice("ours"),
    }),
  },
  UserConversation: {
    set: async (service) => {
      const { conversations, users } = v1().services(service);
      const { sid } = await conversations.create({ uniqueName: "room" });
      await conversations(sid).participants.create({ identity: "ada" });
      await users("ada").userConversations(sid).update({ notificationLevel: "muted" });
    },
    declared: async (service) => {
      const { conversations, users } = v1().services(service);
      const [user, room] = await Promise.all([users("ada").fetch(), conversations("room").fetch()]);
      return { user: `${service}/${user.sid}`, conversation: `${service}/${room.sid}`, notificationLevel: "default" };
    },
  },
};

/** What Twilio does not take back: destroy leaves it, which the tests of the kind cover. */
const final: Record<string, readonly string[]> = { UserConversation: ["lastReadMessageIndex", "lastReadTimestamp"] };
const singletons = catalog.filter(({ singleton }) => singleton);

it("every kind of settings is tested here", () => {
  expect(Object.keys(kinds).sort()).toEqual(singletons.map(resourceName).sort());
});

it.each(singletons.map((definition): [string, Definition] => [resourceName(definition), definition]))(
  "%s: a program that no longer declares a value, and destroy, restore the values that somebody had set",
  async (kind, definition) => {
    const { set, declared } = kinds[kind] as Settings;
    const { sid } = await v1().services.create({ friendlyName: "Support" });
    await set(sid);
    const args = await declared(sid);
    const settable = Object.keys(definition.fields).filter((property) => !definition.fields[property]?.local);
    expect(settable.filter((property) => get(args, property) === undefined)).toEqual(final[kind] ?? []);
    const parents = Object.fromEntries(Object.entries(args).filter(([property]) => definition.fields[property]?.parent));
    const before = withoutTraces(await wholeAccount(account));
    const engine = twilio.engine();
    const program = (one: Props) => [{ name: "it", definition, args: one }];

    await engine.up(program(args));
    expect(withoutTraces(await wholeAccount(account))).not.toEqual(before);
    await engine.up(program(parents));
    expect(withoutTraces(await wholeAccount(account))).toEqual(before);
    await engine.up(program(args));
    await engine.destroy();
    expect(withoutTraces(await wholeAccount(account))).toEqual(before);
  },
);
