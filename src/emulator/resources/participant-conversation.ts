/** ParticipantConversations: the conversations of an identity or an address. It shows where a pair of addresses is bound. */
import { isoDate } from "../dates";
import type { Scope } from "../domain";
import { fail } from "../errors";
import type { Params } from "../http/params";
import { timersBody } from "./conversation";
import { type ConversationRecord, conversationTable } from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { type ParticipantRecord, participantTable } from "./participant-table";
import { inService, type PathForm } from "./service-path";
import { findUser } from "./user";

/** A participant and its conversation. The SID is the participant's. */
interface ParticipantConversation {
  sid: string;
  seq: number;
  participant: ParticipantRecord;
  conversation: ConversationRecord;
}

function listParticipantConversations(scope: Scope, serviceSid: string, params: Params): ParticipantConversation[] {
  const identity = params.text("Identity");
  const address = params.text("Address");
  if (Boolean(identity) === Boolean(address)) throw fail(50451);
  const participants = identity
    ? participantTable.in(scope.domain).by.identity(`${serviceSid} ${identity}`)
    : participantTable
        .in(scope.domain)
        .by.address(`${scope.accountSid} ${address}`)
        .filter((participant) => participant.serviceSid === serviceSid);
  return participants.flatMap((participant) => {
    const conversation = conversationTable.in(scope.domain).get(participant.conversationSid);
    if (!conversation || conversation.state === "initializing") return [];
    return [{ sid: participant.sid, seq: participant.seq, participant, conversation }];
  });
}

function participantConversationBody({ participant, conversation }: ParticipantConversation, scope: Scope, form: PathForm) {
  const url = `${form.root}/Conversations/${conversation.sid}`;
  const { identity, bindingType } = participant;
  const user = identity === null ? undefined : findUser(scope, conversation.serviceSid, identity);
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
    // Unlike in the body of a participant, all keys are present.
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

export const participantConversationEndpoints: Endpoints = {
  routes: {
    conversations: inService.route("GET", "/ParticipantConversations", (call) =>
      inService.list(call, {
        key: "conversations",
        rows: listParticipantConversations(call.scope, call.service.sid, call.params),
        body: (row) => participantConversationBody(row, call.scope, call.form),
        maxPageSize: 50,
      }),
    ),
  },
};
