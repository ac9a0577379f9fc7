import type { Media, Message } from "@twilio/conversations";
import { deliveryOf } from "./delivery";
import { byId, element } from "./dom";
import { fillContent, newMessageItem } from "./message";
import { isRefused, reasonOf } from "./send-error";
import { onUploadProgress } from "./upload-progress";

/** A request of the SDK that can be canceled. */
export interface Post extends Promise<number | null> {
  cancel(): unknown;
}

/** A message to send. */
export interface Outbound {
  /** The text, or the name of the file. */
  readonly label: string;
  readonly file?: File;
  /** Sends it, and resolves with the index of the new message. */
  post(): Post;
}

/** A message that this page sends, until Twilio's copy of it is in the list. */
interface Sending extends Outbound {
  readonly item: HTMLLIElement;
  date: Date;
  /** The newest message when it was sent. The new message comes after it. */
  after: number;
  /** The index that Twilio assigned. Unset until the response arrives. */
  index?: number | undefined;
  /** The response was lost, so Twilio may have the message. */
  isUncertain?: boolean;
  isFailed?: boolean;
  isCanceled?: boolean;
}

/** The list in which messages are shown. */
export interface MessageSink {
  /** The index of the newest message, or -1. */
  readonly last: number;
  has(index: number): boolean;
  /** Shows a message, in the item of the pending one if it was pending. */
  show(message: Message, item?: HTMLLIElement): void;
  showPending(item: HTMLLIElement, date: Date, index?: number): void;
  removePending(item: HTMLLIElement): void;
}

/**
 * The messages that the user sends in a conversation. Twilio reports a new message twice, in any order: as the response to the request and as
 * an event. The item of the pending message becomes the item of the sent one, so a message is never shown twice and never disappears. Messages
 * that are pending or failed stay while the page shows another conversation.
 */
export class Outgoing {
  readonly #self: string;
  readonly #sending = new Set<Sending>();
  /** Messages that may be one of those. The response shows whether they are. */
  readonly #held = new Map<number, Message>();
  #sink: MessageSink | undefined;

  constructor(self: string) {
    this.#self = self;
  }

  /** Shows the messages that are not sent yet in a list, until `closed` is aborted. */
  attach(sink: MessageSink, closed: AbortSignal): void {
    this.#sink = sink;
    for (const { item, date } of this.#sending) sink.showPending(item, date);
    closed.addEventListener("abort", () => {
      if (this.#sink !== sink) return;
      this.#sink = undefined;
      // The list that opens next loads them again.
      this.#held.clear();
      for (const sending of this.#sending) if (sending.index !== undefined) this.#sending.delete(sending);
    });
  }

  /** Shows a message that arrived, now or as soon as it is known that it is not one that is still pending. */
  receive(message: Message): void {
    const all = [...this.#sending];
    const sent = all.find(({ index }) => index === message.index) ?? all.find((sending) => sending.isUncertain && isSame(sending, message));
    if (sent) this.#finish(sent, message);
    else if (message.author === this.#self && all.some((sending) => mayBe(sending, message))) this.#held.set(message.index, message);
    else this.#sink?.show(message);
  }

  /** Sends a message. It is shown as pending until it is sent, and as failed until the user retries or discards it. */
  send(outbound: Outbound): void {
    const item = newMessageItem();
    item.classList.add("own");
    const sending: Sending = { ...outbound, item, date: new Date(), after: -1 };
    this.#sending.add(sending);
    void this.#post(sending);
  }

  async #post(sending: Sending): Promise<void> {
    const { item, label } = sending;
    Object.assign(sending, { date: new Date(), after: this.#sink?.last ?? -1, index: undefined, isUncertain: false, isFailed: false });
    item.classList.add("pending");
    fillContent(item, { author: "You", date: sending.date, text: label });
    this.#sink?.showPending(item, sending.date);
    const post = sending.post();
    this.#showState(sending, post);
    try {
      this.#onResponse(sending, await post);
    } catch (error) {
      if (sending.isCanceled) this.#finish(sending);
      else this.#fail(sending, error);
    }
    this.#release();
  }

  #showState(sending: Sending, post: Post): void {
    const { item, label, file } = sending;
    const line = deliveryOf(item);
    line.classList.remove("failed");
    line.replaceChildren("Sending …");
    if (!file) return;
    const bar = element("progress", { max: "1", value: "0", "aria-label": `Upload of ${label}` });
    const percent = element("span", {}, "0 %");
    const cancel = element("button", { type: "button", class: "quiet", "aria-label": `Cancel: ${label}` }, "Cancel");
    cancel.addEventListener("click", () => {
      sending.isCanceled = true;
      post.cancel();
      byId("text").focus();
    });
    line.replaceChildren(bar, percent, cancel);
    onUploadProgress(file, (fraction) => {
      bar.value = fraction;
      percent.textContent = `${Math.floor(fraction * 100)} %`;
      // From here on, Twilio has the file and creates the message.
      if (fraction === 1) line.replaceChildren("Sending …");
    });
  }

  #onResponse(sending: Sending, index: number | null): void {
    const message = index === null ? undefined : this.#held.get(index);
    if (message) this.#finish(sending, message);
    // The SDK's type allows null.
    else if (index === null) this.#lose(sending);
    // The list that opens next loads it.
    else if (!this.#sink || this.#sink.has(index)) this.#finish(sending);
    else {
      sending.index = index;
      this.#sink.showPending(sending.item, sending.date, index);
    }
  }

  /** The response is lost. The message may have arrived already, or arrive later. */
  #lose(sending: Sending): void {
    sending.isUncertain = true;
    const message = [...this.#held.values()].find((held) => isSame(sending, held));
    if (message) this.#finish(sending, message);
  }

  #fail(sending: Sending, error: unknown): void {
    if (!isRefused(error)) this.#lose(sending);
    if (!this.#sending.has(sending)) return;
    sending.isFailed = true;
    const { item, label } = sending;
    item.classList.remove("pending");
    const retry = element("button", { type: "button", class: "quiet", "aria-label": `Send again: ${excerptOf(label)}` }, "Send again");
    const discard = element("button", { type: "button", class: "quiet", "aria-label": `Discard: ${excerptOf(label)}` }, "Discard");
    const onClick = (action: () => void) => () => {
      action();
      // The button disappears.
      byId("text").focus();
    };
    retry.addEventListener(
      "click",
      onClick(() => void this.#post(sending)),
    );
    discard.addEventListener(
      "click",
      onClick(() => this.#finish(sending)),
    );
    const line = deliveryOf(item);
    line.classList.add("failed");
    line.replaceChildren(`Not sent: ${reasonOf(error)} `, retry, " ", discard);
  }

  #finish(sending: Sending, message?: Message): void {
    this.#sending.delete(sending);
    if (message) this.#held.delete(message.index);
    if (message && !this.#sink?.has(message.index)) this.#sink?.show(message, sending.item);
    else this.#sink?.removePending(sending.item);
  }

  /** Shows the held messages that can no longer be pending ones. */
  #release(): void {
    for (const [index, message] of this.#held) {
      if ([...this.#sending].some((sending) => mayBe(sending, message))) continue;
      this.#held.delete(index);
      this.#sink?.show(message);
    }
  }
}

const excerptOf = (label: string): string => (label.length > 40 ? `${label.slice(0, 40)}…` : label);

/**
 * Whether a message may be the one that is being sent. A response to a text takes a moment, so any message may be it (a webhook may have
 * changed its text). An upload takes longer, and must not delay what the user sends from other devices.
 */
function mayBe({ file, label, after, index, isFailed }: Sending, { index: actual, attachedMedia }: Message): boolean {
  if (index !== undefined || isFailed || actual <= after) return false;
  return !file || hasFile(attachedMedia, label);
}

/** Whether a message is, as far as can be seen, the one whose response was lost. */
const isSame = ({ file, label, after }: Sending, { index, body, attachedMedia }: Message): boolean =>
  index > after && (file ? hasFile(attachedMedia, label) : body === label);

const hasFile = (media: readonly Media[] | null, name: string): boolean => (media ?? []).some(({ filename }) => filename === name);
