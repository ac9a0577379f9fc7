/** Conversation services (IS). A service cannot be updated, only its configuration can. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { crudRoutes, v1Root } from "../http/crud";
import type { Params } from "../http/params";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

export const CONVERSATIONS_HOST = "https://conversations.twilio.com";

export interface ServiceRecord extends Base {
  friendlyName: string;
  creatorRoleSid: string;
  conversationRoleSid: string;
  serviceRoleSid: string;
  reachabilityEnabled: boolean;
}

declare module "../events" {
  interface DomainEvents {
    serviceAdded: { service: ServiceRecord };
    serviceRemoved: { service: ServiceRecord };
  }
}

export const serviceTable = defineTable<ServiceRecord>()({
  name: "services",
  sidPrefix: "IS",
  indexes: { account: (service) => service.accountSid },
});

function createService(scope: Scope, params: Params): ServiceRecord {
  const friendlyName = params.text("FriendlyName");
  if (!friendlyName) throw fail(50000);
  return addService(scope, checkLength(friendlyName, 256, 50003));
}

/** Creates a service. The role resource adds its default roles. */
export function addService(scope: Scope, friendlyName: string): ServiceRecord {
  const noRoles = { creatorRoleSid: "", conversationRoleSid: "", serviceRoleSid: "" };
  const { sid } = serviceTable.insert(scope, { friendlyName, ...noRoles, reachabilityEnabled: false });
  const service = fetchService(scope, sid);
  scope.domain.announce(scope, "serviceAdded", { service });
  return service;
}

export function fetchService(scope: Scope, sid: string): ServiceRecord {
  return serviceTable.fetch(scope, sid);
}

/** Deletes a service and everything in it. */
function removeService(scope: Scope, service: ServiceRecord): void {
  serviceTable.remove(scope, service);
  scope.domain.announce(scope, "serviceRemoved", { service });
}

function serviceBody(service: ServiceRecord) {
  const url = `${CONVERSATIONS_HOST}/v1/Services/${service.sid}`;
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

export const serviceEndpoints: Endpoints = {
  tables: [serviceTable],
  routes: {
    conversations: crudRoutes(v1Root(CONVERSATIONS_HOST), {
      path: "/Services",
      id: "ServiceSid",
      key: "services",
      maxPageSize: 100,
      list: ({ scope }) => serviceTable.in(scope.domain).by.account(scope.accountSid),
      body: serviceBody,
      create: ({ scope, params }) => createService(scope, params),
      fetch: ({ scope }, sid) => fetchService(scope, sid),
      remove: (service, { scope }) => removeService(scope, service),
    }),
  },
};
