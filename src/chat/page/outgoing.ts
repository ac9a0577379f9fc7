import type { Media, Message } from "@twilio/conversations";
import { byId, element, scrollToEnd } from "./dom";

/** A message to send. */
export interface Outbound {
  /** The text, or the name of the file. */
  readonly label: string;
  readonly isFile: boolean;
  /** Sends it, and resolves with the index of the new message. */
  post(): Promise<number | null>;
}

/** A message that this page sends, until Twilio's copy of it is in the list. */
interface Sending extends Outbound {
  readonly item: HTMLLIElement;
  /** The newest message when it was sent. The new message comes after it. */
  readonly after: number;
  /** The index that Twilio assigned. Unset until the response arrives. */
  index?: number;
  /** The connection was lost before the response arrived, so Twilio may have the message. */
  isUncertain?: true;
}

/** The list in which messages are shown. */
export interface MessageSink {
  /** The index of the newest message, or -1. */
  readonly last: number;
  has(index: number): boolean;
  show(message: Message): unknown;
}

/**
 * The messages that this page is sending. Twilio reports a new message twice, in any order: as the response to the request and as an event.
 * The pending item leaves the list in the moment in which the message enters it, so a message is never shown twice and never disappears.
 */
export class Outgoing {
  readonly #self: string;
  readonly #sink: MessageSink;
  readonly #sending = new Set<Sending>();
  /** Messages that may be one of those. The response shows whether they are. */
  readonly #held = new Map<number, Message>();

  constructor(self: string, sink: MessageSink) {
    this.#self = self;
    this.#sink = sink;
  }

  /** Shows a message that arrived, now or as soon as it is known that it is not one that is still pending. */
  receive(message: Message): void {
    const all = [...this.#sending];
    const sent = all.find((sending) => sending.index === message.index || (sending.isUncertain && isSame(sending, message)));
    if (sent) this.#finish(sent, message);
    else if (message.author === this.#self && all.some((sending) => mayBe(sending, message))) this.#held.set(message.index, message);
    else this.#sink.show(message);
  }

  /** Sends a message. It is shown as pending until it is sent, and as failed until the user retries or discards it. */
  async send(outbound: Outbound): Promise<void> {
    const state = element("p", { class: "delivery" }, "Sending …");
    const body = element("p", { class: "body" }, outbound.label);
    const item = element("li", { class: "message own pending", "data-index": "Infinity" }, body, state);
    const sending: Sending = { ...outbound, item, after: this.#sink.last };
    this.#sending.add(sending);
    byId("log").append(item);
    scrollToEnd(byId("messages"));
    try {
      const index = await outbound.post();
      // The SDK's type allows null. The event then shows the message.
      if (index === null || this.#sink.has(index)) this.#finish(sending);
      else {
        sending.index = index;
        const message = this.#held.get(index);
        if (message) this.#finish(sending, message);
      }
    } catch (error) {
      this.#fail(sending, state, error as SendError);
    }
    this.#release();
  }

  #fail(sending: Sending, state: HTMLElement, error: SendError): void {
    if (error.body === undefined) {
      const message = [...this.#held.values()].find((held) => isSame(sending, held));
      if (message) {
        this.#finish(sending, message);
        return;
      }
      sending.isUncertain = true;
    } else this.#sending.delete(sending);
    const retry = element("button", { type: "button", class: "quiet" }, "Send again");
    const discard = element("button", { type: "button", class: "quiet" }, "Discard");
    retry.addEventListener("click", () => {
      this.#finish(sending);
      void this.send(sending);
    });
    discard.addEventListener("click", () => this.#finish(sending));
    state.classList.add("failed");
    state.replaceChildren(`Not sent: ${reasonOf(error)} `, retry, " ", discard);
  }

  #finish(sending: Sending, message?: Message): void {
    this.#sending.delete(sending);
    sending.item.remove();
    if (!message) return;
    this.#held.delete(message.index);
    this.#sink.show(message);
  }

  /** Shows the held messages that can no longer be pending ones. */
  #release(): void {
    for (const [index, message] of this.#held) {
      if ([...this.#sending].some((sending) => mayBe(sending, message))) continue;
      this.#held.delete(index);
      this.#sink.show(message);
    }
  }
}

/**
 * Whether a message may be the one that is being sent. A response to a text takes a moment, so any message may be it (a webhook may have
 * changed its text). An upload takes longer, and must not delay what the user sends from other devices.
 */
function mayBe({ isFile, label, after, index, isUncertain }: Sending, { index: actual, attachedMedia }: Message): boolean {
  if (index !== undefined || isUncertain || actual <= after) return false;
  return !isFile || hasFile(attachedMedia, label);
}

/** Whether a message is, as far as can be seen, the one whose response was lost. */
const isSame = ({ isFile, label, after }: Sending, { index, body, attachedMedia }: Message): boolean =>
  index > after && (isFile ? hasFile(attachedMedia, label) : body === label);

const hasFile = (media: readonly Media[] | null, name: string): boolean => (media ?? []).some(({ filename }) => filename === name);

/** What the SDK rejects with. Only a response from Twilio has a body. */
interface SendError {
  readonly message?: string;
  readonly body?: { readonly message?: string; readonly code?: number };
}

/** Twilio's message where there is one. The SDK's own message is only the status. */
function reasonOf({ body, message }: SendError): string {
  if (body?.message) return `${body.message}${body.code ? ` (error ${body.code})` : ""}.`;
  return `${message ?? "unknown error"}.`;
}
