import { randomUUID } from "node:crypto";

/** What an example is about. */
export interface About {
  readonly accountSid: string;
  readonly serviceSid?: string;
  readonly conversationSid?: string;
}

const sid = (prefix: string) => `${prefix}${randomUUID().replaceAll("-", "")}`;

/** The objects of the example. */
function objectsOf({ accountSid, serviceSid, conversationSid }: About, now: string) {
  const created = { DateCreated: now };
  const dates = { ...created, DateUpdated: now };
  const service = { ChatServiceSid: serviceSid ?? sid("IS") };
  const conversationOf = { ConversationSid: conversationSid ?? sid("CH") };
  const conversation = {
    ...conversationOf,
    ...service,
    FriendlyName: "An example",
    Attributes: "{}",
    State: "active",
    MessagingServiceSid: sid("MG"),
  };
  const message = {
    ...conversationOf,
    MessageSid: sid("IM"),
    Index: "0",
    Body: "An example",
    Author: "testPineapple",
    Attributes: "{}",
    ParticipantSid: sid("MB"),
  };
  const participant = {
    ...conversationOf,
    ParticipantSid: sid("MB"),
    Identity: "testPineapple",
    RoleSid: sid("RL"),
    Attributes: "{}",
    "MessagingBinding.Type": "CHAT",
  };
  const user = {
    ...service,
    UserSid: sid("US"),
    Identity: "testPineapple",
    RoleSid: sid("RL"),
    FriendlyName: "A user",
    Attributes: "{}",
  };
  const receipt = {
    ...conversationOf,
    ...service,
    MessageSid: sid("IM"),
    DeliveryReceiptSid: sid("DY"),
    ChannelMessageSid: sid("SM"),
    ParticipantSid: sid("MB"),
    Status: "delivered",
    ErrorCode: "0",
  };
  const state = { StateUpdated: now, StateFrom: "active", StateTo: "closed", Reason: "API" };
  return { accountSid, created, dates, conversation, message, participant, user, receipt, service, conversationOf, state };
}

type Objects = ReturnType<typeof objectsOf>;

/** The parameters of each event, as Twilio documents them: https://www.twilio.com/docs/conversations/conversations-webhooks */
const examples: Readonly<Record<string, (objects: Objects, now: string) => Record<string, string>>> = {
  onMessageAdded: ({ message, created, conversation: { MessagingServiceSid } }) => ({ ...message, ...created, MessagingServiceSid }),
  onMessageUpdated: ({ message, dates }) => ({ ...message, ...dates }),
  onMessageRemoved: ({ message, dates }, now) => ({ ...message, ...dates, DateRemoved: now }),
  onConversationAdded: ({ conversation, dates }) => ({ ...conversation, ...dates }),
  onConversationUpdated: ({ conversation, dates }) => ({ ...conversation, ...dates }),
  onConversationRemoved: ({ conversation, dates }, now) => ({ ...conversation, ...dates, DateRemoved: now }),
  onConversationStateUpdated: ({ conversationOf, service, conversation: { MessagingServiceSid }, state }) => ({
    ...conversationOf,
    ...service,
    MessagingServiceSid,
    ...state,
  }),
  onParticipantAdded: ({ participant, created }) => ({ ...participant, ...created }),
  onParticipantUpdated: ({ participant, dates }) => ({ ...participant, ...dates, LastReadMessageIndex: "0" }),
  onParticipantRemoved: ({ participant, dates }, now) => ({ ...participant, ...dates, DateRemoved: now }),
  onDeliveryUpdated: ({ receipt, dates }) => ({ ...receipt, ...dates }),
  onUserAdded: ({ user, created }) => ({ ...user, ...created }),
  onUserUpdated: ({ user, dates }) => ({ ...user, ...dates }),
};

/** The events that have an example. */
export const eventNames = Object.keys(examples);

/** The form of a webhook request about made-up objects. */
export function exampleOf(event: string, about: About): Record<string, string> {
  const now = new Date().toISOString();
  const objects = objectsOf(about, now);
  const parameters = examples[event]?.(objects, now) ?? {};
  return { EventType: event, AccountSid: about.accountSid, Source: "SDK", ClientIdentity: "testPineapple", RetryCount: "0", ...parameters };
}
