import { userConversation } from "../../src/conversations/user-conversation";
import { UserConversation } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Prepared } from "./fixture";
import type { Subject } from "./subject";

/** The service of an id, and the settings behind it. */
function at({ client }: EmulatorClient, id: string) {
  const [serviceSid, user, conversation] = id.split("/") as [string, string, string];
  const service = client.conversations.v1.services(serviceSid);
  return { service, settings: service.users(user).userConversations(conversation) };
}

const pathOf = (id: string) => id.replace(/^(IS\w+)\/(US\w+)\/(CH\w+)$/, "/v1/Services/$1/Users/$2/Conversations/$3");
const idOf = ({ settings: { membership } }: Prepared) => `${membership.user}/${membership.conversation.split("/")[1]}`;
const missing = ["IS", "US", "CH"].map((prefix) => prefix + "0".repeat(32)).join("/");

export const userConversationSubject: Subject = {
  definition: userConversation,
  type: "pulumi-nodejs:twilio/conversations:UserConversation",
  id: /^IS[0-9a-f]{32}\/US[0-9a-f]{32}\/CH[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new UserConversation(name, args as never, options),
  get: (name, id, options) => UserConversation.get(name, id, options),
  args: ({ settings: { membership } }) => membership,
  updates: {
    notificationLevel: { values: ["muted", "muted"], isDefaultOtherwise: true },
    lastReadMessageIndex: { values: [0, 1], isForwardOnly: true, stays: true },
    lastReadTimestamp: { values: ["2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z"], stays: true },
  },
  replacements: {},
  unsent: { onDelete: { values: ["retain", "restore"] }, adopt: { values: [undefined, missing] } },
  drift: {
    property: "notificationLevel",
    declared: "muted",
    change: (twilio, id) => at(twilio, id).settings.update({ notificationLevel: "default" }),
  },
  isAbout: (path, id) => path === pathOf(id),
  idBefore: idOf,
  async fetch(twilio, id) {
    const { service, settings } = at(twilio, id);
    const found = await fetchOrUndefined(settings.fetch());
    if (!found) return undefined;
    const { lastReadTimestamp } = await service.conversations(found.conversationSid).participants(found.participantSid).fetch();
    // It follows from what is read, which destroy leaves.
    return { ...found.toJSON(), unreadMessagesCount: undefined, lastReadTimestamp };
  },
  list: async () => [missing],
  kept: /^UserConversation IS\w+\/US\w+\/CH\w+ cannot be deleted; it has its former values again: lastReadMessageIndex .* lastReadTimestamp \(as declared\)/,
};
