/** Roles (RL): what an SDK user may do. REST callers are never bound by them. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import type { Params } from "../http/params";
import { changed, checkLength, owned } from "./checks";

export type RoleType = "conversation" | "service";

export interface RoleRecord extends Base {
  serviceSid: string;
  friendlyName: string;
  type: RoleType;
  permissions: string[];
}

/** Every permission the API is known to take, documented or only observed. */
const PERMISSIONS = new Set([
  ...["addParticipant", "addNonChatParticipant", "createConversation", "deleteAnyMessage", "deleteConversation", "deleteOwnMessage"],
  ...["editAnyMessage", "editAnyMessageAttributes", "editAnyParticipantAttributes", "editAnyUserInfo", "editConversationAttributes"],
  ...["editConversationName", "editNotificationLevel", "editOwnMessage", "editOwnMessageAttributes", "editOwnParticipantAttributes"],
  ...["editOwnUserInfo", "joinConversation", "leaveConversation", "removeParticipant", "sendMediaMessage", "sendMessage"],
]);

// The names are Twilio's; the exact permission lists are inferred from its role documentation.
const SERVICE_ADMIN = [
  ...["addParticipant", "addNonChatParticipant", "createConversation", "deleteAnyMessage", "deleteConversation", "editAnyMessage"],
  ...["editAnyMessageAttributes", "editAnyUserInfo", "editConversationAttributes", "editConversationName", "joinConversation"],
  ...["removeParticipant"],
];
const SERVICE_USER = ["createConversation", "joinConversation", "editOwnUserInfo"];
const CHANNEL_ADMIN = [
  ...["addParticipant", "addNonChatParticipant", "deleteAnyMessage", "deleteConversation", "editAnyMessage", "editAnyMessageAttributes"],
  ...["editConversationAttributes", "editConversationName", "editNotificationLevel", "leaveConversation", "removeParticipant"],
  ...["sendMediaMessage", "sendMessage"],
];
const CHANNEL_USER = [
  ...["deleteOwnMessage", "editNotificationLevel", "editOwnMessage", "editOwnMessageAttributes", "leaveConversation"],
  ...["sendMediaMessage", "sendMessage"],
];

/** The four roles every service starts with. */
export function addDefaultRoles(at: Scope, serviceSid: string) {
  return {
    channelUser: addRole(at, { serviceSid, friendlyName: "channel user", type: "conversation", permissions: CHANNEL_USER }),
    channelAdmin: addRole(at, { serviceSid, friendlyName: "channel admin", type: "conversation", permissions: CHANNEL_ADMIN }),
    serviceUser: addRole(at, { serviceSid, friendlyName: "service user", type: "service", permissions: SERVICE_USER }),
    serviceAdmin: addRole(at, { serviceSid, friendlyName: "service admin", type: "service", permissions: SERVICE_ADMIN }),
  };
}

function addRole(at: Scope, values: Pick<RoleRecord, "serviceSid" | "friendlyName" | "type" | "permissions">): RoleRecord {
  const role = at.domain.roles.put({ ...at.domain.base(at.accountSid, "RL"), ...values });
  at.domain.announce(at, "roleAdded", { role });
  return role;
}

export function createRole(at: Scope, serviceSid: string, params: Params): RoleRecord {
  const friendlyName = params.text("FriendlyName");
  if (!friendlyName) throw fail(50000);
  const type = params.text("Type")?.toLowerCase();
  if (type !== "conversation" && type !== "service") throw fail(50105);
  return addRole(at, {
    serviceSid,
    friendlyName: checkLength(friendlyName, 64, 50003),
    type,
    permissions: checkPermissions(params.all("Permission")),
  });
}

/** Replaces all permissions: nothing else of a role can change. */
export function updateRole(at: Scope, role: RoleRecord, params: Params): RoleRecord {
  const updated = at.domain.roles.put(changed(role, { permissions: checkPermissions(params.all("Permission")) }, at.domain.now()));
  at.domain.announce(at, "roleUpdated", { role: updated });
  return updated;
}

function checkPermissions(permissions: string[] | undefined): string[] {
  if (!permissions) throw fail(50104, { permission: "none given" });
  const unknown = permissions.find((permission) => !PERMISSIONS.has(permission));
  if (unknown !== undefined) throw fail(50104, { permission: unknown.slice(0, 100) });
  return [...new Set(permissions)];
}

export function fetchRole(at: Scope, serviceSid: string, sid: string): RoleRecord {
  const role = at.domain.roles.get(sid);
  return owned(at.accountSid, role?.serviceSid === serviceSid ? role : undefined);
}

export function removeRole(at: Scope, role: RoleRecord): void {
  const service = at.domain.services.get(role.serviceSid);
  // Not documented at Twilio; new users and participants would get a role that is gone.
  if (service && [service.creatorRoleSid, service.conversationRoleSid, service.serviceRoleSid].includes(role.sid)) {
    throw fail(20001, { what: "A default role of the service can't be deleted" });
  }
  at.domain.roles.delete(role.sid);
  at.domain.announce(at, "roleRemoved", { role });
}

/** The role a user or participant asked for, of the right type and in the right service. */
export function checkRole(at: Scope, serviceSid: string, sid: string, type: RoleType): string {
  const role = at.domain.roles.get(sid);
  if (role?.serviceSid !== serviceSid) throw fail(type === "conversation" ? 50109 : 50100);
  if (role.type !== type) throw fail(50105);
  return sid;
}

export function roleBody(role: RoleRecord, root: string) {
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
