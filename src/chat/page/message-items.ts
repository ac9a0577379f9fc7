import type { Message, Participant } from "@twilio/conversations";
import { deliveryOf, showDelivery } from "./delivery";
import { byId, element, timeOf } from "./dom";
import { fillMessage, newMessageItem } from "./message";
import { type EditedTexts, MessageActions } from "./message-actions";
import { Timeline } from "./timeline";

interface Shown {
  readonly message: Message;
  readonly item: HTMLLIElement;
}

/** The items of the list of messages. */
export class MessageItems {
  readonly #timeline = new Timeline(byId("log"));
  readonly #self: string;
  readonly #shown = new Map<number, Shown>();
  readonly #actions: MessageActions;
  #participants: readonly Participant[] = [];
  #last = -1;

  /** `edited` has the texts of messages that the user is editing. */
  constructor(self: string, edited: EditedTexts) {
    this.#self = self;
    this.#actions = new MessageActions(edited);
  }

  /** The index of the newest message, or -1. */
  get last(): number {
    return this.#last;
  }

  has(index: number): boolean {
    return this.#shown.has(index);
  }

  /** Shows a message at its index: new messages may arrive while older ones load. A message that was pending keeps its item. */
  show(message: Message, item: HTMLLIElement = newMessageItem()): void {
    if (this.has(message.index)) {
      this.update(message);
      return;
    }
    this.#last = Math.max(this.#last, message.index);
    this.#shown.set(message.index, { message, item });
    this.#fill({ message, item });
    const { index, dateCreated, author } = message;
    this.#timeline.put(item, { index, date: dateCreated ?? new Date(), author: author ?? "" });
  }

  /** Shows a message that is not sent yet, after all others, or one that is sent at its index. */
  showPending(item: HTMLLIElement, date: Date, index = Number.POSITIVE_INFINITY): void {
    this.#timeline.put(item, { index, date, author: this.#self });
  }

  /** Shows a message that changed. */
  update(message: Message): void {
    const shown = this.#shown.get(message.index);
    if (shown) this.#fill(shown);
  }

  remove({ index }: Message): void {
    const item = this.#shown.get(index)?.item;
    if (!item) return;
    this.#shown.delete(index);
    // The element that has the focus disappears.
    if (item.contains(document.activeElement)) byId("messages").focus();
    this.#timeline.remove(item);
  }

  removePending(item: HTMLLIElement): void {
    this.#timeline.remove(item);
  }

  /** Adds a line about the conversation after the newest message. */
  addNote(text: string): void {
    const date = new Date();
    const item = element("li", { class: "note" }, element("span", { dir: "auto" }, text), " ", timeOf(date));
    this.#timeline.put(item, { index: this.last + 0.5, date });
  }

  /** Shows the delivery to these participants. */
  setParticipants(participants: readonly Participant[]): void {
    this.#participants = participants;
    for (const { message, item } of this.#shown.values()) {
      // A failure is final, and its reason costs a request.
      if (!item.querySelector(".delivery.failed")) this.#showDelivery(message, item);
    }
  }

  refreshDays(): void {
    this.#timeline.refreshDays();
  }

  #fill({ message, item }: Shown): void {
    fillMessage(item, message, this.#self);
    if (message.author === this.#self) this.#actions.show(item, message);
    this.#showDelivery(message, item);
  }

  #showDelivery(message: Message, item: HTMLLIElement): void {
    if (message.author === this.#self) void showDelivery(deliveryOf(item), message, this.#participants);
  }
}
