/** What clients of the chat SDK were sent, and which users have none: for the history that the console shows. */
import type { ClientNotification, SdkClient } from "../control/history";
import type { Domain } from "../domain";
import { participantTable } from "../resources/participant-table";
import type { UserRecord } from "../resources/user";
import type { SyncChange } from "./sync/log";

/** More than a person reads. */
const MAX_IDENTITIES = 20;

/** The user of a connection, if it is signed in. */
export function clientOf({ user }: { user: UserRecord | undefined }): SdkClient | undefined {
  return user && { identity: user.identity, serviceSid: user.serviceSid };
}

/** Describes a change that is sent to these connections. Undefined if nobody gets it and nobody misses it. */
export function notificationOf(
  domain: Domain,
  { object, action, key }: SyncChange,
  sessions: Iterable<{ user: UserRecord | undefined }>,
): ClientNotification | undefined {
  const [owner = "", view = ""] = object.split(".");
  const conversationSid = owner.startsWith("CH") ? owner : view === "my_conversations" ? String(key) : null;
  const notified = new Set([...sessions].flatMap(({ user }) => (user ? [user.identity] : [])));
  const isNewMessage = view === "messages" && action === "added";
  const members = isNewMessage ? participantTable.in(domain).by.conversation(owner) : [];
  const absent = members.flatMap(({ identity }) => (identity === null || notified.has(identity) ? [] : [identity]));
  if (notified.size === 0 && absent.length === 0) return undefined;
  const identities = [...notified].slice(0, MAX_IDENTITIES);
  return { view, action, key, conversationSid, identities, count: notified.size, absent: absent.slice(0, MAX_IDENTITIES) };
}
