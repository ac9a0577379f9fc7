import { conversationWebhook } from "../../src/conversations/webhook";
import { ConversationWebhook, type ConversationWebhookArgs } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import { allConversations } from "./conversation";
import type { ArgsOf, Body, Subject } from "./subject";

/** The object behind an id. */
function at({ client }: EmulatorClient, id: string) {
  const [service, conversation, sid] = id.split("/") as [string, string, string];
  return client.conversations.v1.services(service).conversations(conversation).webhooks(sid);
}

const url = "https://example.com/webhook";
const flow = (digit: number) => `FW${String(digit).repeat(32)}`;
const webhook = { url, filters: ["onMessageAdded"] };
const trigger = { url, triggers: ["HELP"] };
const studio = { flowSid: flow(1) };

/** The arguments of a webhook with this group. */
const withGroup =
  (group: object): ArgsOf =>
  ({ webhookConversation }, name) => ({ conversation: webhookConversation(name), ...group });

const configuration = ({ configuration }: Body) => configuration as Record<string, string & string[]>;
const link = {
  values: ["https://example.com/one", "https://example.com/two"] as const,
  required: true as const,
  read: (body: Body) => configuration(body).url,
};
// Twilio returns the method in lower case.
const method = {
  values: ["GET", "POST"] as const,
  read: (body: Body) => configuration(body).method?.toUpperCase(),
  unset: "POST",
};
const replayAfter = (index: number) => ({
  values: [index, index + 1] as const,
  sentAtCreation: ["Configuration.ReplayAfter", String(index)] as const,
});
/** Twilio does not keep the order. */
const sorted = (values: readonly string[] | undefined) => [...(values ?? [])].sort();

export const conversationWebhookSubject: Subject = {
  definition: conversationWebhook,
  type: "pulumi-nodejs:twilio/conversations:ConversationWebhook",
  id: /^IS[0-9a-f]{32}\/CH[0-9a-f]{32}\/WH[0-9a-f]{32}$/,
  deletesFirst: true,
  missing: { id: `IS${"0".repeat(32)}/CH${"0".repeat(32)}/WH${"0".repeat(32)}` },
  create: (name, args, options) => new ConversationWebhook(name, args as unknown as ConversationWebhookArgs, options),
  get: (name, id, options) => ConversationWebhook.get(name, id, options),
  args: withGroup({ webhook }),
  updates: {
    "webhook.url": link,
    "webhook.method": method,
    "webhook.filters": {
      values: [["onMessageAdded"], ["onMessageAdded", "onMessageUpdated"]],
      required: true,
      read: (body) => sorted(configuration(body).filters),
    },
    "trigger.url": { ...link, args: withGroup({ trigger }) },
    "trigger.method": { ...method, args: withGroup({ trigger }) },
    "trigger.triggers": {
      values: [["HELP"], ["HELP", "STOP"]],
      args: withGroup({ trigger }),
      required: true,
      read: (body) => sorted(configuration(body).triggers),
    },
    "studio.flowSid": {
      values: [flow(1), flow(2)],
      args: withGroup({ studio }),
      required: true,
      read: (body) => configuration(body).flow_sid,
    },
  },
  replacements: {
    conversation: ({ webhookConversation, otherConversation }, name) => [
      { conversation: webhookConversation(name), webhook },
      { conversation: otherConversation, webhook },
    ],
    webhook: (fixture, name) => [withGroup({ webhook })(fixture, name), withGroup({ trigger })(fixture, name)],
    trigger: (fixture, name) => [withGroup({ trigger })(fixture, name), withGroup({ studio })(fixture, name)],
    studio: (fixture, name) => [withGroup({ studio })(fixture, name), withGroup({ webhook })(fixture, name)],
  },
  unsent: {
    "webhook.replayAfter": replayAfter(0),
    "trigger.replayAfter": { ...replayAfter(10), args: withGroup({ trigger }) },
    "studio.replayAfter": { ...replayAfter(20), args: withGroup({ studio }) },
    onDelete: { values: ["retain", "delete"] },
    adopt: { values: [undefined, `WH${"0".repeat(32)}`] },
  },
  equivalents: {
    "webhook.filters": {
      values: [
        ["onMessageAdded", "onParticipantAdded"],
        ["onParticipantAdded", "onMessageAdded"],
      ],
    },
    "trigger.triggers": {
      values: [
        ["HELP", "STOP"],
        ["STOP", "HELP"],
      ],
      args: withGroup({ trigger }),
    },
  },
  drift: {
    property: "webhook.url",
    declared: "https://example.com/declared",
    change: (twilio, id) => at(twilio, id).update({ "configuration.url": "https://example.com/by-hand" }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  async list(twilio) {
    const { services } = twilio.client.conversations.v1;
    const conversations = await allConversations(twilio);
    const found = conversations.map(({ sid, chatServiceSid }) => services(chatServiceSid).conversations(sid).webhooks.list());
    return (await Promise.all(found)).flat().map(({ sid }) => sid);
  },
};
