export { Conversation, type ConversationArgs, type ConversationOutputs } from "./conversation";
export {
  type ChatParticipantArgs,
  type GroupMmsParticipantArgs,
  Participant,
  type ParticipantArgs,
  type ParticipantOutputs,
  type ProjectedParticipantArgs,
  type SmsParticipantArgs,
  type WhatsAppParticipantArgs,
} from "./participant";
export { ConversationService, type ConversationServiceArgs, type ConversationServiceOutputs } from "./service";
