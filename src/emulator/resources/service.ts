/** Conversation services (IS). A service cannot be updated, only its configuration can. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { crudRoutes, v1Scope } from "../http/crud";
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

function createService(at: Scope, params: Params): ServiceRecord {
  const friendlyName = params.text("FriendlyName");
  if (!friendlyName) throw fail(50000);
  return addService(at, checkLength(friendlyName, 256, 50003));
}

/** Creates a service. The role resource adds its default roles. */
export function addService(at: Scope, friendlyName: string): ServiceRecord {
  const noRoles = { creatorRoleSid: "", conversationRoleSid: "", serviceRoleSid: "" };
  const { sid } = serviceTable.insert(at, { friendlyName, ...noRoles, reachabilityEnabled: false });
  const service = fetchService(at, sid);
  at.domain.announce(at, "serviceAdded", { service });
  return service;
}

export function fetchService(at: Scope, sid: string): ServiceRecord {
  return serviceTable.fetch(at, sid);
}

/** Deletes a service and everything in it. */
function removeService(at: Scope, service: ServiceRecord): void {
  serviceTable.remove(at, service);
  at.domain.announce(at, "serviceRemoved", { service });
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
    conversations: crudRoutes(v1Scope(CONVERSATIONS_HOST), {
      path: "/Services",
      id: "ServiceSid",
      key: "services",
      maxPageSize: 100,
      list: ({ at }) => serviceTable.in(at.domain).by.account(at.accountSid),
      body: serviceBody,
      create: ({ at, params }) => createService(at, params),
      fetch: ({ at }, sid) => fetchService(at, sid),
      remove: (service, { at }) => removeService(at, service),
    }),
  },
};
