/** Users (US) of a service: made by REST, or by adding a chat participant of an unknown identity. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { changed, checkAttributes, checkIdentity, checkLength, SMALL_ATTRIBUTES } from "./checks";
import { removeParticipant } from "./participant";
import { checkRole } from "./role";

export interface UserRecord extends Base {
  serviceSid: string;
  identity: string;
  friendlyName: string | null;
  attributes: string;
  roleSid: string;
}

/** The properties of a user that can change. */
const USER_PARAMETERS = ["FriendlyName", "Attributes", "RoleSid"] as const;

export function createUser(at: Scope, serviceSid: string, params: Params): UserRecord {
  const identity = checkIdentity(params.text("Identity"));
  const values = readUser(at, serviceSid, params);
  if (userCalled(at, serviceSid, identity)) throw fail(50201);
  return addUser(at, serviceSid, identity, values);
}

function addUser(at: Scope, serviceSid: string, identity: string, values: Partial<UserRecord> = {}): UserRecord {
  const roleSid = at.domain.services.get(serviceSid)?.serviceRoleSid;
  if (!roleSid) throw new Error(`service ${serviceSid} has no default role`);
  const user = at.domain.users.put({
    ...at.domain.base(at.accountSid, "US"),
    serviceSid,
    identity,
    friendlyName: null,
    attributes: "{}",
    roleSid,
    ...values,
  });
  at.domain.announce(at, "userAdded", { user });
  return user;
}

/** The user of that identity, made now if there is none. */
export function ensureUser(at: Scope, serviceSid: string, identity: string): UserRecord {
  return userCalled(at, serviceSid, identity) ?? addUser(at, serviceSid, identity);
}

export function userCalled(at: Scope, serviceSid: string, identity: string): UserRecord | undefined {
  return at.domain.find.userCalled(`${serviceSid} ${identity}`)[0];
}

function readUser(at: Scope, serviceSid: string, params: Params): Partial<UserRecord> {
  const roleSid = params.text("RoleSid");
  const friendlyName = params.text("FriendlyName");
  const attributes = params.text("Attributes");
  return given<UserRecord>({
    friendlyName: friendlyName === undefined ? undefined : checkLength(friendlyName, 256, 50003),
    attributes: attributes === undefined ? undefined : checkAttributes(attributes, SMALL_ATTRIBUTES),
    roleSid: roleSid === undefined ? undefined : checkRole(at, serviceSid, roleSid, "service"),
  });
}

export function updateUser(at: Scope, user: UserRecord, params: Params): UserRecord {
  if (!params.hasAny(USER_PARAMETERS)) throw fail(20161);
  const updated = at.domain.users.put(changed(user, readUser(at, user.serviceSid, params), at.domain.now()));
  at.domain.announce(at, "userUpdated", { user: updated, previous: user });
  return updated;
}

/** By SID or by identity. */
export function fetchUser(at: Scope, serviceSid: string, sidOrIdentity: string): UserRecord {
  const bySid = at.domain.users.get(sidOrIdentity);
  const user = bySid?.serviceSid === serviceSid ? bySid : userCalled(at, serviceSid, sidOrIdentity);
  if (!user) throw new NotFound();
  return user;
}

/** A user who is gone takes part in nothing. */
export function removeUser(at: Scope, user: UserRecord): void {
  for (const participant of at.domain.find.participantsCalled(`${user.serviceSid} ${user.identity}`)) removeParticipant(at, participant);
  at.domain.users.delete(user.sid);
  at.domain.announce(at, "userRemoved", { user });
}

export function userBody(user: UserRecord, at: Scope, root: string) {
  const url = `${root}/Users/${user.sid}`;
  // With reachability off Twilio says nothing at all.
  const isEnabled = at.domain.services.get(user.serviceSid)?.reachabilityEnabled;
  return {
    sid: user.sid,
    account_sid: user.accountSid,
    chat_service_sid: user.serviceSid,
    role_sid: user.roleSid,
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    is_online: isEnabled ? at.domain.presence.isOnline(user) : null,
    is_notifiable: isEnabled ? false : null,
    date_created: isoDate(user.dateCreated),
    date_updated: isoDate(user.dateUpdated),
    url,
    links: { user_conversations: `${url}/Conversations` },
  };
}
