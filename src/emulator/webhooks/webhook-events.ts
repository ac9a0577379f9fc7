/** Maps domain events to Twilio's webhook events and their parameters. */
import type { Domain } from "../domain";
import type { DomainEvent, DomainEvents } from "../events";
import { type ConversationRecord, conversationTable } from "../resources/conversation-table";
import {
  conversationParameters,
  mediaJson,
  messageParameters,
  participantParameters,
  receiptParameters,
  userParameters,
  type WebhookParameters,
} from "./webhook-parameters";

/** A domain event as webhooks receive it. */
export interface WebhookEvent {
  /** The pre-webhook's event name. Undefined if Twilio sends no pre-webhook for this event. */
  pre: string | undefined;
  /** The post-webhook's event name. */
  post: string;
  preParameters: WebhookParameters;
  postParameters: WebhookParameters;
  serviceSid: string;
  conversationSid: string | undefined;
}

/** Returns undefined for domain events that Twilio does not report to webhooks. */
export function webhookEventOf(domain: Domain, event: DomainEvent): WebhookEvent | undefined {
  const date = new Date(event.at).toISOString();
  switch (event.name) {
    case "conversationAdded":
      return conversationAdded(event.data);
    case "conversationUpdated":
      return conversationUpdated(event.data);
    case "conversationRemoved":
      return conversationRemoved(event.data, date);
    case "conversationStateUpdated":
      return conversationStateUpdated(event.data, date);
    case "messageAdded":
      return messageAdded(event.data, domain);
    case "messageUpdated":
      return messageUpdated(event.data);
    case "messageRemoved":
      return messageRemoved(event.data, date);
    case "participantAdded":
      return participantAdded(event.data);
    case "participantUpdated":
      return participantUpdated(event.data);
    case "participantRemoved":
      return participantRemoved(event.data, date);
    case "receiptAdded":
    case "receiptUpdated":
      return receiptUpdated(event.data);
    case "userAdded":
      return userAdded(event.data);
    case "userUpdated":
      return userUpdated(event.data);
    default:
      return undefined;
  }
}

function conversationAdded({ conversation, text }: DomainEvents["conversationAdded"]): WebhookEvent {
  const parameters = conversationParameters(conversation);
  const { ConversationSid: _sid, DateCreated: _created, DateUpdated: _updated, ...preParameters } = parameters;
  const binding: WebhookParameters = text ? { "MessagingBinding.Address": text.from, "MessagingBinding.ProxyAddress": text.to } : {};
  const message: WebhookParameters = text ? { MessageBody: text.body || null, Media: mediaJson(text.media) } : {};
  return {
    pre: "onConversationAdd",
    post: "onConversationAdded",
    ...aboutConversation(conversation, { ...parameters, ...binding }, { ...preParameters, ...binding, ...message }),
  };
}

function conversationUpdated({ conversation }: DomainEvents["conversationUpdated"]): WebhookEvent {
  return {
    pre: "onConversationUpdate",
    post: "onConversationUpdated",
    ...aboutConversation(conversation, conversationParameters(conversation)),
  };
}

function conversationRemoved({ conversation }: DomainEvents["conversationRemoved"], date: string): WebhookEvent {
  const parameters = conversationParameters(conversation);
  return {
    pre: "onConversationRemove",
    post: "onConversationRemoved",
    ...aboutConversation(conversation, { ...parameters, DateRemoved: date }, parameters),
  };
}

function conversationStateUpdated(
  { conversation, from, to, reason }: DomainEvents["conversationStateUpdated"],
  date: string,
): WebhookEvent {
  const parameters: WebhookParameters = {
    ConversationSid: conversation.sid,
    ChatServiceSid: conversation.serviceSid,
    MessagingServiceSid: conversation.messagingServiceSid,
    StateUpdated: date,
    StateFrom: from,
    StateTo: to,
    Reason: reason,
  };
  return { pre: undefined, post: "onConversationStateUpdated", ...aboutConversation(conversation, parameters) };
}

function messageAdded({ message }: DomainEvents["messageAdded"], domain: Domain): WebhookEvent {
  const { DateUpdated: _updated, ...parameters } = messageParameters(message);
  const { MessageSid: _sid, Index: _index, DateCreated: _created, ...preParameters } = parameters;
  const MessagingServiceSid = conversationTable.in(domain).get(message.conversationSid)?.messagingServiceSid;
  return { pre: "onMessageAdd", post: "onMessageAdded", ...about(message, { ...parameters, MessagingServiceSid }, preParameters) };
}

function messageUpdated({ message }: DomainEvents["messageUpdated"]): WebhookEvent {
  return { pre: "onMessageUpdate", post: "onMessageUpdated", ...about(message, messageParameters(message)) };
}

function messageRemoved({ message }: DomainEvents["messageRemoved"], date: string): WebhookEvent {
  const parameters = messageParameters(message);
  return { pre: "onMessageRemove", post: "onMessageRemoved", ...about(message, { ...parameters, DateRemoved: date }, parameters) };
}

function participantAdded({ participant }: DomainEvents["participantAdded"]): WebhookEvent {
  const { DateUpdated: _updated, LastReadMessageIndex: _index, ...parameters } = participantParameters(participant);
  const { ParticipantSid: _sid, DateCreated: _created, ...preParameters } = parameters;
  return { pre: "onParticipantAdd", post: "onParticipantAdded", ...about(participant, parameters, preParameters) };
}

function participantUpdated({ participant }: DomainEvents["participantUpdated"]): WebhookEvent {
  return { pre: "onParticipantUpdate", post: "onParticipantUpdated", ...about(participant, participantParameters(participant)) };
}

function participantRemoved({ participant }: DomainEvents["participantRemoved"], date: string): WebhookEvent {
  const { LastReadMessageIndex: _index, ...parameters } = participantParameters(participant);
  return {
    pre: "onParticipantRemove",
    post: "onParticipantRemoved",
    ...about(participant, { ...parameters, DateRemoved: date }, parameters),
  };
}

function receiptUpdated({ receipt }: DomainEvents["receiptUpdated"]): WebhookEvent {
  return { pre: undefined, post: "onDeliveryUpdated", ...about(receipt, receiptParameters(receipt)) };
}

function userAdded({ user }: DomainEvents["userAdded"]): WebhookEvent {
  const { DateUpdated: _updated, ...parameters } = userParameters(user);
  return { pre: undefined, post: "onUserAdded", ...about(user, parameters) };
}

function userUpdated({ user }: DomainEvents["userUpdated"]): WebhookEvent {
  const parameters = userParameters(user);
  const { DateCreated: _created, ...preParameters } = parameters;
  return { pre: "onUserUpdate", post: "onUserUpdated", ...about(user, parameters, preParameters) };
}

type Details = Omit<WebhookEvent, "pre" | "post">;

function about(
  { serviceSid, conversationSid }: { serviceSid: string; conversationSid?: string },
  postParameters: WebhookParameters,
  preParameters = postParameters,
): Details {
  return { serviceSid, conversationSid, preParameters, postParameters };
}

function aboutConversation(
  { sid, serviceSid }: ConversationRecord,
  postParameters: WebhookParameters,
  preParameters = postParameters,
): Details {
  return about({ serviceSid, conversationSid: sid }, postParameters, preParameters);
}
