import type { Message, Participant } from "@twilio/conversations";
import { showDelivery } from "./delivery";
import { byId, element, timeOf } from "./dom";
import { fillMessage, messageElement } from "./message";

/** Where an item belongs: a message at its index, a note between two messages, a pending message at the end. */
const indexOf = (item: Element): number => Number((item as HTMLElement).dataset.index);

/** The items of the list of messages. */
export class MessageItems {
  readonly #log = byId("log");
  readonly #self: string;
  readonly #shown = new Map<number, { message: Message; item: HTMLLIElement }>();
  #participants: readonly Participant[] = [];
  #last = -1;

  constructor(self: string) {
    this.#self = self;
  }

  /** The index of the newest message, or -1. */
  get last(): number {
    return this.#last;
  }

  has(index: number): boolean {
    return this.#shown.has(index);
  }

  /** Shows a message at its index: new messages may arrive while older ones load. */
  show(message: Message): void {
    if (this.has(message.index)) {
      this.update(message);
      return;
    }
    const item = messageElement(message, this.#self);
    let next: Element | null = null;
    for (let other = this.#log.lastElementChild; other && indexOf(other) > message.index; other = other.previousElementSibling) {
      next = other;
    }
    this.#log.insertBefore(item, next);
    this.#last = Math.max(this.#last, message.index);
    this.#shown.set(message.index, { message, item });
    this.#showDelivery(message, item);
  }

  /** Shows a message that changed. */
  update(message: Message): void {
    const item = this.#shown.get(message.index)?.item;
    if (!item) return;
    fillMessage(item, message, this.#self);
    this.#showDelivery(message, item);
  }

  remove({ index }: Message): void {
    this.#shown.get(index)?.item.remove();
    this.#shown.delete(index);
  }

  /** Adds a line about the conversation after the newest message. */
  addNote(text: string): void {
    this.#log.append(element("li", { class: "note", "data-index": String(this.last + 0.5) }, text, " ", timeOf(new Date())));
  }

  /** Shows the delivery to these participants. */
  setParticipants(participants: readonly Participant[]): void {
    this.#participants = participants;
    for (const { message, item } of this.#shown.values()) {
      // A failure is final, and its reason costs a request.
      if (!item.querySelector(".failed")) this.#showDelivery(message, item);
    }
  }

  #showDelivery(message: Message, item: HTMLLIElement): void {
    const line = item.querySelector<HTMLElement>(".delivery");
    if (line) void showDelivery(line, message, this.#participants);
  }
}
