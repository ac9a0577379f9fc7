/** Address configurations (IG): whether a text message to an address of the account creates a conversation. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { crudRoutes, v1Root } from "../http/crud";
import { given, type Params } from "../http/params";
import { isSid } from "../sid";
import { ownsAddress } from "./binding";
import { checkEmail, checkLength, checkSid } from "./checks";
import type { Endpoints } from "./endpoints";
import type { IncomingNumberRecord } from "./incoming-number";
import type { ScopedWebhookInput } from "./scoped-webhook";
import { CONVERSATIONS_HOST, serviceTable } from "./service";
import { channelOf } from "./sms-sender";
import { readFilters, SCOPED_EVENTS } from "./webhook-filters";

const TYPES = ["sms", "whatsapp", "messenger", "gbm", "email", "rcs", "apple", "chat"] as const;

interface AutoCreation {
  enabled: boolean;
  /** What is attached to the new conversation: a webhook, a Studio flow, or nothing. */
  type: "webhook" | "studio" | "default";
  /** The service of the new conversation. Null means the account's default service. */
  conversationServiceSid: string | null;
  webhookUrl: string | null;
  webhookMethod: "get" | "post";
  webhookFilters: string[];
  studioFlowSid: string | null;
  studioRetryCount: number;
}

export interface AddressConfigurationRecord extends Base {
  type: (typeof TYPES)[number];
  address: string;
  friendlyName: string | null;
  addressCountry: string | null;
  autoCreation: AutoCreation;
}

const addressConfigurationTable = defineTable<AddressConfigurationRecord>()({
  name: "addressConfigurations",
  sidPrefix: "IG",
  indexes: {
    account: (configuration) => configuration.accountSid,
    address: ({ accountSid, address }) => `${accountSid} ${address}`,
  },
  references: { numbers: { by: "address", keys: addressesOf, onDelete: "cascade" } },
});

/** The addresses of a number, as keys of the index. */
function addressesOf({ accountSid, phoneNumber }: IncomingNumberRecord): string[] {
  return [phoneNumber, `whatsapp:${phoneNumber}`].map((address) => `${accountSid} ${address}`);
}

const DEFAULTS: AutoCreation = {
  enabled: false,
  type: "default",
  conversationServiceSid: null,
  webhookUrl: null,
  webhookMethod: "post",
  webhookFilters: [],
  studioFlowSid: null,
  studioRetryCount: 0,
};
const MAX_RETRIES = 3;
const SHORT_CODE = /^\d{3,8}$/;

function createAddressConfiguration(scope: Scope, params: Params): AddressConfigurationRecord {
  const type = params.word("Type", TYPES);
  if (!type) throw invalidParameter("Type", "");
  const address = params.text("Address") ?? "";
  checkAddress(scope, type, address);
  const addressCountry = params.text("AddressCountry") || null;
  if (type === "sms" && SHORT_CODE.test(address) && addressCountry === null) throw invalidParameter("AddressCountry", "");
  if (addressCountry !== null && !/^[A-Z]{2}$/i.test(addressCountry)) throw invalidParameter("AddressCountry", addressCountry);
  // Twilio's error code for this case is not documented. The status is that of other conflicts.
  if (addressConfigurationFor(scope, address)) throw fail(20409, { what: `Address configuration for ${address} already exists` });
  return addressConfigurationTable.insert(scope, {
    type,
    address,
    friendlyName: readFriendlyName(params) ?? null,
    addressCountry,
    autoCreation: readAutoCreation(scope, params, DEFAULTS),
  });
}

function checkAddress(scope: Scope, type: AddressConfigurationRecord["type"], address: string): void {
  const PREFIXES: Partial<Record<typeof type, string>> = { whatsapp: "whatsapp:", messenger: "messenger:", rcs: "rcs:" };
  if (address === "" || !address.startsWith(PREFIXES[type] ?? "")) throw invalidParameter("Address", address);
  checkLength(address, 256, 50407);
  if (type === "email") checkEmail(address, "Address");
  // The emulator sells phone numbers only. Any account may use any short code and any sender of another channel.
  const isNumber = type === "whatsapp" || (type === "sms" && !SHORT_CODE.test(address));
  if (isNumber && !ownsAddress(scope, address)) throw fail(50413, { address });
}

/** Type, address and country cannot change. */
function updateAddressConfiguration(scope: Scope, configuration: AddressConfigurationRecord, params: Params): AddressConfigurationRecord {
  const changes = given<AddressConfigurationRecord>({
    friendlyName: readFriendlyName(params),
    autoCreation: readAutoCreation(scope, params, configuration.autoCreation),
  });
  return addressConfigurationTable.update(scope, configuration, changes);
}

function readFriendlyName(params: Params): string | null | undefined {
  const name = params.nullable("FriendlyName");
  return name ? checkLength(name, 256, 50003) : name;
}

function readAutoCreation(scope: Scope, params: Params, before: AutoCreation): AutoCreation {
  const serviceSid = params.nullable("AutoCreation.ConversationServiceSid");
  if (serviceSid) {
    checkSid("IS", serviceSid, "AutoCreation.ConversationServiceSid");
    if (serviceTable.in(scope.domain).get(serviceSid)?.accountSid !== scope.accountSid) throw fail(50050);
  }
  const studioFlowSid = params.nullable("AutoCreation.StudioFlowSid");
  if (studioFlowSid && !isSid("FW", studioFlowSid)) throw fail(50367);
  const studioRetryCount = params.integer("AutoCreation.StudioRetryCount") ?? undefined;
  if (studioRetryCount !== undefined && (studioRetryCount < 0 || studioRetryCount > MAX_RETRIES)) {
    throw invalidParameter("AutoCreation.StudioRetryCount", String(studioRetryCount));
  }
  const after: AutoCreation = {
    ...before,
    ...given<AutoCreation>({
      enabled: params.boolean("AutoCreation.Enabled"),
      type: params.word("AutoCreation.Type", ["webhook", "studio", "default"]),
      conversationServiceSid: serviceSid,
      webhookUrl: params.url("AutoCreation.WebhookUrl"),
      webhookMethod: params.word("AutoCreation.WebhookMethod", ["get", "post"]),
      webhookFilters: readFilters(params, "AutoCreation.WebhookFilters", SCOPED_EVENTS, () => fail(50365)),
      studioFlowSid,
      studioRetryCount,
    }),
  };
  if (after.type === "webhook" && after.webhookUrl === null) throw fail(50369);
  if (after.type === "webhook" && after.webhookFilters.length === 0) throw fail(50370);
  if (after.type === "studio" && after.studioFlowSid === null) throw fail(50367);
  return after;
}

/** The configuration of an address of the account. */
export function addressConfigurationFor(scope: Scope, address: string): AddressConfigurationRecord | undefined {
  return addressConfigurationTable.in(scope.domain).by.address(`${scope.accountSid} ${address}`)[0];
}

/** The configuration by which a text message to this address creates a conversation. Undefined if it creates none. */
export function autoCreationFor(scope: Scope, address: string): AddressConfigurationRecord | undefined {
  const configuration = addressConfigurationFor(scope, address);
  return configuration?.autoCreation.enabled && configuration.type === channelOf(address) ? configuration : undefined;
}

/** The webhook that is attached to the new conversation. */
export function attachedWebhook(autoCreation: AutoCreation): ScopedWebhookInput | undefined {
  const { type, webhookUrl, webhookMethod, webhookFilters, studioFlowSid } = autoCreation;
  if (type === "webhook") return { target: type, url: webhookUrl, method: webhookMethod, filters: webhookFilters };
  return type === "studio" ? { target: type, flowSid: studioFlowSid } : undefined;
}

/** Finds it by SID or by address. */
function fetchAddressConfiguration(scope: Scope, sidOrAddress: string): AddressConfigurationRecord {
  const bySid = addressConfigurationTable.in(scope.domain).get(sidOrAddress);
  const configuration = bySid?.accountSid === scope.accountSid ? bySid : addressConfigurationFor(scope, sidOrAddress);
  if (!configuration) throw new NotFound();
  return configuration;
}

function listAddressConfigurations(scope: Scope, params: Params): AddressConfigurationRecord[] {
  const type = params.text("Type")?.toLowerCase();
  return addressConfigurationTable
    .in(scope.domain)
    .by.account(scope.accountSid)
    .filter((configuration) => !type || configuration.type === type);
}

function addressConfigurationBody(configuration: AddressConfigurationRecord) {
  return {
    sid: configuration.sid,
    account_sid: configuration.accountSid,
    type: configuration.type,
    address: configuration.address,
    friendly_name: configuration.friendlyName,
    address_country: configuration.addressCountry,
    auto_creation: autoCreationBody(configuration.autoCreation),
    date_created: isoDate(configuration.dateCreated),
    date_updated: isoDate(configuration.dateUpdated),
    url: `${CONVERSATIONS_HOST}/v1/Configuration/Addresses/${configuration.sid}`,
  };
}

/** Only the properties of the type. */
function autoCreationBody(autoCreation: AutoCreation) {
  const { enabled, type, conversationServiceSid } = autoCreation;
  const shared = { enabled, type, conversation_service_sid: conversationServiceSid };
  if (type === "webhook") {
    const { webhookUrl, webhookMethod, webhookFilters } = autoCreation;
    return { ...shared, webhook_url: webhookUrl, webhook_method: webhookMethod.toUpperCase(), webhook_filters: webhookFilters };
  }
  if (type === "studio") {
    return { ...shared, studio_flow_sid: autoCreation.studioFlowSid, studio_retry_count: autoCreation.studioRetryCount };
  }
  return shared;
}

export const addressConfigurationEndpoints: Endpoints = {
  tables: [addressConfigurationTable],
  routes: {
    conversations: crudRoutes(v1Root(CONVERSATIONS_HOST), {
      path: "/Configuration/Addresses",
      id: "AddressSid",
      key: "address_configurations",
      maxPageSize: 50,
      list: ({ scope, params }) => listAddressConfigurations(scope, params),
      body: addressConfigurationBody,
      create: ({ scope, params }) => createAddressConfiguration(scope, params),
      fetch: ({ scope }, sid) => fetchAddressConfiguration(scope, sid),
      update: (configuration, { scope, params }) => updateAddressConfiguration(scope, configuration, params),
      remove: (configuration, { scope }) => addressConfigurationTable.remove(scope, configuration),
    }),
  },
};
