/** The conversations of a user: its participants and their conversations. */
import { isoDate } from "../dates";
import type { Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";

import { fetchConversation, timersBody } from "./conversation";
import { type ConversationRecord, conversationTable } from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { messageTable } from "./message";
import { readHorizon } from "./participant";
import { findParticipant, type ParticipantRecord, participantTable, removeParticipant } from "./participant-table";
import type { PathForm } from "./service-path";
import { inUser, type UserRecord } from "./user";

/** A participant of the user, and its conversation. The SID is the participant's. */
export interface UserConversation {
  sid: string;
  seq: number;
  participant: ParticipantRecord;
  conversation: ConversationRecord;
  user: UserRecord;
}

const PARAMETERS = ["NotificationLevel", "LastReadTimestamp", "LastReadMessageIndex"];
/** The SDK has the same limit. */
const MAX_UNREAD = 1000;

export function listUserConversations(scope: Scope, user: UserRecord): UserConversation[] {
  return participantTable
    .in(scope.domain)
    .by.identity(`${user.serviceSid} ${user.identity}`)
    .flatMap((participant) => {
      const conversation = conversationTable.in(scope.domain).get(participant.conversationSid);
      // The API has no state `initializing` here, so such a conversation is not listed.
      if (!conversation || conversation.state === "initializing") return [];
      return [{ sid: participant.sid, seq: participant.seq, participant, conversation, user }];
    });
}

/** Finds it by the SID or the unique name of the conversation. */
export function fetchUserConversation(scope: Scope, user: UserRecord, sidOrName: string): UserConversation {
  const conversation = fetchConversation(scope, user.serviceSid, sidOrName);
  const participant = findParticipant(scope, conversation, user.identity);
  if (!participant || conversation.state === "initializing") throw new NotFound();
  return { sid: participant.sid, seq: participant.seq, participant, conversation, user };
}

export function updateUserConversation(scope: Scope, userConversation: UserConversation, params: Params): UserConversation {
  if (!params.hasAny(PARAMETERS)) throw fail(20161);
  const level = params.text("NotificationLevel");
  if (level !== undefined && level !== "default" && level !== "muted") throw fail(50210);
  const changes = given<ParticipantRecord>({ notificationLevel: level, ...readHorizon(scope, userConversation.conversation, params) });
  const participant = participantTable.update(scope, userConversation.participant, changes);
  scope.domain.announce(scope, "participantUpdated", { participant, previous: userConversation.participant });
  return { ...userConversation, participant };
}

/** The number of unread messages. Null if the user has not read any message. */
export function unread(scope: Scope, { participant, conversation }: UserConversation): number | null {
  const { lastReadIndex } = participant;
  if (lastReadIndex === null) return null;
  const count = messageTable
    .in(scope.domain)
    .by.conversation(conversation.sid)
    .filter((message) => message.index > lastReadIndex).length;
  return Math.min(count, MAX_UNREAD);
}

function userConversationBody(userConversation: UserConversation, scope: Scope, form: PathForm) {
  const { participant, conversation, user } = userConversation;
  const conversationUrl = `${form.root}/Conversations/${conversation.sid}`;
  return {
    account_sid: conversation.accountSid,
    chat_service_sid: conversation.serviceSid,
    conversation_sid: conversation.sid,
    user_sid: user.sid,
    participant_sid: participant.sid,
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    conversation_state: conversation.state,
    timers: timersBody(conversation),
    created_by: conversation.createdBy,
    notification_level: participant.notificationLevel,
    last_read_message_index: participant.lastReadIndex,
    unread_messages_count: unread(scope, userConversation),
    date_created: isoDate(conversation.dateCreated),
    date_updated: isoDate(conversation.dateUpdated),
    url: `${form.root}/Users/${user.sid}/Conversations/${conversation.sid}`,
    links: { participant: `${conversationUrl}/Participants/${participant.sid}`, conversation: conversationUrl },
  };
}

export const userConversationEndpoints: Endpoints = {
  routes: {
    conversations: crudRoutes(inUser, {
      path: "/Conversations",
      id: "ConversationSid",
      key: "conversations",
      maxPageSize: 50,
      list: ({ scope, user }) => listUserConversations(scope, user),
      body: (userConversation, { scope, form }) => userConversationBody(userConversation, scope, form),
      fetch: ({ scope, user }, sid) => fetchUserConversation(scope, user, sid),
      update: (userConversation, { scope, params }) => updateUserConversation(scope, userConversation, params),
      remove: ({ participant }, { scope }) => removeParticipant(scope, participant),
    }),
  },
};
