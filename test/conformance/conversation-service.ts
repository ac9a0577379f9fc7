import { conversationService } from "../../src/conversations/service";
import { ConversationService } from "../../src/index";
import { fetchOrUndefined } from "../engine/twilio";
import type { Subject } from "./subject";

const missing = `IS${"0".repeat(32)}`;

export const conversationServiceSubject: Subject = {
  definition: conversationService,
  type: "pulumi-nodejs:twilio/conversations:ConversationService",
  id: /^IS[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new ConversationService(name, args as never, options),
  get: (name, id, options) => ConversationService.get(name, id, options),
  args: (_fixture, name) => ({ friendlyName: name }),
  updates: {},
  replacements: {
    friendlyName: () => [{ friendlyName: "Support" }, { friendlyName: "Help" }],
  },
  unsent: {
    forceDestroy: { values: [undefined, true] },
    onDelete: { values: ["retain", "delete"] },
    adopt: { values: [undefined, missing] },
  },
  fetch: async ({ client }, id) => (await fetchOrUndefined(client.conversations.v1.services(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.conversations.v1.services(id).remove(),
  list: async ({ client }) => (await client.conversations.v1.services.list()).map(({ sid }) => sid),
};
