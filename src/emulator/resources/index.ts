/** The list of all resources. A new resource is one file and one line here. */

export { syncEndpoints } from "../sdk/sync/log";
export { accountEndpoints } from "./account";
export { addressConfigurationEndpoints } from "./address-configuration";
export { availableNumberEndpoints } from "./available-number";
export { configurationEndpoints } from "./configuration";
export { conversationEndpoints } from "./conversation";
export { incomingNumberEndpoints } from "./incoming-number";
export { keyEndpoints } from "./key";
export { mediaEndpoints } from "./media";
export { messageEndpoints } from "./message";
export { messagingServiceEndpoints } from "./messaging-service";
export { notificationConfigurationEndpoints } from "./notification-configuration";
export { participantEndpoints } from "./participant";
export { participantConversationEndpoints } from "./participant-conversation";
export { pricingEndpoints } from "./pricing";
export { regulationEndpoints } from "./regulation";
export { roleEndpoints } from "./role";
export { scopedWebhookEndpoints } from "./scoped-webhook";
export { serviceEndpoints } from "./service";
export { serviceConfigurationEndpoints } from "./service-configuration";
export { smsEndpoints } from "./sms";
export { userEndpoints } from "./user";
export { userConversationEndpoints } from "./user-conversation";
export { webhookConfigurationEndpoints } from "./webhook-configuration";
export { withParticipantsEndpoints } from "./with-participants";
