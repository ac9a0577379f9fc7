import { conversationServiceWebhookConfiguration } from "../../src/conversations/service-webhook-configuration";
import { conversationWebhookConfiguration } from "../../src/conversations/webhook-configuration";
import { ConversationServiceWebhookConfiguration, ConversationWebhookConfiguration } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Body, Subject } from "./subject";

const url = (name: string) => `https://example.com/${name}`;
const sorted = ({ filters }: Body) => (filters as string[] | null) && [...(filters as string[])].sort();

const updates = {
  preWebhookUrl: { values: [url("pre-one"), url("pre-two")] },
  postWebhookUrl: { values: [url("post-one"), url("post-two")] },
  filters: { values: [["onMessageAdded"], ["onConversationAdded"]], read: sorted },
} as const;

const noAccount = `AC${"0".repeat(32)}`;
const ofAccount = ({ client }: EmulatorClient) => client.conversations.v1.configuration.webhooks();

export const webhookConfigurationSubject: Subject = {
  definition: conversationWebhookConfiguration,
  type: "pulumi-nodejs:twilio/conversations:ConversationWebhookConfiguration",
  id: /^AC[0-9a-f]{32}$/,
  missing: {
    id: noAccount,
    error: (accountSid) => `ConversationWebhookConfiguration.get: "${noAccount}" is not an id; write "${accountSid}".`,
  },
  create: (name, args, options) => new ConversationWebhookConfiguration(name, args as never, options),
  get: (name, id, options) => ConversationWebhookConfiguration.get(name, id, options),
  args: () => ({}),
  updates: {
    ...updates,
    method: { values: ["GET", "GET"], isDefaultOtherwise: true },
    target: { values: ["flex", "flex"], isDefaultOtherwise: true },
  },
  replacements: {},
  unsent: { onDelete: { values: ["retain", "restore"] }, adopt: { values: [undefined, noAccount] } },
  drift: {
    property: "postWebhookUrl",
    declared: url("post-two"),
    change: (twilio) => ofAccount(twilio).update({ postWebhookUrl: url("by-hand") }),
  },
  isAbout: (path) => path === "/v1/Configuration/Webhooks",
  fetch: async (twilio) => (await ofAccount(twilio).fetch()).toJSON(),
  list: async ({ accountSid }) => [accountSid],
  kept: /^ConversationWebhookConfiguration AC[0-9a-f]{32} cannot be deleted; it has its former values again: /,
};

const noService = `IS${"0".repeat(32)}`;
const ofService = ({ client }: EmulatorClient, id: string) => client.conversations.v1.services(id).configuration.webhooks();

export const serviceWebhookConfigurationSubject: Subject = {
  definition: conversationServiceWebhookConfiguration,
  type: "pulumi-nodejs:twilio/conversations:ConversationServiceWebhookConfiguration",
  id: /^IS[0-9a-f]{32}$/,
  missing: { id: noService },
  create: (name, args, options) => new ConversationServiceWebhookConfiguration(name, args as never, options),
  get: (name, id, options) => ConversationServiceWebhookConfiguration.get(name, id, options),
  args: ({ settings: { service } }) => ({ service }),
  updates: { ...updates, method: { values: ["GET", "POST"], stays: true } },
  replacements: {},
  unsent: { onDelete: { values: ["retain", "restore"] }, adopt: { values: [undefined, noService] } },
  drift: {
    property: "filters",
    declared: ["onConversationAdded"],
    change: (twilio, id) => ofService(twilio, id).update({ filters: ["onUserAdded"] }),
  },
  isAbout: (path, id) => path === `/v1/Services/${id}/Configuration/Webhooks`,
  idBefore: ({ settings: { service } }) => service,
  fetch: async (twilio, id) => (await fetchOrUndefined(ofService(twilio, id).fetch()))?.toJSON(),
  list: async () => [noService],
  kept: /^ConversationServiceWebhookConfiguration IS[0-9a-f]{32} cannot be deleted; it has its former values again: .*method \(not set before; Twilio cannot clear "GET"\)/,
};
