/** The SDK's routes for conversations, participants and messages. They check roles; the domain checks everything else. */
import { isoDate } from "../dates";
import { fail } from "../errors";
import { created, noContent, ok, type Reply, type Route } from "../http/router";
import * as conversations from "../resources/conversation";
import { type ConversationRecord, removeConversation } from "../resources/conversation-table";
import { mediaTable } from "../resources/media";
import * as messages from "../resources/message";
import { messageTable } from "../resources/message";
import * as participants from "../resources/participant";
import { findParticipant, participantTable, removeParticipant } from "../resources/participant-table";
import { receiptBody, receiptTable } from "../resources/receipt";
import { type SdkCall, sdkRoute } from "./call";
import { maySeeConversation, permit, permitOwn, requireParticipant } from "./permissions";
import { nameOf } from "./sync/objects";

const ROOT = "https://aim.us1.twilio.com/Client/v2";
/** The service is in the URL's scope, because a token is valid for one service. */
const PLACE = { root: ROOT, hasService: true };

/** The parameters that a user may set. Roles, states and dates are reserved for REST. */
const SETTINGS = ["FriendlyName", "UniqueName", "Attributes"];
const BINDING = ["Identity", "MessagingBinding.Address", "MessagingBinding.ProxyAddress", "Attributes"];
const CONTENT = ["Body", "Subject", "Attributes", "MediaSid", "ContentSid"];

interface ConversationCall extends SdkCall {
  conversation: ConversationRecord;
}
interface MessageCall extends ConversationCall {
  message: messages.MessageRecord;
}

function inConversation(method: Route["method"], template: string, handle: (call: ConversationCall) => Reply): Route<SdkCall> {
  return sdkRoute(method, `/Conversations/{Conversation}${template}`, (call) =>
    handle({ ...call, conversation: visibleConversation(call, call.part("Conversation")) }),
  );
}

/** The conversation with this SID or unique name. Throws if the user may not see it. */
export function visibleConversation(call: SdkCall, sidOrName: string): ConversationRecord {
  const conversation = conversations.fetchConversation(call.scope, call.service.sid, sidOrName);
  if (!maySeeConversation(call, conversation)) throw fail(50430);
  return conversation;
}

/** Declares a route of a message. Only participants have access to messages. */
function inMessage(method: Route["method"], template: string, handle: (call: MessageCall) => Reply): Route<SdkCall> {
  return inConversation(method, `/Messages/{Message}${template}`, (call) => {
    requireParticipant(call, call.conversation);
    return handle({ ...call, message: messages.fetchMessage(call.scope, call.conversation, call.part("Message")) });
  });
}

/** The names of a conversation's Sync objects. */
export function syncNames(conversation: { sid: string }) {
  return {
    conversation: nameOf(conversation, "channel"),
    participants: nameOf(conversation, "roster"),
    messages: nameOf(conversation, "messages"),
  };
}

/** The SDK's representation of a conversation. */
export function descriptionOf(conversation: ConversationRecord) {
  const url = `${ROOT}/Conversations/${conversation.sid}`;
  return {
    sid: conversation.sid,
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    created_by: conversation.createdBy,
    state: conversation.state,
    date_created: isoDate(conversation.dateCreated),
    date_updated: isoDate(conversation.dateUpdated),
    sync_objects: syncNames(conversation),
    url,
    links: { participants: `${url}/Participants`, messages: `${url}/Messages` },
  };
}

const conversationRoutes: Route<SdkCall>[] = [
  sdkRoute("POST", "/Conversations", (call) => {
    permit(call, "createConversation");
    const input = conversations.readConversation(call.scope, call.params.only(SETTINGS));
    return created(descriptionOf(conversations.createConversation(call.scope, call.service, input)));
  }),
  inConversation("GET", "", ({ conversation, ...call }) => {
    const { domain } = call.scope;
    return ok({
      ...descriptionOf(conversation),
      status: findParticipant(call.scope, conversation, call.user.identity) ? "joined" : "notParticipating",
      messages_count: messageTable.in(domain).by.conversation(conversation.sid).length,
      participants_count: participantTable.in(domain).by.conversation(conversation.sid).length,
    });
  }),
  inConversation("POST", "", ({ conversation, ...call }) => {
    if (call.params.hasAny(["FriendlyName", "UniqueName"])) permit(call, "editConversationName", conversation);
    if (call.params.has("Attributes")) permit(call, "editConversationAttributes", conversation);
    return ok(descriptionOf(conversations.updateConversation(call.scope, conversation, call.params.only(SETTINGS))));
  }),
  inConversation("DELETE", "", ({ conversation, ...call }) => {
    permit(call, "deleteConversation", conversation);
    removeConversation(call.scope, conversation);
    return noContent();
  }),
];

const participantRoutes: Route<SdkCall>[] = [
  inConversation("POST", "/Participants", ({ conversation, ...call }) => {
    const input = participants.readParticipant(call.params.only(BINDING));
    if (input.identity === call.user.identity) permit(call, "joinConversation");
    else permit(call, input.identity === undefined ? "addNonChatParticipant" : "addParticipant", conversation);
    return created(participants.participantBody(participants.addParticipant(call.scope, conversation, input), PLACE));
  }),
  inConversation("POST", "/Participants/{Participant}", ({ conversation, ...call }) => {
    const participant = participants.fetchParticipant(call.scope, conversation, call.part("Participant"));
    const isOwn = participant.identity === call.user.identity;
    permitOwn(call, isOwn, ["editOwnParticipantAttributes", "editAnyParticipantAttributes"], conversation);
    return ok(
      participants.participantBody(
        participants.updateParticipant(call.scope, conversation, participant, call.params.only(["Attributes"])),
        PLACE,
      ),
    );
  }),
  inConversation("DELETE", "/Participants/{Participant}", ({ conversation, ...call }) => {
    const participant = participants.fetchParticipant(call.scope, conversation, call.part("Participant"));
    permitOwn(call, participant.identity === call.user.identity, ["leaveConversation", "removeParticipant"], conversation);
    removeParticipant(call.scope, participant);
    return noContent();
  }),
];

const messageRoutes: Route<SdkCall>[] = [
  inConversation("POST", "/Messages", ({ conversation, ...call }) => {
    requireParticipant(call, conversation);
    const input = messages.readMessage(call.scope, conversation, call.params.only(CONTENT));
    permit(call, input.media?.length ? "sendMediaMessage" : "sendMessage", conversation);
    // Deleting a message deletes its media, so a user may attach only their own.
    const isOwn = ({ sid }: { sid: string }) => mediaTable.in(call.scope.domain).get(sid)?.author === call.user.identity;
    if (!input.media?.every(isOwn)) throw fail(50507);
    const { sid, index } = messages.addMessage(call.scope, conversation, { ...input, author: call.user.identity });
    return created({ sid, index });
  }),
  inMessage("POST", "", ({ conversation, message, ...call }) => {
    const isOwn = message.author === call.user.identity;
    if (call.params.has("Body")) permitOwn(call, isOwn, ["editOwnMessage", "editAnyMessage"], conversation);
    if (call.params.has("Attributes")) {
      permitOwn(call, isOwn, ["editOwnMessageAttributes", "editAnyMessageAttributes"], conversation);
    }
    const changes = call.params.only(["Body", "Attributes"]);
    return ok(messages.messageBody(messages.updateMessage(call.scope, conversation, message, changes), call.scope, PLACE));
  }),
  inMessage("DELETE", "", ({ conversation, message, ...call }) => {
    permitOwn(call, message.author === call.user.identity, ["deleteOwnMessage", "deleteAnyMessage"], conversation);
    messages.removeMessage(call.scope, message);
    return noContent();
  }),
  inMessage("GET", "/Receipts", ({ scope, message }) =>
    ok({
      delivery_receipts: receiptTable
        .in(scope.domain)
        .by.message(message.sid)
        .map((receipt) => receiptBody(receipt, PLACE)),
      meta: { previous_token: null, next_token: null },
    }),
  ),
  inMessage("GET", "/ChannelMetadata", () => {
    throw fail(50530);
  }),
  inConversation("GET", "/MessageRecipients", () => ok({ recipients: [] })),
  inMessage("GET", "/Recipients", () => ok({ recipients: [] })),
];

/** All routes of this file. */
export const sdkConversationRoutes = [...conversationRoutes, ...participantRoutes, ...messageRoutes];
