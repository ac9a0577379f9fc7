/**
 * Events: what changed in the domain. The SDK's websocket, webhooks and the control plane's event stream
 * are projections of these events. Each resource adds its own events to {@link DomainEvents}.
 */

/** Who caused a change. It decides whether webhooks fire. */
export interface Origin {
  source: "API" | "SDK" | "SMS" | "TIMER" | "EVENT";
  /** `X-Twilio-Webhook-Enabled: true` on a REST call. */
  webhooksEnabled: boolean;
  /** The SDK user who made the change. */
  clientIdentity?: string;
  /** The channel of a text message, as webhooks name it: `SMS` (the default) or `whatsapp`. */
  channel?: string;
  /** The REST request, `RQ…`. */
  requestSid?: string;
}

/** The properties that the response of a pre-webhook may change. They override what the caller sent. */
export interface Amendments {
  conversation?: { friendlyName?: string };
  message?: { body?: string; author?: string; attributes?: string };
}

/**
 * The payload of each event. Records are as they were right after the change, or right before a removal.
 * A resource declares its events beside its rules: `declare module "../events" { interface DomainEvents { … } }`.
 */
export interface DomainEvents {
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
  };
}[DomainEventName];

type Listener = (event: DomainEvent) => void;

/** Delivers events to subscribers, in order, after their transaction is committed. */
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
        // The change is committed and acknowledged. A failing listener must not turn it into an error.
        console.error("emulator: an event listener failed:", error);
      }
    }
  }
}
