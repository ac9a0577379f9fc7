// Twilio's Conversations quickstart as resources: a phone and a person in a chat, who talk with each other.
import { readConfig } from "./config";
import { Conversation, ConversationService, ConversationsSmokeTest, Participant, PhoneNumber } from "./index";

// What differs from stack to stack (Pulumi.dev.yaml, Pulumi.prod.yaml, …), all of it checked before anything is made.
const { named, mobileNumber, number: numberArgs, protectNumbers, timers, forceDestroy, verify } = readConfig();

// A number to text with. Destroying the stack keeps it; nobody loses a number by mistake.
const search = { country: "US", type: "local", smsEnabled: true } as const;
const number = new PhoneNumber("front-desk", { search, ...numberArgs }, { protect: protectNumbers });

// A service and, in it, a conversation.
const service = new ConversationService("support", { friendlyName: named("Support") });
// What is said in a demo may go with it; without `forceDestroy`, a conversation that holds messages is not deleted.
const hello = new Conversation("hello", { service, friendlyName: named("My First Conversation"), timers, forceDestroy });

// The phone and the chat: each sees what the other writes.
const mobile = new Participant("mobile", { conversation: hello, sms: { address: mobileNumber, proxyAddress: number.phoneNumber } });
const pineapple = new Participant("pineapple", { conversation: hello, identity: "testPineapple" });

// With twilio-conversations:verify, the deployment fails if the chat does not work. It needs Pulumi's command plugin.
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
