/**
 * The permissions of an SDK user: those of the user's service role and of the participant's conversation role
 * together. REST callers need no permissions.
 */
import type { Scope } from "../domain";
import { fail } from "../errors";
import type { ConversationRecord } from "../resources/conversation-table";
import { findParticipant, type ParticipantRecord } from "../resources/participant-table";
import { roleTable } from "../resources/role";
import type { UserRecord } from "../resources/user";

/** The SDK user who makes a request. */
export interface Actor {
  scope: Scope;
  user: UserRecord;
}

/** Throws unless one of the user's roles has the permission. */
export function permit({ scope, user }: Actor, permission: string, conversation?: ConversationRecord): void {
  if (!hasPermission({ scope, user }, permission, conversation)) throw fail(50107, { permission });
}

/** Whether one of the user's roles has the permission. */
export function hasPermission({ scope, user }: Actor, permission: string, conversation?: ConversationRecord): boolean {
  const participant = conversation && findParticipant(scope, conversation, user.identity);
  const roles = [user.roleSid, participant?.roleSid].map((sid) => (sid ? roleTable.in(scope.domain).get(sid) : undefined));
  return roles.some((role) => role?.permissions.includes(permission));
}

/** Throws unless the user has the permission `any`, or owns the object and has the permission `own`. */
export function permitOwn(actor: Actor, isOwn: boolean, [own, any]: [own: string, any: string], conversation?: ConversationRecord): void {
  if (isOwn && hasPermission(actor, own, conversation)) return;
  permit(actor, any, conversation);
}

/** Permissions over the conversations of others. A service role with one of them, such as `service admin`, is that of an administrator. */
const OVER_OTHERS = [
  ...["addParticipant", "removeParticipant", "editConversationName", "editConversationAttributes", "deleteConversation"],
  ...["editAnyMessage", "deleteAnyMessage"],
];

/** Conversations are private: participants, the creator and administrators see them. */
export function maySeeConversation(actor: Actor, conversation: ConversationRecord): boolean {
  const { scope, user } = actor;
  if (findParticipant(scope, conversation, user.identity) || conversation.createdBy === user.identity) return true;
  return OVER_OTHERS.some((permission) => hasPermission(actor, permission));
}

/** Returns the user's participant in the conversation. Throws if the user does not participate. */
export function requireParticipant({ scope, user }: Actor, conversation: ConversationRecord): ParticipantRecord {
  const participant = findParticipant(scope, conversation, user.identity);
  if (!participant) throw fail(50430);
  return participant;
}
