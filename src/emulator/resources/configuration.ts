/** The account's Conversations configuration: the service, messaging service and timers of new conversations. */
import { type Base, defineTable, type Scope } from "../domain";
import { fail } from "../errors";
import { v1Root } from "../http/crud";
import { given, type Params } from "../http/params";
import { ok } from "../http/router";

import type { Endpoints } from "./endpoints";
import { checkMessagingService, createMessagingService } from "./messaging-service";
import { addService, CONVERSATIONS_HOST, fetchService, type ServiceRecord, serviceTable } from "./service";
import { parseTimer } from "./timers";

/** Each account has one. Its SID is the account's. */
export interface ConfigurationRecord extends Base {
  defaultServiceSid: string;
  /** Null after that messaging service was deleted. */
  defaultMessagingServiceSid: string | null;
  defaultInactiveTimer: string | null;
  defaultClosedTimer: string | null;
}

const configurationTable = defineTable<ConfigurationRecord>()({
  name: "configurations",
  indexes: {
    defaultService: (configuration) => configuration.defaultServiceSid,
    defaultMessagingService: (configuration) => configuration.defaultMessagingServiceSid ?? undefined,
  },
  references: {
    accounts: { onCreate: addConfiguration },
    services: { by: "defaultService", onDelete: refuseToDeleteDefaultService },
    messagingServices: { by: "defaultMessagingService", onDelete: forgetMessagingService },
  },
});

function addConfiguration(scope: Scope): void {
  const service = addService(scope, "Default Conversations Service");
  const messagingService = createMessagingService(scope, { friendlyName: "Default Messaging Service for Conversations" });
  configurationTable.insert(scope, {
    sid: scope.accountSid,
    defaultServiceSid: service.sid,
    defaultMessagingServiceSid: messagingService.sid,
    defaultInactiveTimer: null,
    defaultClosedTimer: null,
  });
}

/** Twilio does not document what happens here. Without its default service, an account would be unusable. */
function refuseToDeleteDefaultService(): void {
  throw fail(20001, { what: "The default conversation service can't be deleted. Set another DefaultChatServiceSid first" });
}

function forgetMessagingService(scope: Scope, configuration: ConfigurationRecord): void {
  configurationTable.in(scope.domain).put({ ...configuration, defaultMessagingServiceSid: null });
}

export function fetchConfiguration(scope: Scope): ConfigurationRecord {
  const configuration = configurationTable.in(scope.domain).get(scope.accountSid);
  if (!configuration) throw new Error(`account ${scope.accountSid} has no configuration`);
  return configuration;
}

/** The service of a path without `/Services/{ServiceSid}`. */
export function defaultService(scope: Scope): ServiceRecord {
  return fetchService(scope, fetchConfiguration(scope).defaultServiceSid);
}

function updateConfiguration(scope: Scope, params: Params): ConfigurationRecord {
  const defaultServiceSid = params.text("DefaultChatServiceSid");
  if (defaultServiceSid !== undefined && serviceTable.in(scope.domain).get(defaultServiceSid)?.accountSid !== scope.accountSid) {
    throw fail(defaultServiceSid === "" ? 50051 : 50050);
  }
  const defaultMessagingServiceSid = params.text("DefaultMessagingServiceSid");
  if (defaultMessagingServiceSid !== undefined) checkMessagingService(scope, defaultMessagingServiceSid);
  const changes = given<ConfigurationRecord>({
    defaultServiceSid,
    defaultMessagingServiceSid,
    defaultInactiveTimer: defaultTimer(params.text("DefaultInactiveTimer"), "inactive"),
    defaultClosedTimer: defaultTimer(params.text("DefaultClosedTimer"), "closed"),
  });
  return configurationTable.update(scope, fetchConfiguration(scope), changes);
}

/** Returns a timer as it was sent. Zero and the empty string mean no timer. */
function defaultTimer(text: string | undefined, kind: "inactive" | "closed"): string | null | undefined {
  if (text === undefined) return undefined;
  return parseTimer(text, kind) === null ? null : text;
}

function configurationBody(configuration: ConfigurationRecord) {
  const root = `${CONVERSATIONS_HOST}/v1`;
  return {
    account_sid: configuration.accountSid,
    default_chat_service_sid: configuration.defaultServiceSid,
    default_messaging_service_sid: configuration.defaultMessagingServiceSid,
    default_inactive_timer: configuration.defaultInactiveTimer,
    default_closed_timer: configuration.defaultClosedTimer,
    url: `${root}/Configuration`,
    links: {
      service: `${root}/Services/${configuration.defaultServiceSid}/Configuration`,
      webhooks: `${root}/Configuration/Webhooks`,
    },
  };
}

const root = v1Root(CONVERSATIONS_HOST);

export const configurationEndpoints: Endpoints = {
  tables: [configurationTable],
  routes: {
    conversations: [
      ...root.route("GET", "/Configuration", ({ scope }) => ok(configurationBody(fetchConfiguration(scope)))),
      ...root.route("POST", "/Configuration", ({ scope, params }) => ok(configurationBody(updateConfiguration(scope, params)))),
    ],
  },
};
