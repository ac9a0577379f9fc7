/** Conversation services (IS) with their configuration. A service cannot be updated, only its configuration can. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import { given, type Params } from "../http/params";
import { changed, checkLength, invalid, owned } from "./checks";
import { fetchConfiguration } from "./configuration";
import { removeConversation } from "./conversation";
import { addDefaultRoles, type RoleType, removeRole } from "./role";
import { removeUser } from "./user";

export interface ServiceRecord extends Base {
  friendlyName: string;
  creatorRoleSid: string;
  conversationRoleSid: string;
  serviceRoleSid: string;
  reachabilityEnabled: boolean;
}

export function createService(at: Scope, params: Params): ServiceRecord {
  const friendlyName = params.text("FriendlyName");
  if (!friendlyName) throw fail(50000);
  return addService(at, checkLength(friendlyName, 256, 50003));
}

/** Makes a service with its four default roles. */
export function addService(at: Scope, friendlyName: string): ServiceRecord {
  const base = at.domain.base(at.accountSid, "IS");
  const roles = addDefaultRoles(at, base.sid);
  const service = at.domain.services.put({
    ...base,
    friendlyName,
    creatorRoleSid: roles.channelAdmin.sid,
    conversationRoleSid: roles.channelUser.sid,
    serviceRoleSid: roles.serviceUser.sid,
    reachabilityEnabled: false,
  });
  at.domain.announce(at, "serviceAdded", { service });
  return service;
}

export function fetchService(at: Scope, sid: string): ServiceRecord {
  return owned(at.accountSid, at.domain.services.get(sid));
}

/** The service that paths without `/Services/{sid}` mean. */
export function defaultService(at: Scope): ServiceRecord {
  return fetchService(at, fetchConfiguration(at).defaultServiceSid);
}

/** Deletes a service with all that lives in it. */
export function removeService(at: Scope, service: ServiceRecord): void {
  // What Twilio does here is not documented; an account without its default service could not go on.
  if (fetchConfiguration(at).defaultServiceSid === service.sid) {
    throw fail(20001, { what: "The default conversation service can't be deleted" });
  }
  for (const conversation of at.domain.find.conversationsIn(service.sid)) removeConversation(at, conversation);
  for (const user of at.domain.find.usersIn(service.sid)) removeUser(at, user);
  at.domain.services.delete(service.sid);
  at.domain.webhookConfigurations.delete(service.sid);
  for (const role of at.domain.find.rolesIn(service.sid)) removeRole(at, role);
  at.domain.announce(at, "serviceRemoved", { service });
}

export function updateServiceConfiguration(at: Scope, service: ServiceRecord, params: Params): ServiceRecord {
  const changes = given<ServiceRecord>({
    creatorRoleSid: roleParameter(at, service, params, "DefaultConversationCreatorRoleSid", "conversation"),
    conversationRoleSid: roleParameter(at, service, params, "DefaultConversationRoleSid", "conversation"),
    serviceRoleSid: roleParameter(at, service, params, "DefaultChatServiceRoleSid", "service"),
    reachabilityEnabled: params.boolean("ReachabilityEnabled"),
  });
  return at.domain.services.put(changed(service, changes, at.domain.now()));
}

function roleParameter(at: Scope, service: ServiceRecord, params: Params, name: string, type: RoleType): string | undefined {
  const sid = params.text(name);
  if (sid === undefined) return undefined;
  const role = at.domain.roles.get(sid);
  if (role?.serviceSid !== service.sid) throw fail(type === "conversation" ? 50109 : 50100);
  if (role.type !== type) throw invalid(name, sid);
  return sid;
}

export function serviceBody(service: ServiceRecord, root: string) {
  const url = `${root}/Services/${service.sid}`;
  return {
    sid: service.sid,
    account_sid: service.accountSid,
    friendly_name: service.friendlyName,
    date_created: isoDate(service.dateCreated),
    date_updated: isoDate(service.dateUpdated),
    url,
    links: {
      conversations: `${url}/Conversations`,
      users: `${url}/Users`,
      roles: `${url}/Roles`,
      bindings: `${url}/Bindings`,
      configuration: `${url}/Configuration`,
      participant_conversations: `${url}/ParticipantConversations`,
      conversation_with_participants: `${url}/ConversationWithParticipants`,
    },
  };
}

export function serviceConfigurationBody(service: ServiceRecord, root: string) {
  const url = `${root}/Services/${service.sid}/Configuration`;
  return {
    chat_service_sid: service.sid,
    default_conversation_creator_role_sid: service.creatorRoleSid,
    default_conversation_role_sid: service.conversationRoleSid,
    default_chat_service_role_sid: service.serviceRoleSid,
    reachability_enabled: service.reachabilityEnabled,
    url,
    links: { notifications: `${url}/Notifications`, webhooks: `${url}/Webhooks` },
  };
}
