import type { Client, Conversation, Message } from "@twilio/conversations";
import { nameOf } from "./message";

const LENGTH = 120;

/** The callbacks of {@link Previews}. */
export interface PreviewEvents {
  /** A preview has changed. */
  changed(): void;
  /** A message was read. The SDK does not report it as added if it read the message before. */
  read(message: Message): void;
}

/** The newest message of each conversation, for the list. */
export class Previews {
  readonly #self: string;
  readonly #events: PreviewEvents;
  readonly #newest = new Map<string, Message>();
  readonly #rows = new Map<Element, Conversation>();
  /** Each conversation costs a request, so only those in view load. */
  readonly #inView = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const conversation = this.#rows.get(target);
      if (!isIntersecting || !conversation) continue;
      this.#inView.unobserve(target);
      void this.#read(conversation);
    }
  });

  constructor(client: Client, self: string, events: PreviewEvents) {
    this.#self = self;
    this.#events = events;
    client.on("messageAdded", (message) => this.#show(message));
    client.on("messageUpdated", ({ message }) => this.#show(message));
    client.on("messageRemoved", ({ conversation, index }) => {
      if (index !== this.#newest.get(conversation.sid)?.index) return;
      this.#newest.delete(conversation.sid);
      this.#events.changed();
      void this.#read(conversation);
    });
  }

  /** Loads the newest message when the row is in view. */
  load(conversation: Conversation, row: Element): void {
    this.#rows.set(row, conversation);
    this.#inView.observe(row);
  }

  forget(sid: string, row: Element): void {
    this.#rows.delete(row);
    this.#inView.unobserve(row);
    this.#newest.delete(sid);
  }

  /** The author and the text of the newest message, in one line. */
  of({ sid }: Conversation): string {
    const message = this.#newest.get(sid);
    if (!message) return "";
    const { author, body, attachedMedia } = message;
    const text = body || (attachedMedia ?? []).map(nameOf).join(", ");
    return `${author === this.#self ? "You" : author}: ${text.replace(/\s+/g, " ").slice(0, LENGTH)}`;
  }

  #show(message: Message): void {
    const { sid } = message.conversation;
    if (message.index < (this.#newest.get(sid)?.index ?? -1)) return;
    this.#newest.set(sid, message);
    this.#events.changed();
  }

  async #read(conversation: Conversation): Promise<void> {
    try {
      for (const message of (await conversation.getMessages(1)).items) {
        this.#show(message);
        this.#events.read(message);
      }
    } catch {
      // The next message is shown without a request.
    }
  }
}
