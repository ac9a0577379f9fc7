import { Config } from "@pulumi/pulumi";
import { AddressConfiguration, Conversation, ConversationService, Participant } from "pulumi-twilio-conversations";

const config = new Config();
// The account's WhatsApp sender. Without one, Twilio's sandbox, which every account can test with.
const sandbox = "+14155238886";
const sender = `whatsapp:${config.get("sender") ?? sandbox}`;

const service = new ConversationService("support", { friendlyName: "Support on WhatsApp", forceDestroy: true });

// A conversation that the program knows: the agent sees it at once. WhatsApp allows a first message of the customer, or an approved template.
const hello = new Conversation("hello", { service, friendlyName: "First customer", forceDestroy: true });
const address = `whatsapp:${config.get("customer") ?? "+15558675310"}`;
new Participant("customer", { conversation: hello, whatsapp: { address, proxyAddress: sender } });
new Participant("agent", { conversation: hello, identity: "agent" });

// Everybody else who writes to the sender gets a conversation. The sandbox belongs to all accounts and cannot have this.
if (config.get("sender")) {
  new AddressConfiguration("inbound", { type: "whatsapp", address: sender, conversationService: service, autoCreation: { default: {} } });
}

export const serviceSid = service.sid;
export const conversationSid = hello.sid;
