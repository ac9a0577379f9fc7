export type { ConversationConfigurationArgs, ConversationConfigurationOutputs } from "./configuration";
export { ConversationConfiguration } from "./configuration";
export type { ConversationArgs, ConversationOutputs } from "./conversation";
export { Conversation } from "./conversation";
export type {
  ChatParticipantArgs,
  GroupMmsParticipantArgs,
  ParticipantArgs,
  ParticipantOutputs,
  ProjectedParticipantArgs,
  SmsParticipantArgs,
  WhatsAppParticipantArgs,
} from "./participant";
export { Participant } from "./participant";
export type { ConversationServiceArgs, ConversationServiceOutputs } from "./service";
export { ConversationService } from "./service";
export type { ConversationEvent, ConversationWebhookArgs, ConversationWebhookOutputs } from "./webhook";
export { ConversationWebhook } from "./webhook";
