/**
 * What happened in the domain, as typed events. Every edge beside REST (the SDK's websocket, webhooks,
 * the control plane's event stream) is a projection of these and needs nothing else.
 */
import type { ConversationRecord, ConversationState } from "./resources/conversation";
import type { FirstText } from "./resources/inbound";
import type { MessageRecord } from "./resources/message";
import type { ParticipantRecord } from "./resources/participant";
import type { ReceiptRecord } from "./resources/receipt";
import type { RoleRecord } from "./resources/role";
import type { ScopedWebhookRecord } from "./resources/scoped-webhook";
import type { ServiceRecord } from "./resources/service";
import type { SmsRecord } from "./resources/sms";
import type { UserRecord } from "./resources/user";
import type { SyncChange } from "./sdk/sync/log";
import type { Delivery } from "./webhooks/deliveries";

/** Who caused a change: it decides whether webhooks fire. */
export interface Origin {
  source: "API" | "SDK" | "SMS" | "TIMER" | "EVENT";
  /** `X-Twilio-Webhook-Enabled: true` on a REST call. */
  webhooksEnabled: boolean;
  /** The SDK user who acted. */
  clientIdentity?: string;
  /** The channel of a text, as webhooks name it: `SMS` (the default) or `whatsapp`. */
  channel?: string;
  /** The REST request, `RQ…`. */
  requestSid?: string;
}

/** The payload of each event; records are as they were right after the change (before it, for removals). */
export interface DomainEvents {
  serviceAdded: { service: ServiceRecord };
  serviceRemoved: { service: ServiceRecord };
  /** `text` is the one that made it, if it was made by one. */
  conversationAdded: { conversation: ConversationRecord; text?: FirstText };
  conversationUpdated: { conversation: ConversationRecord; previous: ConversationRecord };
  conversationStateUpdated: {
    conversation: ConversationRecord;
    from: ConversationState;
    to: ConversationState;
    reason: "API" | "TIMER" | "EVENT";
  };
  conversationRemoved: { conversation: ConversationRecord; participants: ParticipantRecord[]; webhooks: ScopedWebhookRecord[] };
  participantAdded: { participant: ParticipantRecord };
  participantUpdated: { participant: ParticipantRecord; previous: ParticipantRecord };
  participantRemoved: { participant: ParticipantRecord };
  messageAdded: { message: MessageRecord };
  messageUpdated: { message: MessageRecord; previous: MessageRecord };
  messageRemoved: { message: MessageRecord };
  receiptAdded: { receipt: ReceiptRecord };
  receiptUpdated: { receipt: ReceiptRecord };
  userAdded: { user: UserRecord };
  userUpdated: { user: UserRecord; previous: UserRecord };
  userRemoved: { user: UserRecord };
  presenceUpdated: { user: UserRecord };
  mediaRemoved: { sid: string };
  roleAdded: { role: RoleRecord };
  roleUpdated: { role: RoleRecord };
  roleRemoved: { role: RoleRecord };
  /** Messages from the index `replayAfter` on are to be reported to it, if that is not null. */
  scopedWebhookAdded: { webhook: ScopedWebhookRecord; replayAfter: number | null };
  smsReceived: { sms: SmsRecord };
  smsSent: { sms: SmsRecord };
  smsUpdated: { sms: SmsRecord };
  /** A webhook was called, or would have been, and no more attempts will be made. */
  webhookDelivered: { delivery: Delivery };
  reset: Record<string, never>;
}

export type DomainEventName = keyof DomainEvents;

/** One event with its envelope. */
export type DomainEvent = {
  [Name in DomainEventName]: {
    name: Name;
    accountSid: string;
    at: number;
    origin: Origin;
    data: DomainEvents[Name];
    /** What it changes in the objects that the SDK follows. */
    changes?: SyncChange[];
  };
}[DomainEventName];

type Listener = (event: DomainEvent) => void;

/** Delivers events to subscribers, in order, once the transaction that caused them is kept. */
export class EventBus {
  private readonly listeners = new Set<Listener>();

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(event: DomainEvent): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(event);
      } catch (error) {
        // The change is made and acknowledged; a broken observer must not turn it into an error.
        console.error("emulator: an event listener failed:", error);
      }
    }
  }
}
