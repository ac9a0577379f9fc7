import { addressSubject } from "./address";
import { addressConfigurationSubject } from "./address-configuration";
import { apiKeySubject } from "./api-key";
import { conversationSubject } from "./conversation";
import { conversationConfigurationSubject } from "./conversation-configuration";
import { conversationMessageSubject } from "./conversation-message";
import { conversationRoleSubject } from "./conversation-role";
import { conversationServiceSubject } from "./conversation-service";
import { conversationUserSubject } from "./conversation-user";
import { conversationWebhookSubject } from "./conversation-webhook";
import { conversationWithParticipantsSubject } from "./conversation-with-participants";
import { messagingServiceSubject } from "./messaging-service";
import { messagingServiceSenderSubject } from "./messaging-service-sender";
import { participantSubject } from "./participant";
import { phoneNumberSubject } from "./phone-number";
import { pushCredentialSubject } from "./push-credential";
import { serviceConfigurationSubject, serviceNotificationSubject } from "./service-configuration";
import { subaccountSubject } from "./subaccount";
import type { Subject } from "./subject";
import { twimlAppSubject } from "./twiml-app";
import { userConversationSubject } from "./user-conversation";
import { serviceWebhookConfigurationSubject, webhookConfigurationSubject } from "./webhook-configuration";

/** One declaration for each type of the catalog. */
export const subjects: readonly Subject[] = [
  addressSubject,
  phoneNumberSubject,
  conversationServiceSubject,
  conversationRoleSubject,
  conversationUserSubject,
  conversationSubject,
  participantSubject,
  conversationWebhookSubject,
  conversationConfigurationSubject,
  messagingServiceSubject,
  messagingServiceSenderSubject,
  addressConfigurationSubject,
  webhookConfigurationSubject,
  serviceWebhookConfigurationSubject,
  serviceConfigurationSubject,
  serviceNotificationSubject,
  userConversationSubject,
  conversationMessageSubject,
  conversationWithParticipantsSubject,
  pushCredentialSubject,
  apiKeySubject,
  twimlAppSubject,
  subaccountSubject,
];
