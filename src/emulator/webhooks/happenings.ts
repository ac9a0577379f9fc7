/** What webhooks call the domain's events, and the parameters that describe one to a receiver. */
import type { Domain } from "../domain";
import type { DomainEvent } from "../events";
import type { ConversationRecord } from "../resources/conversation";
import type { Media } from "../resources/media";
import type { MessageRecord } from "../resources/message";
import type { ParticipantRecord } from "../resources/participant";
import type { UserRecord } from "../resources/user";

type Values = Record<string, string | number | null | undefined>;

/** One event as webhooks see it. */
export interface Happening {
  /** Its name before the change is made, if webhooks may hear of it then. */
  pre: string | undefined;
  /** Its name once the change is made. */
  post: string;
  /** What is said of it before, and after. */
  preValues: Values;
  postValues: Values;
  serviceSid: string;
  conversationSid: string | undefined;
}

/** Webhooks hear nothing of the events that this returns undefined for. */
export function happeningOf(domain: Domain, event: DomainEvent): Happening | undefined {
  const date = new Date(event.at).toISOString();
  switch (event.name) {
    case "conversationAdded": {
      const { conversation, text } = event.data;
      const { ConversationSid: _sid, DateCreated: _created, DateUpdated: _updated, ...preValues } = conversationValues(conversation);
      const pair: Values = text ? { "MessagingBinding.Address": text.from, "MessagingBinding.ProxyAddress": text.to } : {};
      const first: Values = text ? { MessageBody: text.body || null, Media: mediaJson(text.media) } : {};
      const values = { ...conversationValues(conversation), ...pair };
      return ofConversation("onConversationAdd", "onConversationAdded", conversation, values, { ...preValues, ...pair, ...first });
    }
    case "conversationUpdated": {
      const { conversation } = event.data;
      return ofConversation("onConversationUpdate", "onConversationUpdated", conversation, conversationValues(conversation));
    }
    case "conversationRemoved": {
      const { conversation } = event.data;
      const values = conversationValues(conversation);
      return ofConversation("onConversationRemove", "onConversationRemoved", conversation, { ...values, DateRemoved: date }, values);
    }
    case "conversationStateUpdated": {
      const { conversation, from, to, reason } = event.data;
      return ofConversation(undefined, "onConversationStateUpdated", conversation, {
        ConversationSid: conversation.sid,
        ChatServiceSid: conversation.serviceSid,
        MessagingServiceSid: conversation.messagingServiceSid,
        StateUpdated: date,
        StateFrom: from,
        StateTo: to,
        Reason: reason,
      });
    }
    case "messageAdded": {
      const { message } = event.data;
      const { DateUpdated: _updated, ...values } = messageValues(message);
      const { MessageSid: _sid, Index: _index, DateCreated: _created, ...preValues } = values;
      const MessagingServiceSid = domain.conversations.get(message.conversationSid)?.messagingServiceSid;
      return { pre: "onMessageAdd", post: "onMessageAdded", ...about(message, { ...values, MessagingServiceSid }, preValues) };
    }
    case "messageUpdated":
      return { pre: "onMessageUpdate", post: "onMessageUpdated", ...about(event.data.message, messageValues(event.data.message)) };
    case "messageRemoved": {
      const values = messageValues(event.data.message);
      return {
        pre: "onMessageRemove",
        post: "onMessageRemoved",
        ...about(event.data.message, { ...values, DateRemoved: date }, values),
      };
    }
    case "participantAdded": {
      const { participant } = event.data;
      const { DateUpdated: _updated, LastReadMessageIndex: _index, ...values } = participantValues(participant);
      const { ParticipantSid: _sid, DateCreated: _created, ...preValues } = values;
      return { pre: "onParticipantAdd", post: "onParticipantAdded", ...about(participant, values, preValues) };
    }
    case "participantUpdated": {
      const { participant } = event.data;
      return { pre: "onParticipantUpdate", post: "onParticipantUpdated", ...about(participant, participantValues(participant)) };
    }
    case "participantRemoved": {
      const { participant } = event.data;
      const { LastReadMessageIndex: _index, ...values } = participantValues(participant);
      return {
        pre: "onParticipantRemove",
        post: "onParticipantRemoved",
        ...about(participant, { ...values, DateRemoved: date }, values),
      };
    }
    case "receiptAdded":
    case "receiptUpdated": {
      const { receipt } = event.data;
      const values: Values = {
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
      return { pre: undefined, post: "onDeliveryUpdated", ...about(receipt, values) };
    }
    case "userAdded": {
      const { DateUpdated: _updated, ...values } = userValues(event.data.user);
      return { pre: undefined, post: "onUserAdded", ...about(event.data.user, values) };
    }
    case "userUpdated": {
      const { DateCreated: _created, ...preValues } = userValues(event.data.user);
      return { pre: "onUserUpdate", post: "onUserUpdated", ...about(event.data.user, userValues(event.data.user), preValues) };
    }
    default:
      return undefined;
  }
}

function about(record: { serviceSid: string; conversationSid?: string }, postValues: Values, preValues = postValues) {
  return { serviceSid: record.serviceSid, conversationSid: record.conversationSid, preValues, postValues };
}

function ofConversation(
  pre: string | undefined,
  post: string,
  { sid, serviceSid }: ConversationRecord,
  postValues: Values,
  preValues = postValues,
): Happening {
  return { pre, post, ...about({ serviceSid, conversationSid: sid }, postValues, preValues) };
}

function datesOf({ dateCreated, dateUpdated }: { dateCreated: number; dateUpdated: number }) {
  return { DateCreated: new Date(dateCreated).toISOString(), DateUpdated: new Date(dateUpdated).toISOString() };
}

function conversationValues(conversation: ConversationRecord) {
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

function messageValues(message: MessageRecord) {
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

/** What is only asked about has no SIDs yet. */
function mediaJson(media: readonly (Omit<Media, "sid"> & { sid?: string })[]): string | null {
  if (media.length === 0) return null;
  return JSON.stringify(
    media.map(({ sid, content_type, filename, size }) => ({ Sid: sid, Filename: filename, ContentType: content_type, Size: size })),
  );
}

function participantValues(participant: ParticipantRecord) {
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

function userValues(user: UserRecord) {
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
