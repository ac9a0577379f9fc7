import { Config } from "@pulumi/pulumi";
import {
  Conversation,
  ConversationService,
  ConversationServiceConfiguration,
  getMessagingServiceOutput,
  Participant,
  PhoneNumber,
} from "pulumi-twilio-conversations";

const config = new Config();

// Adopted: these exist. What the program does not declare gets Twilio's default, so it declares what they have; `export` writes that down.
const number = new PhoneNumber("front-desk", {
  adopt: config.require("number"),
  friendlyName: "Front desk",
  smsUrl: "https://example.com/sms",
});
const service = new ConversationService("support", { adopt: "Support", friendlyName: "Support" });
const known = new Conversation("known-customer", { adopt: "known-customer", service, uniqueName: "known-customer" });
new Participant("known-customer-agent", { adopt: "agent", conversation: known, identity: "agent" });

// Settings, which always exist: a destroy restores what was there.
new ConversationServiceConfiguration("support-settings", { service, reachabilityEnabled: true });

// Read only: another program manages this messaging service.
const notices = getMessagingServiceOutput({ friendlyName: "Notices" });

// New objects in the adopted service.
const conversation = new Conversation("new-customer", {
  service,
  friendlyName: "New customer",
  messagingServiceSid: notices.sid,
  forceDestroy: true,
});
const address = config.get("customer") ?? "+15558675310";
new Participant("new-customer-phone", { conversation, sms: { address, proxyAddress: number.phoneNumber } });
new Participant("new-customer-agent", { conversation, identity: "agent" });

export const serviceSid = service.sid;
export const conversationSid = conversation.sid;
