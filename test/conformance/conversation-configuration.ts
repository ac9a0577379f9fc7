import { conversationConfiguration } from "../../src/conversations/configuration";
import { ConversationConfiguration } from "../../src/index";
import type { Fixture, Prepared } from "./fixture";
import type { Known, Subject } from "./subject";

const missing = `AC${"0".repeat(32)}`;

export const conversationConfigurationSubject: Subject = {
  definition: conversationConfiguration,
  type: "pulumi-nodejs:twilio/conversations:ConversationConfiguration",
  id: /^AC[0-9a-f]{32}$/,
  // The object always exists, so every other id is a mistake.
  missing: {
    id: missing,
    error: (accountSid) => `ConversationConfiguration.get: "${missing}" is not an id; write "${accountSid}".`,
  },
  create: (name, args, options) => new ConversationConfiguration(name, args as never, options),
  get: (name, id, options) => ConversationConfiguration.get(name, id, options),
  args: () => ({}),
  updates: {
    defaultChatServiceSid: {
      values: [({ service }: Fixture) => service, ({ otherService }: Fixture) => otherService],
      expected: [({ idOf }: Known) => idOf("fixture-service"), ({ idOf }: Known) => idOf("fixture-other-service")],
    },
    defaultMessagingServiceSid: {
      values: [({ defaultMessagingServices: [one] }: Prepared) => one, ({ defaultMessagingServices: [, two] }: Prepared) => two],
    },
    defaultInactiveTimer: { values: ["PT1H", "PT2H"] },
    defaultClosedTimer: { values: ["P1D", "P2D"] },
  },
  replacements: {},
  unsent: { onDelete: { values: ["retain", "restore"] }, adopt: { values: [undefined, missing] } },
  drift: {
    property: "defaultInactiveTimer",
    declared: "PT2H",
    change: ({ client }) => client.conversations.v1.configuration().update({ defaultInactiveTimer: "PT3H" }),
  },
  isAbout: (path) => path === "/v1/Configuration",
  fetch: async ({ client }) => (await client.conversations.v1.configuration().fetch()).toJSON(),
  list: async ({ accountSid }) => [accountSid],
  kept: /^ConversationConfiguration AC[0-9a-f]{32} cannot be deleted; it has its former values again: /,
};
