import { Config } from "@pulumi/pulumi";
import { Conversation, ConversationService, Participant, PhoneNumber } from "pulumi-twilio-conversations";

const config = new Config();

// `pulumi destroy` keeps the number at Twilio. With the option `{ protect: true }`, the engine refuses to delete it.
const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
const service = new ConversationService("support", { friendlyName: "Support" });
const conversation = new Conversation("hello", { service, friendlyName: "Hello", timers: { inactive: "P1D", closed: "P30D" } });

// A phone that texts with the number, and a user in the chat. Each sees the messages of the other.
const mobileNumber = config.require("mobileNumber");
new Participant("mobile", { conversation, sms: { address: mobileNumber, proxyAddress: number.phoneNumber } });
new Participant("chat", { conversation, identity: "chat" });

export { mobileNumber };
export const phoneNumber = number.phoneNumber;
export const serviceSid = service.sid;
export const conversationSid = conversation.sid;
