import type { EmulatorClient } from "../engine/twilio";

type Client = EmulatorClient["client"];
type Service = ReturnType<Client["conversations"]["v1"]["services"]>;

const link = (path: string) => `https://example.com/${path}`;
const studioFlowSid = `FW${"1".repeat(32)}`;

/** A number with every setting that the usual ones lack, and an application and an address with all of theirs. */
async function createDesk({ applications, addresses, incomingPhoneNumbers, messaging }: Client): Promise<string> {
  const application = await applications.create({
    friendlyName: "Every setting",
    apiVersion: "2008-08-01",
    voiceUrl: link("voice"),
    voiceMethod: "GET",
    voiceFallbackUrl: link("voice-fallback"),
    voiceFallbackMethod: "GET",
    voiceCallerIdLookup: true,
    statusCallback: link("status"),
    statusCallbackMethod: "GET",
    smsUrl: link("sms"),
    smsMethod: "GET",
    smsFallbackUrl: link("sms-fallback"),
    smsFallbackMethod: "GET",
    messageStatusCallback: link("message-status"),
    publicApplicationConnectEnabled: true,
  });
  const place = { customerName: "Shop", friendlyName: "Emergencies", street: "5 Main St", streetSecondary: "Fl 2" };
  const { sid: addressSid } = await addresses.create({
    ...place,
    city: "Oakland",
    region: "CA",
    postalCode: "94105",
    isoCountry: "US",
    emergencyEnabled: true,
    autoCorrectAddress: false,
  });
  const { phoneNumber } = await incomingPhoneNumbers.create({
    areaCode: "212",
    friendlyName: "Every setting",
    smsApplicationSid: application.sid,
    smsFallbackMethod: "GET",
    voiceFallbackUrl: link("fallback"),
    voiceFallbackMethod: "GET",
    voiceReceiveMode: "fax",
    statusCallback: link("calls"),
    statusCallbackMethod: "GET",
    trunkSid: `TK${"1".repeat(32)}`,
    emergencyStatus: "Active",
    emergencyAddressSid: addressSid,
    identitySid: `RI${"1".repeat(32)}`,
    bundleSid: `BU${"1".repeat(32)}`,
  });
  await messaging.v1.services.create({
    friendlyName: "Every setting",
    inboundRequestUrl: link("inbound"),
    inboundMethod: "GET",
    fallbackUrl: link("inbound-fallback"),
    fallbackMethod: "GET",
    statusCallback: link("delivery"),
    stickySender: false,
    mmsConverter: false,
    smartEncoding: false,
    scanMessageContent: "disable",
    fallbackToLongCode: false,
    areaCodeGeomatch: false,
    validityPeriod: 60,
    synchronousValidation: true,
    usecase: "notifications",
    useInboundWebhookOnNumber: true,
  });
  return phoneNumber;
}

/** Gives a service roles, and all of its settings other values than Twilio's. */
async function configureService({ roles, configuration }: Service): Promise<void> {
  const permission = ["sendMessage", "leaveConversation", "editOwnMessage"];
  const conversationRole = await roles.create({ friendlyName: "guest", type: "conversation", permission });
  const creatorRole = await roles.create({ friendlyName: "host", type: "conversation", permission: [...permission, "addParticipant"] });
  const serviceRole = await roles.create({ friendlyName: "visitor", type: "service", permission: ["joinConversation"] });
  await configuration().update({
    defaultConversationRoleSid: conversationRole.sid,
    defaultConversationCreatorRoleSid: creatorRole.sid,
    defaultChatServiceRoleSid: serviceRole.sid,
    reachabilityEnabled: true,
  });
  await configuration.webhooks().update({
    preWebhookUrl: link("before"),
    postWebhookUrl: link("after"),
    filters: ["onMessageAdd", "onUserUpdated"],
    method: "GET",
  });
  const template = "$".concat("{CONVERSATION}");
  await configuration.notifications().update({
    logEnabled: true,
    "newMessage.enabled": true,
    "newMessage.template": template,
    "newMessage.sound": "bell",
    "newMessage.badgeCountEnabled": true,
    "newMessage.withMedia.enabled": true,
    "newMessage.withMedia.template": template,
    "addedToConversation.enabled": true,
    "addedToConversation.template": template,
    "addedToConversation.sound": "bell",
    "removedFromConversation.enabled": true,
    "removedFromConversation.template": template,
    "removedFromConversation.sound": "bell",
  });
}

/** Creates a conversation with a participant of each kind, webhooks of each target, messages, and what a user has set for it. */
async function fillService({ conversations, conversationWithParticipants, users }: Service, number: string): Promise<number> {
  const { sid } = await conversations.create({ friendlyName: "Everybody", state: "inactive", attributes: '{"a":1}' });
  const { participants, webhooks, messages } = conversations(sid);
  const bound = (channel: string, address: string, proxy: string) => ({
    "messagingBinding.address": `${channel}${address}`,
    "messagingBinding.proxyAddress": `${channel}${proxy}`,
  });
  const people = [
    { identity: "ada" },
    bound("", "+14155550190", number),
    bound("whatsapp:", "+14155550191", number),
    bound("whatsapp:", "+14155550196", "+14155238886"),
    bound("rcs:", "+14155550192", "sample_agent"),
    bound("messenger:", "5203384750012345", "103204021551234"),
  ];
  for (const one of people) await participants.create(one);
  const to = { "configuration.url": link("hook"), "configuration.method": "get" as const };
  await webhooks.create({ target: "webhook", ...to, "configuration.filters": ["onMessageAdded", "onParticipantAdded"] });
  await webhooks.create({ target: "trigger", ...to, "configuration.triggers": ["HELP", "Stop it"] });
  await webhooks.create({ target: "studio", "configuration.flowSid": studioFlowSid });
  for (const body of ["Hello", "Goodbye"]) await messages.create({ author: "ada", body, attributes: '{"kept":true}' });
  const [ada] = await users.list();
  await users(ada?.sid as string)
    .userConversations(sid)
    .update({ notificationLevel: "muted", lastReadMessageIndex: 0 });
  const group = [
    { messaging_binding: { address: "+14155550193" } },
    { identity: "dispatch", messaging_binding: { projected_address: number } },
  ];
  await conversationWithParticipants.create({ friendlyName: "Crew", participant: group.map((member) => JSON.stringify(member)) });
  return people.length + group.length;
}

/** Address configurations of the types that are not for a number. */
async function configureOtherAddresses({ addressConfigurations }: Client["conversations"]["v1"], service: string): Promise<number> {
  const addresses = [
    { type: "messenger" as const, address: "messenger:103204021551234" },
    { type: "rcs" as const, address: "rcs:sample_agent" },
    { type: "apple" as const, address: "urn:mbid:0ff4e8a1-0000-4000-8000-1f2e3d4c5b6a" },
    { type: "chat" as const, address: `DK${"1".repeat(32)}` },
    { type: "gbm" as const, address: "agents/shop" },
  ];
  for (const address of addresses) {
    await addressConfigurations.create({
      ...address,
      friendlyName: `By ${address.type}`,
      "autoCreation.enabled": true,
      "autoCreation.type": "webhook",
      "autoCreation.conversationServiceSid": service,
      "autoCreation.webhookUrl": link("created"),
      "autoCreation.webhookMethod": "get",
      "autoCreation.webhookFilters": ["onMessageAdded"],
    });
  }
  return addresses.length;
}

/** Creates a number, a conversation with a participant, and an address configuration that name what was deleted afterwards. */
async function nameWhatIsGone(client: Client, { conversations }: Service): Promise<void> {
  const { applications, incomingPhoneNumbers } = client;
  const { v1 } = client.conversations;
  const application = await applications.create({ friendlyName: "Deleted" });
  const former = { voiceApplicationSid: application.sid, smsApplicationSid: application.sid };
  await incomingPhoneNumbers.create({ areaCode: "212", friendlyName: "Former application", ...former });
  const released = await incomingPhoneNumbers.create({ areaCode: "212" });
  const { sid } = await conversations.create({ friendlyName: "Former number" });
  const binding = { "messagingBinding.address": "+14155550195", "messagingBinding.proxyAddress": released.phoneNumber };
  await conversations(sid).participants.create(binding);
  const service = await v1.services.create({ friendlyName: "Deleted" });
  await v1.addressConfigurations.create({
    type: "messenger",
    address: "messenger:103204021551235",
    "autoCreation.enabled": true,
    "autoCreation.type": "default",
    "autoCreation.conversationServiceSid": service.sid,
  });
  await applications(application.sid).remove();
  await incomingPhoneNumbers(released.sid).remove();
  await v1.services(service.sid).remove();
}

/**
 * Adds to an account what makes it have one of everything that this package knows, with settings that differ from Twilio's. Returns how many
 * resources of each class declare it.
 */
export async function addEveryKind({ client, accountSid }: EmulatorClient): Promise<Readonly<Record<string, number>>> {
  const { v1 } = client.conversations;
  await client.iam.v1.newApiKey.create({ accountSid, friendlyName: "standard" });
  const policy = { allow: ["/twilio/messaging/messages/read"] };
  await client.iam.v1.newApiKey.create({ accountSid, friendlyName: "restricted", keyType: "restricted", policy });
  await client.api.v2010.accounts.create({ friendlyName: "Open" });
  const number = await createDesk(client);
  const { sid } = await v1.services.create({ friendlyName: "Every kind" });
  const service = v1.services(sid);
  await configureService(service);
  await v1.configuration().update({ defaultChatServiceSid: sid, defaultInactiveTimer: "PT2H", defaultClosedTimer: "P30D" });
  await v1.configuration
    .webhooks()
    .update({ preWebhookUrl: link("ask"), filters: ["onMessageAdded", "onConversationAdd"], target: "flex" });
  await nameWhatIsGone(client, service);
  return {
    Subaccount: 1,
    TwimlApp: 1,
    Address: 1,
    PhoneNumber: 2,
    MessagingService: 1,
    ConversationService: 1,
    ConversationServiceConfiguration: 1,
    ConversationServiceWebhookConfiguration: 1,
    ConversationServiceNotification: 1,
    ConversationRole: 3,
    Conversation: 3,
    ConversationWebhook: 3,
    Participant: 1 + (await fillService(service, number)),
    AddressConfiguration: 1 + (await configureOtherAddresses(v1, sid)),
  };
}
