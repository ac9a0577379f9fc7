// Twilio's Conversations quickstart as resources: a phone and a chat user in one conversation.
import { Conversation, ConversationService, ConversationsSmokeTest, Participant, PhoneNumber } from "pulumi-twilio-conversations";
import { readConfig } from "./config";

// The settings of the stack (Pulumi.dev.yaml, Pulumi.prod.yaml, …), checked before any resource is declared.
const { named, mobileNumber, number: numberArgs, protectNumbers, timers, forceDestroy, verify } = readConfig();

// A number for text messages. By default, `pulumi destroy` keeps it, so that no number is lost by mistake.
const search = { country: "US", type: "local", smsEnabled: true } as const;
const number = new PhoneNumber("front-desk", { search, ...numberArgs }, { protect: protectNumbers });

// A conversation service with one conversation.
const service = new ConversationService("support", { friendlyName: named("Support") });
// With `forceDestroy`, the conversation can be deleted even if it contains messages.
const hello = new Conversation("hello", { service, friendlyName: named("My First Conversation"), timers, forceDestroy });

// The phone and the chat user. Each receives the other's messages.
const mobile = new Participant("mobile", { conversation: hello, sms: { address: mobileNumber, proxyAddress: number.phoneNumber } });
const pineapple = new Participant("pineapple", { conversation: hello, identity: "testPineapple" });

// With twilio-conversations:verify, the deployment fails if the chat does not work. This needs Pulumi's command plugin.
if (verify) {
  new ConversationsSmokeTest("works", { service, conversations: [hello], resources: [number, mobile, pineapple] });
}

export const phoneNumber = number.phoneNumber;
export const phoneNumberSid = number.sid;
export const serviceSid = service.sid;
export const conversationSid = hello.sid;
export const smsParticipantSid = mobile.sid;
export const chatParticipantSid = pineapple.sid;
export { mobileNumber };
export const chatIdentity = "testPineapple";
