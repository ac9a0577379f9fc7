/** What becomes of a text to one of the account's addresses that belongs to no conversation yet (IG). */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { isSid } from "../sid";
import { ownsAddress } from "./binding";
import { changed, checkLength, checkSid, invalid } from "./checks";
import type { ScopedWebhookInput } from "./scoped-webhook";
import { readFilters, SCOPED_EVENTS } from "./webhook-filters";

const TYPES = ["sms", "whatsapp", "messenger", "gbm", "email", "rcs", "apple", "chat"] as const;

interface AutoCreation {
  enabled: boolean;
  /** What the new conversation gets: a scoped webhook, a Studio flow, or nothing. */
  type: "webhook" | "studio" | "default";
  /** Where it is made; null means the account's default service. */
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
const MOST_RETRIES = 3;

export function createAddressConfiguration(at: Scope, params: Params): AddressConfigurationRecord {
  const type = params.word("Type", TYPES);
  if (!type) throw invalid("Type", "");
  const address = params.text("Address") ?? "";
  checkAddress(at, type, address);
  const addressCountry = params.text("AddressCountry") || null;
  if (addressCountry !== null && !/^[A-Z]{2}$/i.test(addressCountry)) throw invalid("AddressCountry", addressCountry);
  // Which code Twilio has for this is not documented; its class is that of other conflicts.
  if (configurationOf(at, address)) throw fail(20409, { what: `Address configuration for ${address} already exists` });
  return at.domain.addressConfigurations.put({
    ...at.domain.base(at.accountSid, "IG"),
    type,
    address,
    friendlyName: readFriendlyName(params) ?? null,
    addressCountry,
    autoCreation: readAutoCreation(at, params, DEFAULTS),
  });
}

function checkAddress(at: Scope, type: AddressConfigurationRecord["type"], address: string): void {
  const PREFIXES: Partial<Record<typeof type, string>> = { whatsapp: "whatsapp:", messenger: "messenger:", rcs: "rcs:" };
  if (address === "" || !address.startsWith(PREFIXES[type] ?? "")) throw invalid("Address", address);
  checkLength(address, 256, 50407);
  // The emulator sells numbers only; senders of other channels belong to whoever names them.
  if ((type === "sms" || type === "whatsapp") && !ownsAddress(at, address)) throw fail(50413, { address });
}

/** Type, address and country stay as they were made. */
export function updateAddressConfiguration(
  at: Scope,
  configuration: AddressConfigurationRecord,
  params: Params,
): AddressConfigurationRecord {
  const changes = given<AddressConfigurationRecord>({
    friendlyName: readFriendlyName(params),
    autoCreation: readAutoCreation(at, params, configuration.autoCreation),
  });
  return at.domain.addressConfigurations.put(changed(configuration, changes, at.domain.now()));
}

function readFriendlyName(params: Params): string | null | undefined {
  const name = params.nullable("FriendlyName");
  return name ? checkLength(name, 256, 50003) : name;
}

function readAutoCreation(at: Scope, params: Params, before: AutoCreation): AutoCreation {
  const serviceSid = params.nullable("AutoCreation.ConversationServiceSid");
  if (serviceSid) {
    checkSid("IS", serviceSid, "AutoCreation.ConversationServiceSid");
    if (at.domain.services.get(serviceSid)?.accountSid !== at.accountSid) throw fail(50050);
  }
  const studioFlowSid = params.nullable("AutoCreation.StudioFlowSid");
  if (studioFlowSid && !isSid("FW", studioFlowSid)) throw fail(50367);
  const studioRetryCount = params.integer("AutoCreation.StudioRetryCount") ?? undefined;
  if (studioRetryCount !== undefined && (studioRetryCount < 0 || studioRetryCount > MOST_RETRIES)) {
    throw invalid("AutoCreation.StudioRetryCount", String(studioRetryCount));
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

function configurationOf(at: Scope, address: string): AddressConfigurationRecord | undefined {
  return at.domain.find.addressConfigured(`${at.accountSid} ${address}`)[0];
}

/** The configuration that makes a conversation of a text to this address, if there is one. */
export function autoCreationFor(at: Scope, address: string): AutoCreation | undefined {
  const autoCreation = configurationOf(at, address)?.autoCreation;
  return autoCreation?.enabled ? autoCreation : undefined;
}

/** The webhook that such a conversation starts with. */
export function attachedWebhook(autoCreation: AutoCreation): ScopedWebhookInput | undefined {
  const { type, webhookUrl, webhookMethod, webhookFilters, studioFlowSid } = autoCreation;
  if (type === "webhook") return { target: type, url: webhookUrl, method: webhookMethod, filters: webhookFilters };
  return type === "studio" ? { target: type, flowSid: studioFlowSid } : undefined;
}

/** By SID or by address. */
export function fetchAddressConfiguration(at: Scope, sidOrAddress: string): AddressConfigurationRecord {
  const bySid = at.domain.addressConfigurations.get(sidOrAddress);
  const configuration = bySid?.accountSid === at.accountSid ? bySid : configurationOf(at, sidOrAddress);
  if (!configuration) throw new NotFound();
  return configuration;
}

export function listAddressConfigurations(at: Scope, params: Params): AddressConfigurationRecord[] {
  const type = params.text("Type")?.toLowerCase();
  return at.domain.find.addressConfigurationsOf(at.accountSid).filter((configuration) => !type || configuration.type === type);
}

/** A number that leaves its account takes the configurations of its addresses along. */
export function forgetAddresses(at: Scope, accountSid: string, phoneNumber: string): void {
  for (const address of [phoneNumber, `whatsapp:${phoneNumber}`]) {
    for (const { sid } of at.domain.find.addressConfigured(`${accountSid} ${address}`)) at.domain.addressConfigurations.delete(sid);
  }
}

export function addressConfigurationBody(configuration: AddressConfigurationRecord, root: string) {
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
    url: `${root}/Configuration/Addresses/${configuration.sid}`,
  };
}

/** Only what the type knows. */
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
