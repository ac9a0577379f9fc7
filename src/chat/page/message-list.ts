import type { Conversation, Message, Paginator, Participant } from "@twilio/conversations";
import { showDelivery } from "./delivery";
import { atEnd, byId, element, timeOf, toEnd } from "./dom";
import { fillMessage, messageElement } from "./message";
import { nameOfParticipant } from "./participants";

const PAGE = 30;

/** Where an item of the list belongs: a message at its index, what was no message in between, what is being sent last. */
const indexOf = (item: Element): number => Number((item as HTMLElement).dataset.index);

/** How close to the top the reader must come for older messages to be fetched, in pixels. */
const NEAR_TOP = 100;

/**
 * Shows a conversation's newest messages, those that come, and older ones as the reader scrolls up, until `closed`. That may come first: then
 * the list is another conversation's by now.
 */
export async function messageList(conversation: Conversation, self: string, closed: AbortSignal): Promise<void> {
  const box = byId("messages");
  const log = byId("log");
  const beginning = byId("beginning");
  const newest = byId("to-newest");
  const shown = new Map<number, { message: Message; item: HTMLLIElement }>();
  // Whoever has no mouse scrolls with the keyboard.
  box.tabIndex = 0;
  let participants: readonly Participant[] = [];
  let oldest: Paginator<Message> | undefined;
  let last = -1;
  let missed = 0;
  let following = true;

  /** Adds a message where its index belongs; messages may come while older ones are being fetched. */
  function place(message: Message): void {
    if (shown.has(message.index)) {
      update(message);
      return;
    }
    const item = messageElement(message, self);
    let next: Element | null = null;
    for (let other = log.lastElementChild; other && indexOf(other) > message.index; other = other.previousElementSibling) next = other;
    log.insertBefore(item, next);
    last = Math.max(last, message.index);
    shown.set(message.index, { message, item });
    deliver(message, item);
  }

  function update(message: Message): void {
    const known = shown.get(message.index);
    if (!known) return;
    fillMessage(known.item, message, self);
    deliver(message, known.item);
  }

  function deliver(message: Message, item: HTMLLIElement): void {
    const place = item.querySelector<HTMLElement>(".delivery");
    if (place) void showDelivery(place, message, participants);
  }

  /** Somebody came or went, between the messages around it. */
  function note(text: string): void {
    log.append(element("li", { class: "note", "data-index": String(last + 0.5) }, text, " ", timeOf(new Date())));
    follow();
  }

  /** Stays at the end if the reader is there, and says what they miss if not. */
  function follow(): void {
    if (following) toEnd(box);
    newest.hidden = following || missed === 0;
    newest.textContent = missed === 1 ? "1 new message" : `${missed} new messages`;
    read();
  }

  /** Tells the others that this was read: what is in sight at the end of the list, on a page that is in sight. */
  function read(): void {
    if (closed.aborted || !following || document.visibilityState !== "visible" || last <= (conversation.lastReadMessageIndex ?? -1)) return;
    // Without a connection it is not told; the next message or look at the page tells it.
    conversation.advanceLastReadMessageIndex(last).catch(() => undefined);
  }

  let fetching = false;
  async function older(): Promise<void> {
    if (fetching || !oldest?.hasPrevPage) return;
    fetching = true;
    // Older messages are no news for whoever listens.
    box.setAttribute("aria-busy", "true");
    try {
      const page = await oldest.prevPage();
      if (closed.aborted) return;
      oldest = page;
      const below = box.scrollHeight - box.scrollTop;
      for (const message of page.items) place(message);
      beginning.hidden = page.hasPrevPage;
      box.scrollTop = box.scrollHeight - below;
    } catch {
      // The next scroll tries again.
    } finally {
      fetching = false;
      box.setAttribute("aria-busy", "false");
    }
  }

  function onScroll(): void {
    following = atEnd(box);
    if (following) missed = 0;
    newest.hidden = following || missed === 0;
    read();
    if (box.scrollTop < NEAR_TOP) void older();
  }

  const added = (message: Message) => {
    place(message);
    if (message.author === self) following = true;
    else if (!following) missed += 1;
    follow();
  };
  const updated = ({ message }: { message: Message }) => update(message);
  const removed = (message: Message) => {
    shown.get(message.index)?.item.remove();
    shown.delete(message.index);
  };
  const joined = (participant: Participant) => {
    note(`${nameOfParticipant(participant)} joined`);
    void refresh();
  };
  const left = (participant: Participant) => {
    note(`${nameOfParticipant(participant)} left`);
    void refresh();
  };
  async function refresh(): Promise<void> {
    participants = await conversation.getParticipants();
    for (const { message, item } of shown.values()) {
      // A failure is final, and each costs a call to explain.
      if (!item.querySelector(".failed")) deliver(message, item);
    }
  }
  const jump = () => {
    following = true;
    missed = 0;
    follow();
    box.focus();
  };
  // Images grow when they arrive, and the box shrinks and grows with the window.
  const sizes = new ResizeObserver(() => following && toEnd(box));

  log.replaceChildren();
  beginning.hidden = true;
  newest.hidden = true;
  participants = await conversation.getParticipants();
  if (closed.aborted) return;
  conversation.on("messageAdded", added).on("messageUpdated", updated).on("messageRemoved", removed);
  conversation.on("participantJoined", joined).on("participantLeft", left).on("participantUpdated", refresh);
  box.addEventListener("scroll", onScroll);
  newest.addEventListener("click", jump);
  document.addEventListener("visibilitychange", read);
  sizes.observe(log);
  sizes.observe(box);
  box.setAttribute("aria-busy", "true");
  closed.addEventListener("abort", () => {
    conversation.off("messageAdded", added).off("messageUpdated", updated).off("messageRemoved", removed);
    conversation.off("participantJoined", joined).off("participantLeft", left).off("participantUpdated", refresh);
    box.removeEventListener("scroll", onScroll);
    newest.removeEventListener("click", jump);
    document.removeEventListener("visibilitychange", read);
    sizes.disconnect();
    log.replaceChildren();
    beginning.hidden = true;
    newest.hidden = true;
  });
  const page = await conversation.getMessages(PAGE);
  if (closed.aborted) return;
  oldest = page;
  for (const message of page.items) place(message);
  box.setAttribute("aria-busy", "false");
  beginning.hidden = page.hasPrevPage;
  follow();
}
