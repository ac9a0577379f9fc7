/** Messaging services (MG) and the phone numbers that send for them. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { isSid } from "../sid";
import { changed, checkLength, invalid, owned } from "./checks";
import type { IncomingNumberRecord } from "./incoming-number";

interface MessagingServiceSettings {
  friendlyName: string;
  inboundRequestUrl: string | null;
  inboundMethod: "GET" | "POST";
  fallbackUrl: string | null;
  fallbackMethod: "GET" | "POST";
  statusCallback: string | null;
  stickySender: boolean;
  mmsConverter: boolean;
  smartEncoding: boolean;
  scanMessageContent: "inherit" | "enable" | "disable";
  fallbackToLongCode: boolean;
  areaCodeGeomatch: boolean;
  validityPeriod: number;
  synchronousValidation: boolean;
  usecase: string;
  useInboundWebhookOnNumber: boolean;
}

export interface MessagingServiceRecord extends Base, MessagingServiceSettings {}

const DEFAULTS: MessagingServiceSettings = {
  friendlyName: "",
  inboundRequestUrl: null,
  inboundMethod: "POST",
  fallbackUrl: null,
  fallbackMethod: "POST",
  statusCallback: null,
  stickySender: true,
  mmsConverter: true,
  smartEncoding: true,
  scanMessageContent: "inherit",
  fallbackToLongCode: true,
  areaCodeGeomatch: true,
  validityPeriod: 36_000,
  synchronousValidation: false,
  usecase: "undeclared",
  useInboundWebhookOnNumber: false,
};

const USECASES = ["notifications", "marketing", "verification", "discussion", "poll", "undeclared"] as const;
const METHODS = ["GET", "POST"] as const;

export function createMessagingService(at: Scope, settings: Partial<MessagingServiceSettings>): MessagingServiceRecord {
  if (!settings.friendlyName) throw fail(20001, { what: "FriendlyName is required" });
  return at.domain.messagingServices.put({ ...at.domain.base(at.accountSid, "MG"), ...DEFAULTS, ...settings });
}

export function updateMessagingService(at: Scope, service: MessagingServiceRecord, params: Params): MessagingServiceRecord {
  const changes = readMessagingService(params);
  if (changes.friendlyName === "") throw invalid("FriendlyName", "");
  return at.domain.messagingServices.put(changed<MessagingServiceRecord>(service, changes, at.domain.now()));
}

export function readMessagingService(params: Params): Partial<MessagingServiceSettings> {
  const validityPeriod = params.integer("ValidityPeriod") ?? undefined;
  if (validityPeriod !== undefined && (validityPeriod < 1 || validityPeriod > 36_000))
    throw invalid("ValidityPeriod", String(validityPeriod));
  const friendlyName = params.text("FriendlyName");
  return given<MessagingServiceSettings>({
    friendlyName: friendlyName === undefined ? undefined : checkLength(friendlyName, 64, 20002),
    inboundRequestUrl: params.url("InboundRequestUrl"),
    inboundMethod: params.word("InboundMethod", METHODS),
    fallbackUrl: params.url("FallbackUrl"),
    fallbackMethod: params.word("FallbackMethod", METHODS),
    statusCallback: params.url("StatusCallback"),
    stickySender: params.boolean("StickySender"),
    mmsConverter: params.boolean("MmsConverter"),
    smartEncoding: params.boolean("SmartEncoding"),
    scanMessageContent: params.word("ScanMessageContent", ["inherit", "enable", "disable"]),
    fallbackToLongCode: params.boolean("FallbackToLongCode"),
    areaCodeGeomatch: params.boolean("AreaCodeGeomatch"),
    validityPeriod,
    synchronousValidation: params.boolean("SynchronousValidation"),
    usecase: params.word("Usecase", USECASES),
    useInboundWebhookOnNumber: params.boolean("UseInboundWebhookOnNumber"),
  });
}

export function fetchMessagingService(at: Scope, sid: string): MessagingServiceRecord {
  return owned(at.accountSid, at.domain.messagingServices.get(sid));
}

/** Deletes the service; its numbers stay, conversations that used it have none from now on. */
export function removeMessagingService(at: Scope, service: MessagingServiceRecord): void {
  const { domain } = at;
  for (const number of domain.find.sendersOf(service.sid)) domain.numbers.put({ ...number, messagingServiceSid: null });
  for (const conversation of domain.find.conversationsUsing(service.sid)) {
    domain.conversations.put({ ...conversation, messagingServiceSid: null });
  }
  const configuration = domain.configurations.get(at.accountSid);
  if (configuration?.defaultMessagingServiceSid === service.sid) {
    domain.configurations.put({ ...configuration, defaultMessagingServiceSid: null });
  }
  domain.messagingServices.delete(service.sid);
}

/** The messaging service a conversation or configuration refers to. */
export function checkMessagingService(at: Scope, sid: string): string {
  if (sid === "") throw fail(50340);
  if (!isSid("MG", sid)) throw fail(50341);
  if (at.domain.messagingServices.get(sid)?.accountSid !== at.accountSid) throw fail(50342);
  return sid;
}

/** Most numbers in one service's pool. */
const MOST_SENDERS = 400;

export function addSender(at: Scope, service: MessagingServiceRecord, numberSid: string): IncomingNumberRecord {
  const number = at.domain.numbers.get(numberSid);
  if (number?.accountSid !== at.accountSid) throw fail(21421, { number: numberSid.slice(0, 100) });
  if (number.messagingServiceSid === service.sid) throw fail(21710);
  if (number.messagingServiceSid !== null) throw fail(21712);
  if (!number.capabilities.sms && !number.capabilities.mms) throw fail(21715);
  if (at.domain.find.sendersOf(service.sid).length >= MOST_SENDERS) throw fail(21714);
  return at.domain.numbers.put({ ...number, messagingServiceSid: service.sid, dateJoined: at.domain.now() });
}

export function fetchSender(at: Scope, service: MessagingServiceRecord, numberSid: string): IncomingNumberRecord {
  const number = at.domain.numbers.get(numberSid);
  if (number?.messagingServiceSid !== service.sid) throw new NotFound();
  return number;
}

export function removeSender(at: Scope, number: IncomingNumberRecord): void {
  at.domain.numbers.put({ ...number, messagingServiceSid: null });
}

export function senderBody(number: IncomingNumberRecord, root: string) {
  const { voice, sms, mms } = number.capabilities;
  return {
    sid: number.sid,
    account_sid: number.accountSid,
    service_sid: number.messagingServiceSid,
    date_created: isoDate(number.dateJoined),
    date_updated: isoDate(number.dateJoined),
    phone_number: number.phoneNumber,
    country_code: number.isoCountry,
    capabilities: [...(mms ? ["MMS"] : []), ...(sms ? ["SMS"] : []), ...(voice ? ["Voice"] : [])],
    url: `${root}/Services/${number.messagingServiceSid}/PhoneNumbers/${number.sid}`,
  };
}

export function messagingServiceBody(service: MessagingServiceRecord, root: string) {
  const url = `${root}/Services/${service.sid}`;
  return {
    sid: service.sid,
    account_sid: service.accountSid,
    friendly_name: service.friendlyName,
    inbound_request_url: service.inboundRequestUrl,
    inbound_method: service.inboundMethod,
    fallback_url: service.fallbackUrl,
    fallback_method: service.fallbackMethod,
    status_callback: service.statusCallback,
    sticky_sender: service.stickySender,
    mms_converter: service.mmsConverter,
    smart_encoding: service.smartEncoding,
    scan_message_content: service.scanMessageContent,
    fallback_to_long_code: service.fallbackToLongCode,
    area_code_geomatch: service.areaCodeGeomatch,
    validity_period: service.validityPeriod,
    synchronous_validation: service.synchronousValidation,
    usecase: service.usecase,
    us_app_to_person_registered: false,
    use_inbound_webhook_on_number: service.useInboundWebhookOnNumber,
    date_created: isoDate(service.dateCreated),
    date_updated: isoDate(service.dateUpdated),
    url,
    links: {
      phone_numbers: `${url}/PhoneNumbers`,
      short_codes: `${url}/ShortCodes`,
      alpha_senders: `${url}/AlphaSenders`,
      messages: `${url}/Messages`,
      us_app_to_person: `${url}/Compliance/Usa2p`,
      us_app_to_person_usecases: `${url}/Compliance/Usa2p/Usecases`,
      channel_senders: `${url}/ChannelSenders`,
      destination_alpha_senders: `${url}/DestinationAlphaSenders`,
    },
  };
}
