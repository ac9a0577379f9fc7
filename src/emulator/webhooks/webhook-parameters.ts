/** The parameters that describe a record in a webhook request, under Twilio's names. */
import type { ConversationRecord } from "../resources/conversation-table";
import type { Media } from "../resources/media";
import type { MessageRecord } from "../resources/message";
import type { ParticipantRecord } from "../resources/participant-table";
import type { ReceiptRecord } from "../resources/receipt";
import type { UserRecord } from "../resources/user";

/** Parameters by name. Parameters without a value are not sent. */
export type WebhookParameters = Record<string, string | number | null | undefined>;

/** The parameters of a conversation. */
export function conversationParameters(conversation: ConversationRecord) {
  return {
    ConversationSid: conversation.sid,
    FriendlyName: conversation.friendlyName,
    UniqueName: conversation.uniqueName,
    Attributes: conversation.attributes,
    ChatServiceSid: conversation.serviceSid,
    MessagingServiceSid: conversation.messagingServiceSid,
    State: conversation.state,
    ...datesOf(conversation),
  };
}

/** The parameters of a message. */
export function messageParameters(message: MessageRecord) {
  return {
    ConversationSid: message.conversationSid,
    MessageSid: message.sid,
    Index: message.index,
    Body: message.body,
    Author: message.author,
    ParticipantSid: message.participantSid,
    Attributes: message.attributes,
    Media: mediaJson(message.media),
    ...datesOf(message),
  };
}

/** Encodes the `Media` parameter. In a pre-webhook, media have no SIDs yet. */
export function mediaJson(media: readonly (Omit<Media, "sid"> & { sid?: string })[]): string | null {
  if (media.length === 0) return null;
  return JSON.stringify(
    media.map(({ sid, content_type, filename, size }) => ({ Sid: sid, Filename: filename, ContentType: content_type, Size: size })),
  );
}

/** The parameters of a participant. */
export function participantParameters(participant: ParticipantRecord) {
  return {
    ConversationSid: participant.conversationSid,
    ParticipantSid: participant.sid,
    Identity: participant.identity,
    RoleSid: participant.roleSid,
    Attributes: participant.attributes,
    "MessagingBinding.Address": participant.address,
    "MessagingBinding.ProxyAddress": participant.proxyAddress,
    "MessagingBinding.ProjectedAddress": participant.projectedAddress,
    "MessagingBinding.Type": (participant.bindingType ?? "chat").toUpperCase(),
    LastReadMessageIndex: participant.lastReadIndex,
    ...datesOf(participant),
  };
}

/** The parameters of a delivery receipt. */
export function receiptParameters(receipt: ReceiptRecord) {
  return {
    ConversationSid: receipt.conversationSid,
    ChatServiceSid: receipt.serviceSid,
    MessageSid: receipt.messageSid,
    DeliveryReceiptSid: receipt.sid,
    ChannelMessageSid: receipt.channelMessageSid,
    ParticipantSid: receipt.participantSid,
    Status: receipt.status,
    ErrorCode: receipt.errorCode,
    ...datesOf(receipt),
  };
}

/** The parameters of a user. */
export function userParameters(user: UserRecord) {
  return {
    ChatServiceSid: user.serviceSid,
    UserSid: user.sid,
    Identity: user.identity,
    RoleSid: user.roleSid,
    FriendlyName: user.friendlyName,
    Attributes: user.attributes,
    ...datesOf(user),
  };
}

function datesOf({ dateCreated, dateUpdated }: { dateCreated: number; dateUpdated: number }) {
  return { DateCreated: new Date(dateCreated).toISOString(), DateUpdated: new Date(dateUpdated).toISOString() };
}
