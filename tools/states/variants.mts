import { ComponentResource, Config, type Output, secret } from "@pulumi/pulumi";
import { Conversation, ConversationService, Participant, PhoneNumber, TwilioProvider } from "pulumi-twilio-conversations";
import { prepare, readExisting } from "./existing.mts";
import type { RecordedProgram, Stage } from "./recording.mts";

/** Every resource in every variant: default names, own names, all properties, adopted, retained, secret, renamed, in a component. */
export const variants: RecordedProgram = {
  prepare,
  program: (stage) => async () => {
    const numbers = declareNumbers(stage);
    const services = declareServices(stage);
    const conversations = declareConversations(stage, services);
    declareParticipants(stage, conversations, numbers);
    new Desk("desk", stage, services.plain);
    readExisting();
  },
  updates: {
    ...updatesOf(
      { sms_url: "https://example.com/updated" },
      ...["number-by-search", "number-by-area-code", "number-by-phone-number", "number-with-all", "number-with-application"],
      ...["number-secret", "number-adopted-by-sid", "number-adopted-by-number", "number-renamed"],
    ),
    ...updatesOf(
      {},
      ...["service", "service-secret", "service-duplicate", "service-renamed", "service-retained", "service-adopted-by-sid"],
      ...["service-adopted-by-name", "service-adopted-for-deletion", "service-default"],
    ),
    ...updatesOf(
      { friendly_name: "Updated" },
      ...[
        "conversation",
        "conversation-in-default-service",
        "conversation-unnamed",
        "conversation-unnamed-duplicate",
        "conversation-named",
      ],
      ...["conversation-secret-attributes", "conversation-secret-unique-name", "conversation-inactive", "conversation-renamed"],
      ...["conversation-by-id", "conversation-retained", "conversation-adopted-by-sid", "conversation-adopted-by-name"],
      ...["conversation-adopted-once", "conversation-group", "conversation-with-provider", "desk-conversation"],
    ),
    "conversation-with-all": { friendly_name: "Updated", bindings: { email: { name: "Updated", projected_address: "desk@example.com" } } },
    "conversation-secret-friendly-name": { friendly_name: "classified and updated" },
    ...updatesOf(
      { attributes: '{"updated":true}' },
      ...["chat", "chat-renamed", "chat-secret-identity", "sms", "sms-secret", "whatsapp", "group-address", "group-projected"],
      ...["group-chat", "chat-retained", "chat-adopted-by-sid", "chat-adopted-by-identity", "desk-chat"],
    ),
    "chat-with-all": { attributes: '{"plan":"gold","updated":true}' },
    "chat-secret-attributes": { attributes: '{"plan":"classified","updated":true}' },
  },
  kept: [
    ...["number-by-search", "number-by-phone-number", "number-secret", "number-adopted-by-sid", "number-adopted-by-number"],
    ...["number-renamed", "service-retained", "service-adopted-by-sid", "service-adopted-by-name", "service-default"],
    ...["conversation-retained", "conversation-adopted-by-sid", "conversation-adopted-by-name", "conversation-adopted-once"],
    ...["chat-retained", "chat-adopted-by-sid", "chat-adopted-by-identity"],
  ],
};

function updatesOf(shows: Record<string, unknown>, ...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, shows]));
}

const search = { country: "US", type: "local", smsEnabled: true } as const;
const url = (path: string) => `https://example.com/${path}`;
const reference = (prefix: string) => prefix + "1".repeat(32);

const fullSearch = {
  ...search,
  areaCode: "510",
  contains: "+1510555****",
  nearNumber: "+15105550100",
  nearLatLong: "37.8,-122.27",
  distance: 25,
  inPostalCode: "94612",
  inRegion: "CA",
  inLocality: "Oakland",
  inRateCenter: "OAKLAND",
  inLata: "722",
  voiceEnabled: true,
  mmsEnabled: true,
  faxEnabled: true,
  excludeAllAddressRequired: true,
  excludeLocalAddressRequired: true,
  excludeForeignAddressRequired: true,
  beta: true,
} as const;

/** All properties of a number except those that choose it and those that exclude each other. */
const settings = {
  onDelete: "release",
  smsMethod: "GET",
  smsFallbackUrl: url("sms-fallback"),
  smsFallbackMethod: "GET",
  smsApplicationSid: reference("AP"),
  voiceUrl: url("voice"),
  voiceMethod: "GET",
  voiceFallbackUrl: url("voice-fallback"),
  voiceFallbackMethod: "GET",
  voiceCallerIdLookup: true,
  voiceReceiveMode: "fax",
  statusCallback: url("status"),
  statusCallbackMethod: "GET",
  emergencyStatus: "Active",
  emergencyAddressSid: reference("AD"),
  addressSid: reference("AD"),
  identitySid: reference("RI"),
  bundleSid: reference("BU"),
} as const;

function declareNumbers(stage: Stage): { bySearch: PhoneNumber; byAreaCode: PhoneNumber; withAll: PhoneNumber } {
  const config = new Config();
  const smsUrl = url(stage === "updated" ? "updated" : "sms");
  const bySearch = new PhoneNumber("number-by-search", { search, smsUrl });
  const byAreaCode = new PhoneNumber("number-by-area-code", { areaCode: "510", onDelete: "release", smsUrl });
  new PhoneNumber("number-by-phone-number", { phoneNumber: config.require("phoneNumber"), friendlyName: "Own name", smsUrl });
  const withAll = new PhoneNumber("number-with-all", {
    search: fullSearch,
    friendlyName: "With all",
    trunkSid: reference("TK"),
    ...settings,
    smsUrl,
  });
  new PhoneNumber("number-with-application", { search, voiceApplicationSid: reference("AP"), ...settings, smsUrl });
  new PhoneNumber("number-secret", { search, friendlyName: secret("classified number"), voiceUrl: secret(url("classified")), smsUrl });
  new PhoneNumber("number-adopted-by-sid", { adopt: config.require("adoptedNumber"), smsUrl });
  new PhoneNumber("number-adopted-by-number", { adopt: config.require("adoptedPhoneNumber"), friendlyName: "Adopted", smsUrl });
  renamed(stage, "number", (name, options) => new PhoneNumber(name, { search, smsUrl }, options));
  return { bySearch, byAreaCode, withAll };
}

type Services = Record<"plain" | "retained" | "adopted" | "byName", ConversationService>;

function declareServices(stage: Stage): Services {
  const config = new Config();
  // Twilio cannot change a service, so the update is of a property that matters at deletion.
  const forceDestroy = stage === "updated";
  const plain = new ConversationService("service", { friendlyName: "Plain", onDelete: "delete", forceDestroy });
  new ConversationService("service-secret", { friendlyName: secret("classified service"), forceDestroy });
  // The same arguments as those of another resource.
  new ConversationService("service-duplicate", { friendlyName: "Plain", onDelete: "delete", forceDestroy });
  renamed(stage, "service", (name, options) => new ConversationService(name, { friendlyName: "Renamed", forceDestroy }, options));
  const retained = new ConversationService("service-retained", { friendlyName: "Retained", onDelete: "retain", forceDestroy });
  const adopted = new ConversationService("service-adopted-by-sid", {
    friendlyName: "Adopted by SID",
    adopt: config.require("adoptedService"),
    forceDestroy,
  });
  const byName = new ConversationService("service-adopted-by-name", {
    friendlyName: "Adopted by name",
    adopt: "Adopted by name",
    forceDestroy,
  });
  new ConversationService("service-adopted-for-deletion", {
    friendlyName: "Adopted for deletion",
    adopt: "Adopted for deletion",
    onDelete: "delete",
    forceDestroy,
  });
  const friendlyName = "Default Conversations Service";
  new ConversationService("service-default", { friendlyName, adopt: friendlyName, forceDestroy });
  return { plain, retained, adopted, byName };
}

type Conversations = Record<"plain" | "group" | "retained" | "adopted", Conversation> & { roleSid: Output<string> };

function declareConversations(stage: Stage, services: Services): Conversations {
  const config = new Config();
  const service = services.plain;
  const update = stage === "updated" ? { friendlyName: "Updated" } : {};
  const plain = new Conversation("conversation", { service, friendlyName: "Plain", ...update });
  new Conversation("conversation-in-default-service", { ...update });
  // Only the URN distinguishes these two.
  new Conversation("conversation-unnamed", { service, ownerMark: "none-may-duplicate", ...update });
  new Conversation("conversation-unnamed-duplicate", { service, ownerMark: "none-may-duplicate", ...update });
  new Conversation("conversation-named", { service, uniqueName: "named", ...update });
  new Conversation("conversation-with-all", {
    service,
    friendlyName: "With all",
    uniqueName: "with-all",
    ownerMark: "uniqueName",
    attributes: { color: "red", nested: { list: [1, "two", null] } },
    state: "active",
    timers: { inactive: "PT60M", closed: "P7D" },
    messagingServiceSid: config.require("messagingService"),
    bindings: { email: { address: "desk@example.com", name: stage === "updated" ? "Updated" : "Desk" } },
    forceDestroy: true,
    onDelete: "delete",
    ...update,
  });
  const classified = stage === "updated" ? "classified and updated" : "classified conversation";
  new Conversation("conversation-secret-friendly-name", { service, friendlyName: secret(classified) });
  new Conversation("conversation-secret-attributes", { service, attributes: secret({ key: "classified" }), ...update });
  new Conversation("conversation-secret-unique-name", { service, uniqueName: secret("classified-name"), ...update });
  new Conversation("conversation-inactive", { service, state: "inactive", ...update });
  // Twilio refuses every later change of it.
  new Conversation("conversation-closed", { service, friendlyName: "Closed", ...(stage === "first" ? {} : { state: "closed" }) });
  new Conversation("conversation-by-id", { service: service.id, ...update });
  renamed(stage, "conversation", (name, options) => new Conversation(name, { service, ...update }, options));
  const twilio = new Config("twilio");
  const account = { accountSid: twilio.require("accountSid"), authToken: twilio.requireSecret("authToken") };
  new Conversation("conversation-with-provider", { service, ...update }, { provider: new TwilioProvider("provider", account) });
  const group = new Conversation("conversation-group", { service, ...update });
  const retained = new Conversation("conversation-retained", { service: services.retained, onDelete: "retain", ...update });
  const adopted = new Conversation("conversation-adopted-by-sid", {
    service: services.adopted,
    adopt: config.require("adoptedConversation"),
    friendlyName: "Adopted by SID",
    ...update,
  });
  new Conversation("conversation-adopted-by-name", { service: services.adopted, adopt: "adopted-by-name", ...update });
  const once = stage === "first" ? { adopt: "adopted-once" } : {};
  new Conversation("conversation-adopted-once", { service: services.adopted, ...once, ...update });
  const roleSid = service.configuration.apply((configuration) => configuration.defaultConversationCreatorRoleSid);
  return { plain, group, retained, adopted, roleSid };
}

function declareParticipants(
  stage: Stage,
  conversations: Conversations,
  numbers: { bySearch: PhoneNumber; byAreaCode: PhoneNumber; withAll: PhoneNumber },
): void {
  const config = new Config();
  const { plain: conversation, group, retained, adopted, roleSid } = conversations;
  const updated = stage === "updated" ? { updated: true } : {};
  const update = stage === "updated" ? { attributes: updated } : {};
  const proxyAddress = numbers.bySearch.phoneNumber;
  new Participant("chat", { conversation, identity: "chat", ...update });
  new Participant("chat-with-all", {
    conversation,
    identity: "all",
    roleSid,
    attributes: { plan: "gold", ...updated },
    onDelete: "delete",
  });
  new Participant("chat-secret-identity", { conversation, identity: secret("classified"), ...update });
  new Participant("chat-secret-attributes", {
    conversation: conversation.id,
    identity: "secret-attributes",
    attributes: secret({ plan: "classified", ...updated }),
  });
  new Participant("sms", { conversation, sms: { address: "+15558675310", proxyAddress }, ...update });
  new Participant("sms-secret", { conversation, sms: secret({ address: "+15558675311", proxyAddress }), ...update });
  new Participant("whatsapp", {
    conversation,
    whatsapp: { address: "whatsapp:+15558675312", proxyAddress: proxyAddress.apply((number) => `whatsapp:${number}`) },
    ...update,
  });
  new Participant("group-address", { conversation: group, address: "+15558675313", ...update });
  new Participant("group-projected", { conversation: group, projectedAddress: numbers.byAreaCode.phoneNumber, ...update });
  new Participant("group-chat", { conversation: group, identity: "group", projectedAddress: numbers.withAll.phoneNumber, ...update });
  renamed(stage, "chat", (name, options) => new Participant(name, { conversation, identity: "renamed", ...update }, options));
  new Participant("chat-retained", { conversation: retained, identity: "retained", onDelete: "retain", ...update });
  new Participant("chat-adopted-by-sid", {
    conversation: adopted,
    identity: "adopted-by-sid",
    adopt: config.require("adoptedParticipant"),
    ...update,
  });
  const identity = "adopted-by-identity";
  new Participant("chat-adopted-by-identity", { conversation: adopted, identity, adopt: identity, ...update });
}

/** Resources whose URN contains the type of a parent. */
class Desk extends ComponentResource {
  constructor(name: string, stage: Stage, service: ConversationService) {
    super("proof:index:Desk", name);
    const options = { parent: this };
    const update = stage === "updated" ? { friendlyName: "Updated" } : {};
    const conversation = new Conversation(`${name}-conversation`, { service, ...update }, options);
    const attributes = stage === "updated" ? { attributes: { updated: true } } : {};
    new Participant(`${name}-chat`, { conversation, identity: "desk", ...attributes }, { parent: conversation });
  }
}

/** A resource that had another name in the first version of the program. */
function renamed(stage: Stage, kind: string, declare: (name: string, options: { aliases?: { name: string }[] }) => void): void {
  if (stage === "first") declare(`${kind}-before`, {});
  else declare(`${kind}-renamed`, { aliases: [{ name: `${kind}-before` }] });
}
