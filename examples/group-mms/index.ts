import { ConversationService, ConversationWithParticipants, PhoneNumber } from "pulumi-twilio-conversations";

// The phones of the crew. Group MMS exists for numbers in the US and Canada.
const phones = ["+14155550110", "+14155550111"];

// Stands for the dispatcher in the phones' group.
const number = new PhoneNumber("dispatch", { search: { country: "US", type: "local", mmsEnabled: true, smsEnabled: true } });

const service = new ConversationService("crews", { friendlyName: "Crews", forceDestroy: true });

// One request: participants that join one by one could make up a group that exists already.
const crew = new ConversationWithParticipants("crew", {
  service,
  friendlyName: "Crew 1",
  participants: [{ identity: "dispatch", projectedAddress: number.phoneNumber }, ...phones.map((address) => ({ address }))],
  forceDestroy: true,
});

export const phoneNumber = number.phoneNumber;
export const serviceSid = service.sid;
export const conversationSid = crew.sid;
