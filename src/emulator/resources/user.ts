/** Users (US) of a service. REST creates them, and so does adding a chat participant with an unknown identity. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes, nestedPrefix } from "../http/crud";
import { given, type Params } from "../http/params";
import { checkAttributes, checkIdentity, checkLength, SMALL_ATTRIBUTES } from "./checks";
import type { Endpoints } from "./endpoints";
import { isNotifiable } from "./push-binding-table";
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

function createUser(scope: Scope, serviceSid: string, params: Params): UserRecord {
  const identity = checkIdentity(params.text("Identity"));
  const values = readUser(scope, serviceSid, params);
  if (findUser(scope, serviceSid, identity)) throw fail(50201);
  return addUser(scope, serviceSid, identity, values);
}

function addUser(scope: Scope, serviceSid: string, identity: string, values: Partial<UserRecord> = {}): UserRecord {
  const roleSid = serviceTable.in(scope.domain).get(serviceSid)?.serviceRoleSid;
  if (!roleSid) throw new Error(`service ${serviceSid} has no default role`);
  const user = userTable.insert(scope, {
    serviceSid,
    identity,
    friendlyName: null,
    attributes: "{}",
    roleSid,
    ...values,
  });
  scope.domain.announce(scope, "userAdded", { user });
  return user;
}

/** Returns the user with this identity. Creates it if there is none. */
export function ensureUser(scope: Scope, serviceSid: string, identity: string): UserRecord {
  return findUser(scope, serviceSid, identity) ?? addUser(scope, serviceSid, identity);
}

/** The user with this identity. */
export function findUser(scope: Scope, serviceSid: string, identity: string): UserRecord | undefined {
  return userTable.in(scope.domain).by.identity(`${serviceSid} ${identity}`)[0];
}

function readUser(scope: Scope, serviceSid: string, params: Params): Partial<UserRecord> {
  const roleSid = params.text("RoleSid");
  const friendlyName = params.text("FriendlyName");
  const attributes = params.text("Attributes");
  return given<UserRecord>({
    friendlyName: friendlyName === undefined ? undefined : checkLength(friendlyName, 256, 50003),
    attributes: attributes === undefined ? undefined : checkAttributes(attributes, SMALL_ATTRIBUTES),
    roleSid: roleSid === undefined ? undefined : checkRole(scope, serviceSid, roleSid, "service"),
  });
}

export function updateUser(scope: Scope, user: UserRecord, params: Params): UserRecord {
  if (!params.hasAny(USER_PARAMETERS)) throw fail(20161);
  const updated = userTable.update(scope, user, readUser(scope, user.serviceSid, params));
  scope.domain.announce(scope, "userUpdated", { user: updated, previous: user });
  return updated;
}

/** Finds it by SID or by identity. */
export function fetchUser(scope: Scope, serviceSid: string, sidOrIdentity: string): UserRecord {
  const bySid = userTable.in(scope.domain).get(sidOrIdentity);
  const user = bySid?.serviceSid === serviceSid ? bySid : findUser(scope, serviceSid, sidOrIdentity);
  if (!user) throw new NotFound();
  return user;
}

/** Deletes a user. The user's participants go with it. */
function removeUser(scope: Scope, user: UserRecord): void {
  userTable.remove(scope, user);
  scope.domain.announce(scope, "userRemoved", { user });
}

export function userBody(user: UserRecord, scope: Scope, root: string) {
  const url = `${root}/Users/${user.sid}`;
  // With reachability disabled, Twilio returns null.
  const isEnabled = serviceTable.in(scope.domain).get(user.serviceSid)?.reachabilityEnabled;
  return {
    sid: user.sid,
    account_sid: user.accountSid,
    chat_service_sid: user.serviceSid,
    role_sid: user.roleSid,
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    is_online: isEnabled ? scope.domain.presence.isOnline(user) : null,
    is_notifiable: isEnabled ? isNotifiable(scope.domain, user) : null,
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
export const inUser = nestedPrefix(
  inService,
  "/Users/{UserSid}",
  (call): UserCall => ({ ...call, user: fetchUser(call.scope, call.service.sid, call.part("UserSid")) }),
);

export const userEndpoints: Endpoints = {
  tables: [userTable],
  routes: {
    conversations: crudRoutes(inService, {
      path: "/Users",
      id: "UserSid",
      key: "users",
      maxPageSize: 50,
      list: ({ scope, service }) => userTable.in(scope.domain).by.service(service.sid),
      body: (user, { scope, form }) => userBody(user, scope, form.root),
      create: ({ scope, service, params }) => createUser(scope, service.sid, params),
      fetch: ({ scope, service }, sid) => fetchUser(scope, service.sid, sid),
      update: (user, { scope, params }) => updateUser(scope, user, params),
      remove: (user, { scope }) => removeUser(scope, user),
    }),
  },
};
