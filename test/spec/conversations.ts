import { addressConfiguration } from "../../src/conversations/address-configuration";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { conversationMessage } from "../../src/conversations/conversation-message";
import { conversationWithParticipants } from "../../src/conversations/conversation-with-participants";
import { participant } from "../../src/conversations/participant";
import { pushCredential } from "../../src/conversations/push-credential";
import { conversationRole } from "../../src/conversations/role";
import { conversationService } from "../../src/conversations/service";
import { conversationServiceConfiguration } from "../../src/conversations/service-configuration";
import { conversationServiceNotification } from "../../src/conversations/service-notification";
import { conversationServiceWebhookConfiguration } from "../../src/conversations/service-webhook-configuration";
import { conversationUser } from "../../src/conversations/user";
import { userConversation } from "../../src/conversations/user-conversation";
import { conversationWebhook } from "../../src/conversations/webhook";
import { conversationWebhookConfiguration } from "../../src/conversations/webhook-configuration";
import { type Compared, type Exceptions, exact } from "./exceptions";

const importOnly = "only for the import of old conversations; a change would rewrite history";
const groupOnly = "Twilio accepts it only for transitions of group texts (50439 to 50444) and refuses it otherwise (50441)";

const ofConversation: Exceptions = {
  missing: { DateCreated: importOnly, DateUpdated: importOnly },
  replacesAnyway: {},
  notAccepted: { "State initializing": "set only by Twilio while participants are added" },
  notInResponse: {
    "bindings.email.address": "the schema does not define bindings, and no example has an email binding",
    "bindings.email.name": "the schema does not define bindings, and no example has an email binding",
  },
};

/** The resources of Conversations. */
export const conversationsSubjects: readonly Compared[] = [
  [
    conversationService,
    {
      missing: {},
      replacesAnyway: {},
      notAccepted: {},
      notInResponse: { configuration: "is read from the service's configuration, see below" },
    },
  ],
  [conversation, ofConversation],
  [
    conversationWithParticipants,
    { ...ofConversation, notInResponse: { ...ofConversation.notInResponse, participants: "are read from their own list" } },
  ],
  [
    participant,
    {
      missing: {
        DateCreated: importOnly,
        DateUpdated: importOnly,
        LastReadMessageIndex: "changes with every message that is read; it belongs to the application, not to the infrastructure",
        LastReadTimestamp: "changes with every message that is read; it belongs to the application, not to the infrastructure",
      },
      replacesAnyway: {
        Identity: groupOnly,
        "MessagingBinding.ProxyAddress": groupOnly,
        "MessagingBinding.ProjectedAddress": groupOnly,
      },
      notAccepted: {},
      notInResponse: {
        "whatsapp.address": "the schema does not define messaging_binding, and no example has the type whatsapp",
        "whatsapp.proxyAddress": "the schema does not define messaging_binding, and no example has the type whatsapp",
        "messenger.address": "the schema does not define messaging_binding, and no example has the type messenger",
        "messenger.proxyAddress": "the schema does not define messaging_binding, and no example has the type messenger",
      },
    },
  ],
  [
    conversationWebhook,
    {
      missing: {},
      replacesAnyway: {},
      notAccepted: {},
      notInResponse: { "trigger.triggers": "the schema does not define the configuration, and no example has the target trigger" },
    },
  ],
  [
    conversationRole,
    {
      missing: {},
      replacesAnyway: {},
      notAccepted: {},
      notInResponse: {},
    },
  ],
  [conversationUser, exact],
  [userConversation, exact],
  [
    conversationMessage,
    {
      ...exact,
      missing: {
        DateCreated: importOnly,
        DateUpdated: importOnly,
        Subject: "the subject of an email, which Twilio never returns",
      },
      notInResponse: {
        contentVariables: "only the create has them",
        mediaSid: "is one of the properties of the files in media",
      },
    },
  ],
  [addressConfiguration, exact],
  [conversationWebhookConfiguration, exact],
  [conversationServiceWebhookConfiguration, exact],
  [conversationServiceConfiguration, exact],
  [conversationServiceNotification, exact],
  [conversationConfiguration, exact],
  [pushCredential, { ...exact, missing: { ApiKey: "for GCM, which Google ended in 2019: Twilio can send nothing with it" } }],
];
