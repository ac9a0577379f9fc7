/** The configuration of a conversation service: its default roles, and whether its users' presence is visible. */
import type { Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import { given, type Params } from "../http/params";
import { ok } from "../http/router";

import type { Endpoints } from "./endpoints";
import { type RoleType, roleTable } from "./role";
import { type ServiceRecord, serviceTable } from "./service";
import { inNamedService } from "./service-path";

function updateServiceConfiguration(scope: Scope, service: ServiceRecord, params: Params): ServiceRecord {
  const changes = given<ServiceRecord>({
    creatorRoleSid: roleParameter(scope, service, params, "DefaultConversationCreatorRoleSid", "conversation"),
    conversationRoleSid: roleParameter(scope, service, params, "DefaultConversationRoleSid", "conversation"),
    serviceRoleSid: roleParameter(scope, service, params, "DefaultChatServiceRoleSid", "service"),
    reachabilityEnabled: params.boolean("ReachabilityEnabled"),
  });
  return serviceTable.update(scope, service, changes);
}

function roleParameter(scope: Scope, service: ServiceRecord, params: Params, name: string, type: RoleType): string | undefined {
  const sid = params.text(name);
  if (sid === undefined) return undefined;
  const role = roleTable.in(scope.domain).get(sid);
  if (role?.serviceSid !== service.sid) throw fail(type === "conversation" ? 50109 : 50100);
  if (role.type !== type) throw invalidParameter(name, sid);
  return sid;
}

function serviceConfigurationBody(service: ServiceRecord, root: string) {
  const url = `${root}/Configuration`;
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

export const serviceConfigurationEndpoints: Endpoints = {
  routes: {
    conversations: [
      ...inNamedService.route("GET", "/Configuration", ({ service, form }) => ok(serviceConfigurationBody(service, form.root))),
      ...inNamedService.route("POST", "/Configuration", ({ scope, service, params, form }) =>
        ok(serviceConfigurationBody(updateServiceConfiguration(scope, service, params), form.root)),
      ),
    ],
  },
};
