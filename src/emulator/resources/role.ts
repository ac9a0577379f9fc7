/** Roles (RL): what an SDK user may do. They do not restrict REST callers. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import type { Params } from "../http/params";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";
import { type ServiceRecord, serviceTable } from "./service";
import { inService } from "./service-path";

export type RoleType = "conversation" | "service";

export interface RoleRecord extends Base {
  serviceSid: string;
  friendlyName: string;
  type: RoleType;
  permissions: string[];
}

declare module "../events" {
  interface DomainEvents {
    roleAdded: { role: RoleRecord };
    roleUpdated: { role: RoleRecord };
    roleRemoved: { role: RoleRecord };
  }
}

export const roleTable = defineTable<RoleRecord>()({
  name: "roles",
  sidPrefix: "RL",
  indexes: { service: (role) => role.serviceSid },
  references: { services: { by: "service", onCreate: addDefaultRoles, onDelete: removeRole } },
});

/** Every permission that the API is known to accept, documented or only observed. */
export const PERMISSIONS: ReadonlySet<string> = new Set([
  ...["addParticipant", "addNonChatParticipant", "createConversation", "deleteAnyMessage", "deleteConversation", "deleteOwnMessage"],
  ...["editAnyMessage", "editAnyMessageAttributes", "editAnyParticipantAttributes", "editAnyUserInfo", "editConversationAttributes"],
  ...["editConversationName", "editNotificationLevel", "editOwnMessage", "editOwnMessageAttributes", "editOwnParticipantAttributes"],
  ...["editOwnUserInfo", "joinConversation", "leaveConversation", "removeParticipant", "sendMediaMessage", "sendMessage"],
]);

// The names are Twilio's. The permission lists are inferred from its documentation of roles.
const SERVICE_ADMIN = [
  ...["addParticipant", "addNonChatParticipant", "createConversation", "deleteAnyMessage", "deleteConversation", "editAnyMessage"],
  ...["editAnyMessageAttributes", "editAnyUserInfo", "editConversationAttributes", "editConversationName", "joinConversation"],
  ...["removeParticipant"],
];
const SERVICE_USER = ["createConversation", "joinConversation", "editOwnUserInfo"];
const CHANNEL_ADMIN = [
  ...["addParticipant", "addNonChatParticipant", "deleteAnyMessage", "deleteConversation", "editAnyMessage", "editAnyMessageAttributes"],
  ...["editAnyParticipantAttributes", "editConversationAttributes", "editConversationName", "editNotificationLevel"],
  ...["editOwnParticipantAttributes", "leaveConversation", "removeParticipant", "sendMediaMessage", "sendMessage"],
];
const CHANNEL_USER = [
  ...["deleteOwnMessage", "editNotificationLevel", "editOwnMessage", "editOwnMessageAttributes", "editOwnParticipantAttributes"],
  ...["leaveConversation", "sendMediaMessage", "sendMessage"],
];

/** Adds the four roles that every service starts with. */
function addDefaultRoles(scope: Scope, service: ServiceRecord): void {
  const add = (friendlyName: string, type: RoleType, permissions: string[]) =>
    addRole(scope, { serviceSid: service.sid, friendlyName, type, permissions }).sid;
  const conversationRoleSid = add("channel user", "conversation", CHANNEL_USER);
  const creatorRoleSid = add("channel admin", "conversation", CHANNEL_ADMIN);
  const serviceRoleSid = add("service user", "service", SERVICE_USER);
  add("service admin", "service", SERVICE_ADMIN);
  serviceTable.in(scope.domain).put({ ...service, conversationRoleSid, creatorRoleSid, serviceRoleSid });
}

function addRole(scope: Scope, values: Pick<RoleRecord, "serviceSid" | "friendlyName" | "type" | "permissions">): RoleRecord {
  const role = roleTable.insert(scope, values);
  scope.domain.announce(scope, "roleAdded", { role });
  return role;
}

function createRole(scope: Scope, serviceSid: string, params: Params): RoleRecord {
  const friendlyName = params.text("FriendlyName");
  if (!friendlyName) throw fail(50000);
  const type = params.text("Type")?.toLowerCase();
  if (type !== "conversation" && type !== "service") throw fail(50105);
  return addRole(scope, {
    serviceSid,
    friendlyName: checkLength(friendlyName, 256, 50003),
    type,
    permissions: checkPermissions(params.all("Permission")),
  });
}

/** Replaces all permissions. Nothing else of a role can change. */
function updateRole(scope: Scope, role: RoleRecord, params: Params): RoleRecord {
  const updated = roleTable.update(scope, role, { permissions: checkPermissions(params.all("Permission")) });
  scope.domain.announce(scope, "roleUpdated", { role: updated });
  return updated;
}

function checkPermissions(permissions: string[] | undefined): string[] {
  if (!permissions) throw fail(50104, { permission: "none given" });
  const unknown = permissions.find((permission) => !PERMISSIONS.has(permission));
  if (unknown !== undefined) throw fail(50104, { permission: unknown.slice(0, 100) });
  return [...new Set(permissions)];
}

function fetchRole(scope: Scope, serviceSid: string, sid: string): RoleRecord {
  const role = roleTable.fetch(scope, sid);
  if (role.serviceSid !== serviceSid) throw new NotFound();
  return role;
}

function removeRole(scope: Scope, role: RoleRecord): void {
  const service = serviceTable.in(scope.domain).get(role.serviceSid);
  // Twilio does not document this case. New users and participants would get a role that does not exist.
  if (service && [service.creatorRoleSid, service.conversationRoleSid, service.serviceRoleSid].includes(role.sid)) {
    throw fail(20001, { what: "A default role of the service can't be deleted. Set another default role first" });
  }
  roleTable.remove(scope, role);
  scope.domain.announce(scope, "roleRemoved", { role });
}

/** Returns the SID of a role that a request names, or fails if it has another type or service. */
export function checkRole(scope: Scope, serviceSid: string, sid: string, type: RoleType): string {
  const role = roleTable.in(scope.domain).get(sid);
  if (role?.serviceSid !== serviceSid) throw fail(type === "conversation" ? 50109 : 50100);
  if (role.type !== type) throw fail(50105);
  return sid;
}

function roleBody(role: RoleRecord, root: string) {
  return {
    sid: role.sid,
    account_sid: role.accountSid,
    chat_service_sid: role.serviceSid,
    friendly_name: role.friendlyName,
    type: role.type,
    permissions: role.permissions,
    date_created: isoDate(role.dateCreated),
    date_updated: isoDate(role.dateUpdated),
    url: `${root}/Roles/${role.sid}`,
  };
}

export const roleEndpoints: Endpoints = {
  tables: [roleTable],
  routes: {
    conversations: crudRoutes(inService, {
      path: "/Roles",
      id: "RoleSid",
      key: "roles",
      maxPageSize: 50,
      list: ({ scope, service }) => roleTable.in(scope.domain).by.service(service.sid),
      body: (role, { form }) => roleBody(role, form.root),
      create: ({ scope, service, params }) => createRole(scope, service.sid, params),
      fetch: ({ scope, service }, sid) => fetchRole(scope, service.sid, sid),
      update: (role, { scope, params }) => updateRole(scope, role, params),
      remove: (role, { scope }) => removeRole(scope, role),
    }),
  },
};
