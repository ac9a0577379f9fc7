/** Messaging services (MG): the settings. Their senders are in files of their own. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import { crudRoutes, nestedPrefix, v1Root } from "../http/crud";
import { given, type Params } from "../http/params";
import { type Call, ok, route } from "../http/router";
import { isSid } from "../sid";
import { checkLength } from "./checks";
import type { Endpoints } from "./endpoints";

export const MESSAGING_HOST = "https://messaging.twilio.com";

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

export const messagingServiceTable = defineTable<MessagingServiceRecord>()({
  name: "messagingServices",
  sidPrefix: "MG",
  indexes: { account: (service) => service.accountSid },
});

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

/** Twilio's examples describe the first two. */
const DESCRIPTIONS: Record<string, { description: string; purpose: string }> = {
  notifications: {
    description:
      "Transactional notifications and Alerts for any Delivery, Account, Reminder, Order, Fraud, Security or Emergency announcements.",
    purpose: "Notify my users.",
  },
  marketing: {
    description: "Marketing messages may contain product information, offers, and calls to action to engage with your organization.",
    purpose: "Market my services.",
  },
};
const USECASES = ["notifications", "marketing", "verification", "discussion", "poll", "undeclared"];

const describeUsecase = (usecase: string) => ({ usecase, description: usecase, purpose: usecase, ...DESCRIPTIONS[usecase] });

function readUsecase(params: Params): string | undefined {
  const usecase = params.text("Usecase");
  if (usecase !== undefined && !USECASES.includes(usecase)) throw fail(21713);
  return usecase;
}

const METHODS = ["GET", "POST"] as const;

export function createMessagingService(scope: Scope, settings: Partial<MessagingServiceSettings>): MessagingServiceRecord {
  if (!settings.friendlyName) throw fail(20001, { what: "FriendlyName is required" });
  return messagingServiceTable.insert(scope, { ...DEFAULTS, ...settings });
}

function updateMessagingService(scope: Scope, service: MessagingServiceRecord, params: Params): MessagingServiceRecord {
  const changes = readMessagingService(params);
  if (changes.friendlyName === "") throw invalidParameter("FriendlyName", "");
  return messagingServiceTable.update(scope, service, changes);
}

function readMessagingService(params: Params): Partial<MessagingServiceSettings> {
  const validityPeriod = params.integer("ValidityPeriod") ?? undefined;
  if (validityPeriod !== undefined && (validityPeriod < 1 || validityPeriod > 36_000))
    throw invalidParameter("ValidityPeriod", String(validityPeriod));
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
    usecase: readUsecase(params),
    useInboundWebhookOnNumber: params.boolean("UseInboundWebhookOnNumber"),
  });
}

/** The messaging service a conversation or configuration refers to. */
export function checkMessagingService(scope: Scope, sid: string): string {
  if (sid === "") throw fail(50340);
  if (!isSid("MG", sid)) throw fail(50341);
  if (messagingServiceTable.in(scope.domain).get(sid)?.accountSid !== scope.accountSid) throw fail(50342);
  return sid;
}

function messagingServiceBody(service: MessagingServiceRecord) {
  const url = `${MESSAGING_HOST}/v1/Services/${service.sid}`;
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
    // Twilio also lists `messages`, which no published path serves.
    links: {
      phone_numbers: `${url}/PhoneNumbers`,
      short_codes: `${url}/ShortCodes`,
      alpha_senders: `${url}/AlphaSenders`,
      us_app_to_person: `${url}/Compliance/Usa2p`,
      us_app_to_person_usecases: `${url}/Compliance/Usa2p/Usecases`,
      channel_senders: `${url}/ChannelSenders`,
      destination_alpha_senders: `${url}/DestinationAlphaSenders`,
    },
  };
}

export interface MessagingServiceCall extends Call {
  service: MessagingServiceRecord;
}

const root = v1Root(MESSAGING_HOST);
/** Paths below a messaging service. */
export const inMessagingService = nestedPrefix(
  root,
  "/Services/{ServiceSid}",
  (call): MessagingServiceCall => ({ ...call, service: messagingServiceTable.fetch(call.scope, call.part("ServiceSid")) }),
);

export const messagingServiceEndpoints: Endpoints = {
  tables: [messagingServiceTable],
  routes: {
    messaging: [
      ...crudRoutes(root, {
        path: "/Services",
        id: "ServiceSid",
        key: "services",
        list: ({ scope }) => messagingServiceTable.in(scope.domain).by.account(scope.accountSid),
        body: messagingServiceBody,
        create: ({ scope, params }) => createMessagingService(scope, readMessagingService(params)),
        fetch: ({ scope }, sid) => messagingServiceTable.fetch(scope, sid),
        update: (service, { scope, params }) => updateMessagingService(scope, service, params),
        remove: (service, { scope }) => messagingServiceTable.remove(scope, service),
      }),
      route("GET", "/v1/Services/Usecases", () => ok({ usecases: USECASES.map(describeUsecase) })),
    ],
  },
};
