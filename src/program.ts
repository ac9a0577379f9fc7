// Twilio's Conversations quickstart as resources: a phone and a person in a chat, who talk with each other.
import { Config } from "@pulumi/pulumi";
import { Conversation, ConversationService, ConversationsSmokeTest, Participant, PhoneNumber } from "./index";

// A number to text with. Destroying the stack keeps it; nobody loses a number by mistake.
const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });

// A service and, in it, a conversation.
const service = new ConversationService("support", { friendlyName: "Support" });
// What is said in a demo may go with it; without `forceDestroy`, a conversation that holds messages is not deleted.
const hello = new Conversation("hello", { service, friendlyName: "My First Conversation", forceDestroy: true });

// The phone and the chat: each sees what the other writes.
const mobile = new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
const pineapple = new Participant("pineapple", { conversation: hello, identity: "testPineapple" });

// With twilio-conversations:verify, the deployment fails if the chat does not work. It needs Pulumi's command plugin.
if (new Config().getBoolean("verify")) {
  new ConversationsSmokeTest("works", { service, conversations: [hello], resources: [number, mobile, pineapple] });
}

export const phoneNumber = number.phoneNumber;
export const phoneNumberSid = number.sid;
export const serviceSid = service.sid;
export const conversationSid = hello.sid;
export const smsParticipantSid = mobile.sid;
export const chatParticipantSid = pineapple.sid;
export const mobileNumber = "+15558675310";
export const chatIdentity = "testPineapple";
