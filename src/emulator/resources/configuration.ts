/** The account's Conversations configuration: which service, messaging service and timers new conversations get. */
import type { Base, Scope } from "../domain";
import { fail } from "../errors";
import { given, type Params } from "../http/params";
import { changed } from "./checks";
import { checkMessagingService, createMessagingService } from "./messaging-service";
import { addService } from "./service";
import { parseTimer } from "./timers";

/** One per account, under the account's SID. */
export interface ConfigurationRecord extends Base {
  defaultServiceSid: string;
  /** Null once that messaging service is deleted. */
  defaultMessagingServiceSid: string | null;
  defaultInactiveTimer: string | null;
  defaultClosedTimer: string | null;
}

export function addConfiguration(at: Scope): ConfigurationRecord {
  const service = addService(at, "Default Conversations Service");
  const messagingService = createMessagingService(at, { friendlyName: "Default Messaging Service for Conversations" });
  return at.domain.configurations.put({
    ...at.domain.base(at.accountSid, "CF"),
    sid: at.accountSid,
    defaultServiceSid: service.sid,
    defaultMessagingServiceSid: messagingService.sid,
    defaultInactiveTimer: null,
    defaultClosedTimer: null,
  });
}

export function fetchConfiguration(at: Scope): ConfigurationRecord {
  const configuration = at.domain.configurations.get(at.accountSid);
  if (!configuration) throw new Error(`account ${at.accountSid} has no configuration`);
  return configuration;
}

export function updateConfiguration(at: Scope, params: Params): ConfigurationRecord {
  const defaultServiceSid = params.text("DefaultChatServiceSid");
  if (defaultServiceSid !== undefined && at.domain.services.get(defaultServiceSid)?.accountSid !== at.accountSid) {
    throw fail(defaultServiceSid === "" ? 50051 : 50050);
  }
  const defaultMessagingServiceSid = params.text("DefaultMessagingServiceSid");
  if (defaultMessagingServiceSid !== undefined) checkMessagingService(at, defaultMessagingServiceSid);
  const changes = given<ConfigurationRecord>({
    defaultServiceSid,
    defaultMessagingServiceSid,
    defaultInactiveTimer: defaultTimer(params.text("DefaultInactiveTimer"), "inactive"),
    defaultClosedTimer: defaultTimer(params.text("DefaultClosedTimer"), "closed"),
  });
  return at.domain.configurations.put(changed(fetchConfiguration(at), changes, at.domain.now()));
}

/** Kept as it was written; a zero or empty timer is none. */
function defaultTimer(text: string | undefined, kind: "inactive" | "closed"): string | null | undefined {
  if (text === undefined) return undefined;
  return parseTimer(text, kind) === null ? null : text;
}

export function configurationBody(configuration: ConfigurationRecord, root: string) {
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
