import type { Conversation, Message, Paginator, Participant } from "@twilio/conversations";
import { byId, isAtEnd, scrollToEnd } from "./dom";
import { MessageItems } from "./message-items";
import { type Outbound, Outgoing } from "./outgoing";
import { nameOfParticipant } from "./participants";

const PAGE_SIZE = 30;

/** Older messages load when the user scrolls this close to the top, in pixels. */
const NEAR_TOP = 100;

/** The list of a conversation's messages: the newest ones, those that arrive, and older ones as the user scrolls up. */
export class MessageList {
  readonly #box = byId("messages");
  readonly #beginning = byId("beginning");
  readonly #toNewest = byId("to-newest");
  readonly #conversation: Conversation;
  readonly #self: string;
  readonly #closed: AbortSignal;
  readonly #items: MessageItems;
  readonly #outgoing: Outgoing;
  #oldestPage: Paginator<Message> | undefined;
  #isLoading = false;
  /** Whether the user is at the end of the list and stays there. */
  #isFollowing = true;
  /** How many messages arrived below what the user sees. */
  #missed = 0;

  /** Clears the list. `closed` ends it, possibly before {@link open} is done: by then, the page shows another conversation. */
  constructor(conversation: Conversation, self: string, closed: AbortSignal) {
    this.#conversation = conversation;
    this.#self = self;
    this.#closed = closed;
    // Without a mouse, the user scrolls with the keyboard.
    this.#box.tabIndex = 0;
    const items = new MessageItems(self);
    this.#items = items;
    this.#outgoing = new Outgoing(self, {
      get last() {
        return items.last;
      },
      has: (index) => items.has(index),
      // The response to a request may arrive after the page has opened another conversation.
      show: (message) => closed.aborted || items.show(message),
    });
    this.#clear();
  }

  /** Loads the newest messages and shows what changes from now on. */
  async open(): Promise<void> {
    this.#items.setParticipants(await this.#conversation.getParticipants());
    if (this.#closed.aborted) return;
    this.#listen();
    this.#box.setAttribute("aria-busy", "true");
    const page = await this.#conversation.getMessages(PAGE_SIZE);
    if (this.#closed.aborted) return;
    this.#showPage(page);
    this.#box.setAttribute("aria-busy", "false");
    this.#follow();
  }

  /** Sends a message. */
  send(outbound: Outbound): void {
    void this.#outgoing.send(outbound).then(() => this.#follow());
  }

  #listen(): void {
    const conversation = this.#conversation;
    const added = (message: Message) => this.#onAdded(message);
    const updated = ({ message }: { message: Message }) => this.#items.update(message);
    const removed = (message: Message) => this.#items.remove(message);
    const joined = (participant: Participant) => this.#onParticipant(participant, "joined");
    const left = (participant: Participant) => this.#onParticipant(participant, "left");
    const refresh = () => this.#refreshParticipants();
    conversation.on("messageAdded", added).on("messageUpdated", updated).on("messageRemoved", removed);
    conversation.on("participantJoined", joined).on("participantLeft", left).on("participantUpdated", refresh);
    const signal = this.#closed;
    this.#box.addEventListener("scroll", () => this.#onScroll(), { signal });
    this.#toNewest.addEventListener("click", () => this.#jumpToNewest(), { signal });
    document.addEventListener("visibilitychange", () => this.#markRead(), { signal });
    // Images grow when they load, and the box changes with the window.
    const sizes = new ResizeObserver(() => this.#isFollowing && scrollToEnd(this.#box));
    sizes.observe(byId("log"));
    sizes.observe(this.#box);
    signal.addEventListener("abort", () => {
      conversation.off("messageAdded", added).off("messageUpdated", updated).off("messageRemoved", removed);
      conversation.off("participantJoined", joined).off("participantLeft", left).off("participantUpdated", refresh);
      sizes.disconnect();
      this.#clear();
    });
  }

  #clear(): void {
    byId("log").replaceChildren();
    this.#beginning.hidden = true;
    this.#toNewest.hidden = true;
  }

  #showPage(page: Paginator<Message>): void {
    this.#oldestPage = page;
    for (const message of page.items) this.#outgoing.receive(message);
    this.#beginning.hidden = page.hasPrevPage;
  }

  #onAdded(message: Message): void {
    this.#outgoing.receive(message);
    if (message.author === this.#self) this.#isFollowing = true;
    else if (!this.#isFollowing) this.#missed += 1;
    this.#follow();
  }

  #onParticipant(participant: Participant, change: "joined" | "left"): void {
    this.#items.addNote(`${nameOfParticipant(participant)} ${change}`);
    this.#follow();
    void this.#refreshParticipants();
  }

  async #refreshParticipants(): Promise<void> {
    this.#items.setParticipants(await this.#conversation.getParticipants());
  }

  /** Scrolls to the end if the user is there. Otherwise, it shows how many messages are below. */
  #follow(): void {
    if (this.#closed.aborted) return;
    if (this.#isFollowing) scrollToEnd(this.#box);
    this.#showMissed();
    this.#markRead();
  }

  #showMissed(): void {
    this.#toNewest.hidden = this.#isFollowing || this.#missed === 0;
    this.#toNewest.textContent = this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`;
  }

  /** Reports to Twilio that the user has read the end of the list, if it is visible on a visible page. */
  #markRead(): void {
    const { last } = this.#items;
    if (!this.#isFollowing || document.visibilityState !== "visible") return;
    if (last <= (this.#conversation.lastReadMessageIndex ?? -1)) return;
    // If the connection is lost, the next message or the next look at the page reports it.
    this.#conversation.advanceLastReadMessageIndex(last).catch(() => undefined);
  }

  async #loadOlder(): Promise<void> {
    if (this.#isLoading || !this.#oldestPage?.hasPrevPage) return;
    this.#isLoading = true;
    // A screen reader must not announce older messages as new.
    this.#box.setAttribute("aria-busy", "true");
    try {
      const page = await this.#oldestPage.prevPage();
      if (this.#closed.aborted) return;
      const below = this.#box.scrollHeight - this.#box.scrollTop;
      this.#showPage(page);
      this.#box.scrollTop = this.#box.scrollHeight - below;
    } catch {
      // The next scroll tries again.
    } finally {
      this.#isLoading = false;
      this.#box.setAttribute("aria-busy", "false");
    }
  }

  #onScroll(): void {
    this.#isFollowing = isAtEnd(this.#box);
    if (this.#isFollowing) this.#missed = 0;
    this.#showMissed();
    this.#markRead();
    if (this.#box.scrollTop < NEAR_TOP) void this.#loadOlder();
  }

  #jumpToNewest(): void {
    this.#isFollowing = true;
    this.#missed = 0;
    this.#follow();
    this.#box.focus();
  }
}
