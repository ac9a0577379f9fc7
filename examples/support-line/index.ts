import { Config } from "@pulumi/pulumi";
import {
  AddressConfiguration,
  ConversationService,
  ConversationWebhookConfiguration,
  MessagingService,
  MessagingServiceSender,
  PhoneNumber,
} from "pulumi-twilio-conversations";

const config = new Config();

// The number that customers text. `pulumi destroy` keeps it at Twilio.
const number = new PhoneNumber("support-line", { search: { country: "US", type: "local", smsEnabled: true } });

// The pool of senders, which the conversations of its numbers use: settings for all of them are in one place.
const messagingService = new MessagingService("support", { friendlyName: "Support line" });
const sender = new MessagingServiceSender("support-line", { messagingService, phoneNumber: number });

// The conversations of the line, apart from others. `forceDestroy` allows a destroy to delete them with their messages.
const service = new ConversationService("support", { friendlyName: "Support line", forceDestroy: config.getBoolean("forceDestroy") });

// Your application hears of each new conversation and message of the account.
new ConversationWebhookConfiguration("account", {
  postWebhookUrl: config.requireSecret("webhookUrl"),
  method: "POST",
  filters: ["onConversationAdded", "onMessageAdded"],
});

// A text from somebody who is in no conversation with the number creates one, with the number's messaging service.
new AddressConfiguration(
  "inbound",
  {
    type: "sms",
    address: number.phoneNumber,
    conversationService: service,
    autoCreation: { default: {} },
  },
  { dependsOn: sender },
);

export const phoneNumber = number.phoneNumber;
export const serviceSid = service.sid;
export const messagingServiceSid = messagingService.sid;
