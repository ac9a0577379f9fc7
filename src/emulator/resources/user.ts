/** Users (US) of a service. REST creates them, and so does adding a chat participant with an unknown identity. */

import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes, nestedScope } from "../http/crud";
import { given, type Params } from "../http/params";
import { checkAttributes, checkIdentity, checkLength, SMALL_ATTRIBUTES } from "./checks";
import type { Endpoints } from "./endpoints";
import { checkRole } from "./role";
import { serviceTable } from "./service";
import { inService, type ServiceCall } from "./service-path";

export interface UserRecord extends Base {
  serviceSid: string;
  identity: string;
  friendlyName: string | null;
  attributes: string;
  roleSid: string;
}

declare module "../events" {
  interface DomainEvents {
    userAdded: { user: UserRecord };
    userUpdated: { user: UserRecord; previous: UserRecord };
    userRemoved: { user: UserRecord };
    presenceUpdated: { user: UserRecord };
  }
}

export const userTable = defineTable<UserRecord>()({
  name: "users",
  sidPrefix: "US",
  indexes: {
    service: (user) => user.serviceSid,
    identity: (user) => `${user.serviceSid} ${user.identity}`,
  },
  references: { services: { by: "service", onDelete: removeUser } },
});

/** The properties of a user that can change. */
const USER_PARAMETERS = ["FriendlyName", "Attributes", "RoleSid"] as const;

function createUser(at: Scope, serviceSid: string, params: Params): UserRecord {
  const identity = checkIdentity(params.text("Identity"));
  const values = readUser(at, serviceSid, params);
  if (findUser(at, serviceSid, identity)) throw fail(50201);
  return addUser(at, serviceSid, identity, values);
}

function addUser(at: Scope, serviceSid: string, identity: string, values: Partial<UserRecord> = {}): UserRecord {
  const roleSid = serviceTable.in(at.domain).get(serviceSid)?.serviceRoleSid;
  if (!roleSid) throw new Error(`service ${serviceSid} has no default role`);
  const user = userTable.insert(at, {
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

/** Returns the user with this identity. Creates it if there is none. */
export function ensureUser(at: Scope, serviceSid: string, identity: string): UserRecord {
  return findUser(at, serviceSid, identity) ?? addUser(at, serviceSid, identity);
}

/** The user with this identity. */
export function findUser(at: Scope, serviceSid: string, identity: string): UserRecord | undefined {
  return userTable.in(at.domain).by.identity(`${serviceSid} ${identity}`)[0];
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
  const updated = userTable.update(at, user, readUser(at, user.serviceSid, params));
  at.domain.announce(at, "userUpdated", { user: updated, previous: user });
  return updated;
}

/** Finds it by SID or by identity. */
export function fetchUser(at: Scope, serviceSid: string, sidOrIdentity: string): UserRecord {
  const bySid = userTable.in(at.domain).get(sidOrIdentity);
  const user = bySid?.serviceSid === serviceSid ? bySid : findUser(at, serviceSid, sidOrIdentity);
  if (!user) throw new NotFound();
  return user;
}

/** Deletes a user. The user's participants go with it. */
function removeUser(at: Scope, user: UserRecord): void {
  userTable.remove(at, user);
  at.domain.announce(at, "userRemoved", { user });
}

export function userBody(user: UserRecord, at: Scope, root: string) {
  const url = `${root}/Users/${user.sid}`;
  // With reachability disabled, Twilio returns null.
  const isEnabled = serviceTable.in(at.domain).get(user.serviceSid)?.reachabilityEnabled;
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

export interface UserCall extends ServiceCall {
  user: UserRecord;
}

/** Paths below a user. */
export const inUser = nestedScope(
  inService,
  "/Users/{UserSid}",
  (call): UserCall => ({ ...call, user: fetchUser(call.at, call.service.sid, call.part("UserSid")) }),
);

export const userEndpoints: Endpoints = {
  tables: [userTable],
  routes: {
    conversations: crudRoutes(inService, {
      path: "/Users",
      id: "UserSid",
      key: "users",
      maxPageSize: 50,
      list: ({ at, service }) => userTable.in(at.domain).by.service(service.sid),
      body: (user, { at, form }) => userBody(user, at, form.root),
      create: ({ at, service, params }) => createUser(at, service.sid, params),
      fetch: ({ at, service }, sid) => fetchUser(at, service.sid, sid),
      update: (user, { at, params }) => updateUser(at, user, params),
      remove: (user, { at }) => removeUser(at, user),
    }),
  },
};
