/** ParticipantConversations: where an identity or an address takes part, the way to find who holds a pair. */
import { isoDate } from "../dates";
import type { Scope } from "../domain";
import { fail } from "../errors";
import type { Params } from "../http/params";
import { type ConversationRecord, timersBody } from "./conversation";
import type { ParticipantRecord } from "./participant";
import type { Place } from "./place";
import { userCalled } from "./user";

/** One membership; its SID is the participant's. */
interface ParticipantConversation {
  sid: string;
  seq: number;
  participant: ParticipantRecord;
  conversation: ConversationRecord;
}

export function listParticipantConversations(at: Scope, serviceSid: string, params: Params): ParticipantConversation[] {
  const identity = params.text("Identity");
  const address = params.text("Address");
  if (Boolean(identity) === Boolean(address)) throw fail(50451);
  const participants = identity
    ? at.domain.find.participantsCalled(`${serviceSid} ${identity}`)
    : at.domain.find.participantsAt(`${at.accountSid} ${address}`).filter((participant) => participant.serviceSid === serviceSid);
  return participants.flatMap((participant) => {
    const conversation = at.domain.conversations.get(participant.conversationSid);
    if (!conversation || conversation.state === "initializing") return [];
    return [{ sid: participant.sid, seq: participant.seq, participant, conversation }];
  });
}

export function participantConversationBody({ participant, conversation }: ParticipantConversation, at: Scope, place: Place) {
  const url = `${place.root}/Conversations/${conversation.sid}`;
  const { identity, bindingType } = participant;
  const user = identity === null ? undefined : userCalled(at, conversation.serviceSid, identity);
  return {
    account_sid: conversation.accountSid,
    chat_service_sid: conversation.serviceSid,
    conversation_sid: conversation.sid,
    conversation_friendly_name: conversation.friendlyName,
    conversation_unique_name: conversation.uniqueName,
    conversation_attributes: conversation.attributes,
    conversation_created_by: conversation.createdBy,
    conversation_date_created: isoDate(conversation.dateCreated),
    conversation_date_updated: isoDate(conversation.dateUpdated),
    conversation_state: conversation.state,
    conversation_timers: timersBody(conversation),
    participant_sid: participant.sid,
    participant_user_sid: user?.sid ?? null,
    participant_identity: identity,
    // Here, unlike on the participant itself, every key is present.
    participant_messaging_binding:
      bindingType === null
        ? null
        : {
            type: bindingType,
            address: participant.address,
            proxy_address: participant.proxyAddress,
            projected_address: participant.projectedAddress,
            level: null,
            name: null,
          },
    links: { participant: `${url}/Participants/${participant.sid}`, conversation: url },
  };
}
