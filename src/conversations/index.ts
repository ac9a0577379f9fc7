export {
  ConversationConfiguration,
  type ConversationConfigurationArgs,
  type ConversationConfigurationOutputs,
} from "./configuration";
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
export { type ConversationEvent, ConversationWebhook, type ConversationWebhookArgs, type ConversationWebhookOutputs } from "./webhook";
