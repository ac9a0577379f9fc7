import type { Conversation, Message, Paginator, Participant } from "@twilio/conversations";
import { byId } from "./dom";
import { EndFollower } from "./end-follower";
import type { EditedTexts } from "./message-actions";
import { MessageItems } from "./message-items";
import type { Outgoing } from "./outgoing";
import { nameOfParticipant } from "./participants";

const PAGE_SIZE = 30;

/** Older messages load when the user scrolls this close to the top, in pixels. */
const NEAR_TOP = 200;

/** What the user has written in a conversation and Twilio does not have. It stays while the page shows another conversation. */
export interface Unsent {
  readonly outgoing: Outgoing;
  readonly edited: EditedTexts;
}

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
  readonly #follower: EndFollower;
  #oldestPage: Paginator<Message> | undefined;
  #isLoading = false;
  /** How many messages arrived below what the user sees. */
  #missed = 0;

  /** Clears the list. `closed` ends it, possibly before {@link open} is done: by then, the page shows another conversation. */
  constructor(conversation: Conversation, self: string, { outgoing, edited }: Unsent, closed: AbortSignal) {
    this.#conversation = conversation;
    this.#self = self;
    this.#closed = closed;
    // Without a mouse, the user scrolls with the keyboard.
    this.#box.tabIndex = 0;
    this.#beginning.hidden = true;
    this.#toNewest.hidden = true;
    const items = new MessageItems(self, edited);
    this.#items = items;
    this.#follower = new EndFollower(this.#box, byId("log"), () => this.#onView(), closed);
    this.#outgoing = outgoing;
    outgoing.attach(
      {
        get last() {
          return Math.max(items.last, conversation.lastMessage?.index ?? -1);
        },
        has: (index) => items.has(index),
        show: (message, item) => items.show(message, item),
        removePending: (item) => items.removePending(item),
        showPending: (item, date, index) => {
          items.showPending(item, date, index);
          this.#follower.follow();
        },
      },
      closed,
    );
    closed.addEventListener("abort", () => byId("log").replaceChildren());
  }

  /** Loads the newest messages and shows what changes from now on. */
  async open(): Promise<void> {
    this.#listen();
    this.#box.setAttribute("aria-busy", "true");
    this.#items.setParticipants(await this.#conversation.getParticipants());
    if (this.#closed.aborted) return;
    this.#listenToParticipants();
    const page = await this.#conversation.getMessages(PAGE_SIZE);
    if (this.#closed.aborted) return;
    this.#showPage(page);
    this.#box.setAttribute("aria-busy", "false");
    this.#follow();
    void this.#loadOlder();
  }

  /** Shows a message that arrived. */
  receive(message: Message): void {
    if (this.#items.has(message.index)) return;
    this.#outgoing.receive(message);
    if (message.author === this.#self) this.#follower.follow();
    else if (!this.#follower.isFollowing) this.#missed += 1;
    this.#follow();
  }

  #listen(): void {
    const conversation = this.#conversation;
    const added = (message: Message) => this.receive(message);
    const updated = ({ message }: { message: Message }) => this.#items.update(message);
    const removed = (message: Message) => this.#items.remove(message);
    conversation.on("messageAdded", added).on("messageUpdated", updated).on("messageRemoved", removed);
    const signal = this.#closed;
    this.#toNewest.addEventListener("click", () => this.#jumpToNewest(), { signal });
    const onVisible = () => {
      this.#items.refreshDays();
      this.#markRead();
    };
    document.addEventListener("visibilitychange", onVisible, { signal });
    signal.addEventListener("abort", () => {
      conversation.off("messageAdded", added).off("messageUpdated", updated).off("messageRemoved", removed);
    });
  }

  /** The SDK also reports those who participate already, before it responds with the list of participants. */
  #listenToParticipants(): void {
    const conversation = this.#conversation;
    const joined = (participant: Participant) => this.#onParticipant(participant, "joined");
    const left = (participant: Participant) => this.#onParticipant(participant, "left");
    const refresh = () => this.#refreshParticipants();
    conversation.on("participantJoined", joined).on("participantLeft", left).on("participantUpdated", refresh);
    this.#closed.addEventListener("abort", () => {
      conversation.off("participantJoined", joined).off("participantLeft", left).off("participantUpdated", refresh);
    });
  }

  #showPage(page: Paginator<Message>): void {
    this.#oldestPage = page;
    for (const message of page.items) this.#outgoing.receive(message);
    this.#beginning.hidden = page.hasPrevPage;
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
    this.#follower.update();
    this.#showMissed();
    this.#markRead();
  }

  #showMissed(): void {
    const { isFollowing } = this.#follower;
    if (isFollowing) this.#missed = 0;
    this.#toNewest.hidden = isFollowing || this.#missed === 0;
    this.#toNewest.textContent = this.#missed === 1 ? "1 new message" : `${this.#missed} new messages`;
  }

  /** Reports to Twilio that the user has read the end of the list, if it is visible on a visible page. */
  #markRead(): void {
    const { last } = this.#items;
    // A narrow screen shows one pane at a time, and a hidden box has no height.
    if (!this.#follower.isFollowing || document.visibilityState !== "visible" || this.#box.clientHeight === 0) return;
    if (last <= (this.#conversation.lastReadMessageIndex ?? -1)) return;
    // If the connection is lost, the next message or the next look at the page reports it.
    this.#conversation.advanceLastReadMessageIndex(last).catch(() => undefined);
  }

  /** Loads older messages while the user is near the first one, which includes that the messages do not fill the box. */
  async #loadOlder(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    // A screen reader must not announce older messages as new.
    this.#box.setAttribute("aria-busy", "true");
    try {
      while (this.#oldestPage?.hasPrevPage && this.#box.clientHeight > 0 && this.#box.scrollTop < NEAR_TOP) {
        const page = await this.#oldestPage.prevPage();
        if (this.#closed.aborted) return;
        // What the user sees keeps its distance from the end.
        const below = this.#box.scrollHeight - this.#box.scrollTop;
        this.#showPage(page);
        this.#box.scrollTop = this.#box.scrollHeight - below;
      }
    } catch {
      // The next scroll tries again.
    } finally {
      this.#isLoading = false;
      if (!this.#closed.aborted) this.#box.setAttribute("aria-busy", "false");
    }
  }

  /** The user scrolled, or the box appeared or changed its size. */
  #onView(): void {
    this.#showMissed();
    this.#markRead();
    if (this.#oldestPage) void this.#loadOlder();
  }

  #jumpToNewest(): void {
    this.#follower.follow();
    this.#follow();
    this.#box.focus();
  }
}
