/** The table of participants (MB). The rules are in participant.ts, binding.ts and participant-conflicts.ts. */
import { type Base, defineTable, type Scope } from "../domain";
import type { Binding } from "./binding";
import type { ConversationRecord } from "./conversation-table";
import type { UserRecord } from "./user";

export interface ParticipantRecord extends Base, Binding {
  serviceSid: string;
  conversationSid: string;
  attributes: string;
  /** Null for a phone in a group text, because no user signs in with it. */
  roleSid: string | null;
  lastReadIndex: number | null;
  lastReadAt: number | null;
  /** Whether the participant's user gets notifications about this conversation. */
  notificationLevel: "default" | "muted";
}

declare module "../events" {
  interface DomainEvents {
    participantAdded: { participant: ParticipantRecord };
    participantUpdated: { participant: ParticipantRecord; previous: ParticipantRecord };
    participantRemoved: { participant: ParticipantRecord };
  }
}

declare module "./conversation-table" {
  interface DeletedWithConversation {
    participants: ParticipantRecord[];
  }
}

export const participantTable = defineTable<ParticipantRecord>()({
  name: "participants",
  sidPrefix: "MB",
  indexes: {
    conversation: (participant) => participant.conversationSid,
    identity: ({ serviceSid, identity }) => (identity === null ? undefined : `${serviceSid} ${identity}`),
    address: ({ accountSid, address }) => (address === null ? undefined : `${accountSid} ${address}`),
  },
  references: {
    // The event about the conversation lists its participants.
    conversations: { by: "conversation", onDelete: "cascade" },
    users: { by: "identity", keys: (user: UserRecord) => [`${user.serviceSid} ${user.identity}`], onDelete: removeParticipant },
  },
});

/** The participant with this identity. */
export function findParticipant(scope: Scope, conversation: ConversationRecord, identity: string): ParticipantRecord | undefined {
  return participantTable
    .in(scope.domain)
    .by.identity(`${conversation.serviceSid} ${identity}`)
    .find(({ conversationSid }) => conversationSid === conversation.sid);
}

/** Removes the participant. Its messages and its user stay. */
export function removeParticipant(scope: Scope, participant: ParticipantRecord): void {
  participantTable.remove(scope, participant);
  scope.domain.announce(scope, "participantRemoved", { participant });
}
