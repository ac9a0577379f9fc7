import { conversationMessage } from "../../src/conversations/conversation-message";
import { ConversationMessage } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import { allConversations } from "./conversation";
import type { Body, Subject } from "./subject";

/** The object behind an id. */
function at({ client }: EmulatorClient, id: string) {
  const [service, conversation, sid] = id.split("/") as [string, string, string];
  return client.conversations.v1.services(service).conversations(conversation).messages(sid);
}

const none = (prefix: string) => `${prefix}${"0".repeat(32)}`;

/** The attributes without the ownership mark. */
function withoutMark({ attributes }: Body) {
  const { pulumi, ...rest } = JSON.parse(String(attributes));
  return { isMarked: typeof pulumi === "string", rest };
}

export const conversationMessageSubject: Subject = {
  definition: conversationMessage,
  type: "pulumi-nodejs:twilio/conversations:ConversationMessage",
  id: /^IS[0-9a-f]{32}\/CH[0-9a-f]{32}\/IM[0-9a-f]{32}$/,
  missing: { id: [none("IS"), none("CH"), none("IM")].join("/") },
  create: (name, args, options) => new ConversationMessage(name, args as never, options),
  get: (name, id, options) => ConversationMessage.get(name, id, options),
  args: ({ conversation }, name) => ({ conversation, body: name }),
  updates: {
    body: {
      values: ["before", "after"],
      args: ({ conversation }) => ({ conversation }),
      required: true,
    },
    author: { values: ["ada", "bob"], stays: true },
    attributes: {
      values: [{ kind: "notice" }, { kind: "greeting" }],
      read: withoutMark,
      expected: [
        { isMarked: true, rest: { kind: "notice" } },
        { isMarked: true, rest: { kind: "greeting" } },
      ],
      unset: { isMarked: true, rest: {} },
    },
  },
  replacements: {
    conversation: ({ conversation, otherConversation }, body) => [
      { conversation, body },
      { conversation: otherConversation, body },
    ],
  },
  unsent: {
    mediaSid: { values: [undefined, none("ME")] },
    contentSid: { values: [none("HX"), `HX${"1".repeat(32)}`], args: ({ conversation }) => ({ conversation }) },
    contentVariables: {
      values: [{ 1: "Ada" }, { 1: "Bob" }],
      args: ({ conversation }) => ({ conversation, contentSid: none("HX") }),
      sentAtCreation: ["ContentVariables", '{"1":"Ada"}'],
    },
    ownerMark: { values: ["attributes", "none-may-duplicate"] },
    onDelete: { values: ["retain", "delete"] },
    adopt: { values: [undefined, none("IM")] },
  },
  drift: {
    property: "body",
    declared: "Declared",
    change: (twilio, id) => at(twilio, id).update({ body: "By hand" }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  async list(twilio) {
    const { services } = twilio.client.conversations.v1;
    const conversations = await allConversations(twilio);
    const found = conversations.map(({ sid, chatServiceSid }) => services(chatServiceSid).conversations(sid).messages.list());
    return (await Promise.all(found)).flat().map(({ sid }) => sid);
  },
};
