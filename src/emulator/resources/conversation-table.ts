/** The table of conversations (CH), and what is deleted with one. The rules are in conversation.ts and conversation-state.ts. */
import { type Base, defineTable, type Scope } from "../domain";
import type { Origin } from "../events";
import type { Media } from "./media";

export const STATES = ["initializing", "inactive", "active", "closed"] as const;
export type ConversationState = (typeof STATES)[number];

export interface ConversationSettings {
  friendlyName: string | null;
  uniqueName: string | null;
  attributes: string;
  messagingServiceSid: string | null;
  state: ConversationState;
  /** Durations in milliseconds. The API accepts them, but returns only dates. */
  inactiveTimer: number | null;
  closedTimer: number | null;
  emailAddress: string | null;
  emailName: string | null;
}

export interface ConversationRecord extends Base, ConversationSettings {
  serviceSid: string;
  dateInactive: number | null;
  dateClosed: number | null;
  nextIndex: number;
  createdBy: string;
  /** Accepted by ConversationWithParticipants, but not added yet. Until they are, the state is `initializing`. */
  pendingParticipants: ParticipantInput[];
  /** Who requested the pending participants. Null if there are none. */
  pendingOrigin: Origin | null;
}

/** A new participant as a request describes it. */
export interface ParticipantInput {
  identity?: string;
  address?: string;
  proxyAddress?: string;
  projectedAddress?: string;
  attributes?: string;
  roleSid?: string;
  dateCreated?: number;
  dateUpdated?: number;
}

/** The text message that created a conversation. */
export interface FirstText {
  from: string;
  to: string;
  body: string;
  /** Without their SIDs: they get them when the text message is accepted. */
  media: Omit<Media, "sid">[];
}

/** What else was deleted with a conversation. Each table that reports its rows adds a property. */
// biome-ignore lint/suspicious/noEmptyInterface: other files add its properties
export interface DeletedWithConversation {}

declare module "../events" {
  interface DomainEvents {
    /** `text` is the text message that created the conversation, if one did. */
    conversationAdded: { conversation: ConversationRecord; text?: FirstText };
    conversationUpdated: { conversation: ConversationRecord; previous: ConversationRecord };
    conversationStateUpdated: {
      conversation: ConversationRecord;
      from: ConversationState;
      to: ConversationState;
      reason: "API" | "TIMER" | "EVENT";
    };
    conversationRemoved: { conversation: ConversationRecord } & DeletedWithConversation;
  }
}

export const conversationTable = defineTable<ConversationRecord>()({
  name: "conversations",
  sidPrefix: "CH",
  indexes: {
    service: (conversation) => conversation.serviceSid,
    uniqueName: ({ serviceSid, uniqueName }) => (uniqueName === null ? undefined : `${serviceSid} ${uniqueName}`),
    messagingService: (conversation) => conversation.messagingServiceSid ?? undefined,
    timer: ({ dateInactive, dateClosed }) => ((dateInactive ?? dateClosed) === null ? undefined : ""),
    pending: (conversation) => (conversation.pendingParticipants.length > 0 ? "" : undefined),
  },
  references: {
    services: { by: "service", onDelete: removeConversation },
    messagingServices: { by: "messagingService", onDelete: leaveMessagingService },
  },
});

/** Deletes the conversation with its participants, messages and webhooks. */
export function removeConversation(scope: Scope, conversation: ConversationRecord): void {
  const { participants = [], scopedWebhooks: webhooks = [] } = conversationTable.remove(scope, conversation);
  scope.domain.announce(scope, "conversationRemoved", { conversation, ...({ participants, webhooks } as DeletedWithConversation) });
}

function leaveMessagingService(scope: Scope, conversation: ConversationRecord): void {
  conversationTable.in(scope.domain).put({ ...conversation, messagingServiceSid: null });
}
