/** A user's view of the conversations it takes part in: the same participants, seen from the user. */
import { isoDate } from "../dates";
import type { Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { changed } from "./checks";
import { type ConversationRecord, fetchConversation, timersBody } from "./conversation";
import { type ParticipantRecord, participantCalled, readHorizon } from "./participant";
import type { Place } from "./place";
import type { UserRecord } from "./user";

/** One membership; its SID is the participant's. */
interface UserConversation {
  sid: string;
  seq: number;
  participant: ParticipantRecord;
  conversation: ConversationRecord;
  user: UserRecord;
}

const PARAMETERS = ["NotificationLevel", "LastReadTimestamp", "LastReadMessageIndex"];
/** The SDK shows no more than that either. */
const MOST_UNREAD = 1000;

export function listUserConversations(at: Scope, user: UserRecord): UserConversation[] {
  return at.domain.find.participantsCalled(`${user.serviceSid} ${user.identity}`).flatMap((participant) => {
    const conversation = at.domain.conversations.get(participant.conversationSid);
    // A conversation still being set up is nobody's yet: the API has no such state here.
    if (!conversation || conversation.state === "initializing") return [];
    return [{ sid: participant.sid, seq: participant.seq, participant, conversation, user }];
  });
}

/** By the conversation's SID or unique name. */
export function fetchUserConversation(at: Scope, user: UserRecord, sidOrName: string): UserConversation {
  const conversation = fetchConversation(at, user.serviceSid, sidOrName);
  const participant = participantCalled(at, conversation, user.identity);
  if (!participant || conversation.state === "initializing") throw new NotFound();
  return { sid: participant.sid, seq: participant.seq, participant, conversation, user };
}

export function updateUserConversation(at: Scope, view: UserConversation, params: Params): UserConversation {
  if (!params.hasAny(PARAMETERS)) throw fail(20161);
  const level = params.text("NotificationLevel");
  if (level !== undefined && level !== "default" && level !== "muted") throw fail(50210);
  const changes = given<ParticipantRecord>({ notificationLevel: level, ...readHorizon(at, view.conversation, params) });
  const participant = at.domain.participants.put(changed(view.participant, changes, at.domain.now()));
  at.domain.announce(at, "participantUpdated", { participant, previous: view.participant });
  return { ...view, participant };
}

/** Unread messages; null as long as the user has not read anything. */
export function unread(at: Scope, { participant, conversation }: UserConversation): number | null {
  const { lastReadIndex } = participant;
  if (lastReadIndex === null) return null;
  const count = at.domain.find.messagesIn(conversation.sid).filter((message) => message.index > lastReadIndex).length;
  return Math.min(count, MOST_UNREAD);
}

export function userConversationBody(view: UserConversation, at: Scope, place: Place) {
  const { participant, conversation, user } = view;
  const conversationUrl = `${place.root}/Conversations/${conversation.sid}`;
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
    unread_messages_count: unread(at, view),
    date_created: isoDate(conversation.dateCreated),
    date_updated: isoDate(conversation.dateUpdated),
    url: `${place.root}/Users/${user.sid}/Conversations/${conversation.sid}`,
    links: { participant: `${conversationUrl}/Participants/${participant.sid}`, conversation: conversationUrl },
  };
}
