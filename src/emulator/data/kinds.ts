/** The sections of a data file, in the order in which their objects are created. A reference names an object of an earlier section. */
import type { Product } from "../resources/endpoints";
import { PERMISSIONS } from "../resources/role";
import { POST_EVENTS, PRE_EVENTS, SCOPED_EVENTS } from "../resources/webhook-filters";
import {
  address,
  attributes,
  boolean,
  date,
  fixed,
  integer,
  type Property,
  parent,
  reference,
  required,
  text,
  texts,
  url,
  word,
} from "./property";

/** A kind of objects. */
export interface Kind {
  /** One of them, as an error names it. */
  readonly one: string;
  readonly product: Product;
  /** The collection below the parent, or below the product's root. A dot and a property's name distinguish several. */
  readonly path: string | ((values: Readonly<Record<string, unknown>>) => string);
  /** The property that names the parent. */
  readonly parent?: string;
  /** The properties by name. A dot means a property of an object. */
  readonly properties: Readonly<Record<string, Property>>;
  /** The property that is the object's name unless the file says otherwise. */
  readonly named?: string;
  /** Exists once per parent, and is changed only. */
  readonly isSingleton?: true;
  /** The section is one object, not objects by name. */
  readonly isSingle?: true;
  /** Whether another object's creation may have created it: the property that identifies it. */
  readonly foundBy?: string;
}

const METHODS = ["GET", "POST"];
const dates = {
  dateCreated: date("DateCreated", "When it was created, for example an hour ago."),
  dateUpdated: date("DateUpdated", "When it was last changed."),
};
const inService = parent("services", "The conversation service. Default: the account's default service.");
const ofConversation = required(parent("conversations", "The conversation."));

const hooks = {
  preWebhookUrl: url("PreWebhookUrl", "Receives events before they happen."),
  postWebhookUrl: url("PostWebhookUrl", "Receives events after they happened."),
  filters: texts("Filters", "The events.", { values: [...PRE_EVENTS, ...POST_EVENTS] }),
  method: word("Method", "The method of the requests.", METHODS, "POST"),
};

const messaging: Record<string, Kind> = {
  numbers: {
    one: "number",
    product: "api",
    path: "/IncomingPhoneNumbers",
    properties: {
      phoneNumber: fixed(text("PhoneNumber", "The number to buy. It must be available.")),
      areaCode: fixed(text("AreaCode", "Buys any number of this area code.")),
      friendlyName: text("FriendlyName", "A description."),
      smsUrl: url("SmsUrl", "Receives texts that belong to no conversation."),
      smsMethod: word("SmsMethod", "The method of these requests.", METHODS, "POST"),
      smsFallbackUrl: url("SmsFallbackUrl", "Receives texts that smsUrl failed to handle."),
      smsFallbackMethod: word("SmsFallbackMethod", "The method of these requests.", METHODS, "POST"),
      voiceUrl: url("VoiceUrl", "Receives calls."),
      voiceMethod: word("VoiceMethod", "The method of these requests.", METHODS, "POST"),
      statusCallback: url("StatusCallback", "Receives the states of calls."),
    },
  },
  messagingServices: {
    one: "messaging service",
    product: "messaging",
    path: "/Services",
    named: "friendlyName",
    properties: {
      friendlyName: text("FriendlyName", "A description. Default: the name in this file."),
      inboundRequestUrl: url("InboundRequestUrl", "Receives texts to the senders."),
      inboundMethod: word("InboundMethod", "The method of these requests.", METHODS, "POST"),
      fallbackUrl: url("FallbackUrl", "Receives texts that inboundRequestUrl failed to handle."),
      statusCallback: url("StatusCallback", "Receives the states of texts."),
      stickySender: boolean("StickySender", "Whether a recipient always gets texts from the same sender.", { cleared: "true" }),
      useInboundWebhookOnNumber: boolean("UseInboundWebhookOnNumber", "Whether the number's smsUrl receives texts.", { cleared: "false" }),
      validityPeriod: integer("ValidityPeriod", "How many seconds a text may wait.", { cleared: "36000" }),
      usecase: word(
        "Usecase",
        "What the texts are for.",
        ["notifications", "marketing", "verification", "discussion", "poll", "undeclared"],
        "undeclared",
      ),
    },
  },
  senders: {
    one: "sender of a messaging service",
    product: "messaging",
    parent: "messagingService",
    path: ({ number, isoCountryCode }) => {
      if (number !== undefined) return "/PhoneNumbers";
      return isoCountryCode === undefined ? "/AlphaSenders" : "/DestinationAlphaSenders";
    },
    properties: {
      messagingService: required(parent("messagingServices", "The messaging service.")),
      number: fixed(reference("PhoneNumberSid", "numbers", "The number that sends.")),
      alphaSender: fixed(text("AlphaSender", "Instead of a number: an alphanumeric sender ID.")),
      isoCountryCode: fixed(text("IsoCountryCode", "The only country of the alphanumeric sender ID.")),
    },
  },
};

const services: Record<string, Kind> = {
  services: {
    one: "conversation service",
    product: "conversations",
    path: "/Services",
    named: "friendlyName",
    properties: { friendlyName: fixed(text("FriendlyName", "A description. Default: the name in this file.")) },
  },
  roles: {
    one: "role",
    product: "conversations",
    parent: "service",
    path: "/Roles",
    named: "friendlyName",
    properties: {
      service: inService,
      friendlyName: fixed(text("FriendlyName", "A description. Default: the name in this file.")),
      type: required(fixed(word("Type", "Who can have it: users, or participants.", ["conversation", "service"]))),
      permissions: required(texts("Permission", "What it permits.", { values: [...PERMISSIONS] })),
    },
  },
  serviceConfigurations: {
    one: "configuration of a conversation service",
    product: "conversations",
    parent: "service",
    path: "/Configuration",
    isSingleton: true,
    properties: {
      service: required(parent("services", "The conversation service.")),
      defaultChatServiceRole: reference("DefaultChatServiceRoleSid", "roles", "The role of new users."),
      defaultConversationRole: reference("DefaultConversationRoleSid", "roles", "The role of new participants."),
      defaultConversationCreatorRole: reference("DefaultConversationCreatorRoleSid", "roles", "The role of a conversation's creator."),
      reachabilityEnabled: boolean("ReachabilityEnabled", "Whether it is visible who is online."),
    },
  },
  serviceWebhooks: {
    one: "webhook of a conversation service",
    product: "conversations",
    parent: "service",
    path: "/Configuration/Webhooks",
    isSingleton: true,
    properties: { service: required(parent("services", "The conversation service.")), ...hooks },
  },
  accountConfiguration: {
    one: "configuration of the account",
    product: "conversations",
    path: "/Configuration",
    isSingleton: true,
    isSingle: true,
    properties: {
      defaultService: reference("DefaultChatServiceSid", "services", "The service of what names none."),
      defaultMessagingService: reference("DefaultMessagingServiceSid", "messagingServices", "The messaging service of new conversations."),
      defaultInactiveTimer: text("DefaultInactiveTimer", "When new conversations become inactive, as in PT1H."),
      defaultClosedTimer: text("DefaultClosedTimer", "When new conversations are closed, as in P7D."),
    },
  },
  accountWebhooks: {
    one: "webhook of the account",
    product: "conversations",
    path: "/Configuration/Webhooks",
    isSingleton: true,
    isSingle: true,
    properties: hooks,
  },
  users: {
    one: "user",
    product: "conversations",
    parent: "service",
    path: "/Users",
    named: "identity",
    foundBy: "identity",
    properties: {
      service: inService,
      identity: fixed(text("Identity", "What identifies the user. Default: the name in this file.")),
      friendlyName: text("FriendlyName", "The user's name."),
      attributes: attributes("Attributes", "Data of your own."),
      role: reference("RoleSid", "roles", "A role of the type service."),
    },
  },
};

const conversations: Record<string, Kind> = {
  conversations: {
    one: "conversation",
    product: "conversations",
    parent: "service",
    path: "/Conversations",
    properties: {
      service: inService,
      friendlyName: text("FriendlyName", "A title."),
      uniqueName: text("UniqueName", "Names it in paths instead of its SID."),
      attributes: attributes("Attributes", "Data of your own."),
      messagingService: reference("MessagingServiceSid", "messagingServices", "The messaging service that sends its texts."),
      state: { ...word("State", "Its state, once all else exists.", ["active", "inactive", "closed"], "active"), isLast: true },
      "timers.inactive": text("Timers.Inactive", "When it becomes inactive, as in PT1H.", { isLast: true }),
      "timers.closed": text("Timers.Closed", "When it is closed, as in P7D.", { isLast: true }),
      ...dates,
    },
  },
  participants: {
    one: "participant",
    product: "conversations",
    parent: "conversation",
    path: "/Participants",
    properties: {
      conversation: ofConversation,
      identity: fixed(text("Identity", "The user, for a participant who chats.")),
      address: address("MessagingBinding.Address", "The phone, for a participant who texts."),
      proxyAddress: address("MessagingBinding.ProxyAddress", "The number that this phone texts with."),
      projectedAddress: address("MessagingBinding.ProjectedAddress", "The number of a user in group texts."),
      attributes: attributes("Attributes", "Data of your own."),
      role: reference("RoleSid", "roles", "A role of the type conversation."),
      ...dates,
    },
  },
  messages: {
    one: "message",
    product: "conversations",
    parent: "conversation",
    path: "/Messages",
    properties: {
      conversation: ofConversation,
      author: text("Author", "The identity or the phone of its author. Default: system.", { cleared: "system" }),
      body: required(text("Body", "The text.")),
      subject: text("Subject", "The subject."),
      attributes: attributes("Attributes", "Data of your own."),
      ...dates,
    },
  },
  conversationWebhooks: {
    one: "webhook of a conversation",
    product: "conversations",
    parent: "conversation",
    path: "/Webhooks",
    properties: {
      conversation: ofConversation,
      target: required(fixed(word("Target", "What receives the events.", ["webhook", "trigger", "studio"]))),
      url: url("Configuration.Url", "Receives the requests."),
      method: word("Configuration.Method", "The method of the requests.", METHODS, "POST"),
      filters: texts("Configuration.Filters", "The events, for the target webhook.", { values: SCOPED_EVENTS }),
      triggers: texts("Configuration.Triggers", "The words, for the target trigger."),
      flowSid: text("Configuration.FlowSid", "The flow, for the target studio."),
    },
  },
  addressConfigurations: {
    one: "address configuration",
    product: "conversations",
    path: "/Configuration/Addresses",
    properties: {
      type: required(fixed(word("Type", "The channel.", ["sms", "whatsapp", "messenger", "gbm", "email", "rcs", "apple", "chat"]))),
      address: required(address("Address", "The address that receives texts.")),
      addressCountry: fixed(text("AddressCountry", "The country of a short code.")),
      friendlyName: text("FriendlyName", "A description."),
      "autoCreation.enabled": boolean("AutoCreation.Enabled", "Whether a text creates a conversation.", { cleared: "false" }),
      "autoCreation.type": word("AutoCreation.Type", "What the conversation gets.", ["webhook", "studio", "default"], "default"),
      "autoCreation.service": {
        ...reference("AutoCreation.ConversationServiceSid", "services", "The service of the conversation."),
        cleared: "",
      },
      "autoCreation.webhookUrl": url("AutoCreation.WebhookUrl", "Receives the conversation's events."),
      "autoCreation.webhookMethod": word("AutoCreation.WebhookMethod", "The method of the requests.", METHODS, "POST"),
      "autoCreation.webhookFilters": texts("AutoCreation.WebhookFilters", "The events.", { values: SCOPED_EVENTS }),
      "autoCreation.studioFlowSid": text("AutoCreation.StudioFlowSid", "The flow."),
      "autoCreation.studioRetryCount": integer("AutoCreation.StudioRetryCount", "How often the flow is tried again.", { cleared: "0" }),
    },
  },
};

/** The kinds by section. */
export const KINDS: Readonly<Record<string, Kind>> = { ...messaging, ...services, ...conversations };
