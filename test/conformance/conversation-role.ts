import { conversationRole } from "../../src/conversations/role";
import { ConversationRole, type ConversationRoleArgs } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Body, Subject } from "./subject";

/** The object behind an id. */
function at({ client }: EmulatorClient, id: string) {
  const [service, sid] = id.split("/") as [string, string];
  return client.conversations.v1.services(service).roles(sid);
}

const missing = `RL${"0".repeat(32)}`;
/** Twilio does not keep the order. */
const sorted = ({ permissions }: Body) => [...(permissions as string[])].sort();
const role = { type: "conversation", permissions: ["sendMessage"] };

export const conversationRoleSubject: Subject = {
  definition: conversationRole,
  type: "pulumi-nodejs:twilio/conversations:ConversationRole",
  id: /^IS[0-9a-f]{32}\/RL[0-9a-f]{32}$/,
  missing: { id: `IS${"0".repeat(32)}/${missing}` },
  create: (name, args, options) => new ConversationRole(name, args as unknown as ConversationRoleArgs, options),
  get: (name, id, options) => ConversationRole.get(name, id, options),
  args: ({ service }, name) => ({ service, friendlyName: name, ...role }),
  updates: {
    permissions: {
      values: [["sendMessage"], ["leaveConversation", "sendMessage"]],
      required: true,
      read: sorted,
    },
  },
  replacements: {
    service: ({ service, otherService }, friendlyName) => [
      { service, friendlyName, ...role },
      { service: otherService, friendlyName, ...role },
    ],
    friendlyName: ({ service }) => [
      { service, friendlyName: "agent", ...role },
      { service, friendlyName: "supervisor", ...role },
    ],
    type: ({ service }, friendlyName) => [
      { service, friendlyName, type: "conversation", permissions: ["addParticipant"] },
      { service, friendlyName, type: "service", permissions: ["addParticipant"] },
    ],
  },
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, missing] } },
  equivalents: {
    permissions: {
      values: [
        ["sendMessage", "leaveConversation"],
        ["leaveConversation", "sendMessage"],
      ],
    },
  },
  drift: {
    property: "permissions",
    declared: ["sendMessage"],
    change: (twilio, id) => at(twilio, id).update({ permission: ["sendMessage", "deleteAnyMessage"] }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  async list({ client }) {
    const { services } = client.conversations.v1;
    const found = (await services.list()).map(({ sid }) => services(sid).roles.list());
    const twilios = ["service admin", "service user", "channel admin", "channel user"];
    return (await Promise.all(found)).flat().flatMap(({ sid, friendlyName }) => (twilios.includes(friendlyName) ? [] : [sid]));
  },
};
