/**
 * What an SDK user may do: the user's role in the service and the participant's in the conversation add up. REST
 * callers are not bound by any of it.
 */
import type { Scope } from "../domain";
import { fail } from "../errors";
import type { ConversationRecord } from "../resources/conversation";
import { type ParticipantRecord, participantCalled } from "../resources/participant";
import type { UserRecord } from "../resources/user";

/** An SDK user at work. */
export interface Actor {
  at: Scope;
  user: UserRecord;
}

/** Refuses what neither role allows. */
export function permit({ at, user }: Actor, permission: string, conversation?: ConversationRecord): void {
  if (!may({ at, user }, permission, conversation)) throw fail(50107, { permission });
}

export function may({ at, user }: Actor, permission: string, conversation?: ConversationRecord): boolean {
  const participant = conversation && participantCalled(at, conversation, user.identity);
  const roles = [user.roleSid, participant?.roleSid].map((sid) => (sid ? at.domain.roles.get(sid) : undefined));
  return roles.some((role) => role?.permissions.includes(permission));
}

/** Refuses what neither of two permissions allows: `own` counts for what is the user's own. */
export function permitOwn(actor: Actor, isOwn: boolean, [own, any]: [own: string, any: string], conversation?: ConversationRecord): void {
  if (isOwn && may(actor, own, conversation)) return;
  permit(actor, any, conversation);
}

/** The user's participant; whoever has none is told so. */
export function membership({ at, user }: Actor, conversation: ConversationRecord): ParticipantRecord {
  const participant = participantCalled(at, conversation, user.identity);
  if (!participant) throw fail(50430);
  return participant;
}
