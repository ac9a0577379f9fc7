import type { Client, Conversation, Message } from "@twilio/conversations";
import { byId, clockOrDayOf, element } from "./dom";
import { Previews } from "./previews";

/** The list of the user's conversations. */
export interface ConversationList {
  /** Marks the open conversation. */
  select(sid: string | undefined): void;
}

/** The callbacks of the list. */
export interface ConversationListEvents {
  added(conversation: Conversation): void;
  /** The list is loaded, and this is the only conversation. */
  only(conversation: Conversation): void;
  chosen(conversation: Conversation): void;
  /** The list read a message, so that the SDK may not report it as added. */
  read(message: Message): void;
  removed(sid: string): void;
}

const unreadCount = ({ lastMessage, lastReadMessageIndex }: Conversation): number =>
  Math.max(0, (lastMessage?.index ?? -1) - (lastReadMessageIndex ?? -1));

/** The name of a conversation, for people. */
export const nameOf = ({ friendlyName, uniqueName, sid }: Conversation): string => friendlyName || uniqueName || sid;

/** Lists the client's conversations, the most recent first, and keeps the list up to date. */
export function conversationList(
  { client, identity }: { client: Client; identity: string },
  events: ConversationListEvents,
): ConversationList {
  const list = byId("conversations");
  const conversations = new Map<string, Conversation>();
  const rows = new Map<string, HTMLLIElement>();
  const previews = new Previews(client, identity, { changed: () => draw(), read: events.read });
  let selected: string | undefined;
  let isLoaded = false;

  function draw(): void {
    const sorted = [...conversations.values()].sort((a, b) => lastActivity(b) - lastActivity(a));
    for (const [sid, row] of rows) {
      if (conversations.has(sid)) continue;
      row.remove();
      rows.delete(sid);
      previews.forget(sid, row);
    }
    sorted.forEach((conversation, index) => {
      const row = rows.get(conversation.sid) ?? newRow(() => events.chosen(conversation));
      if (!rows.has(conversation.sid)) previews.load(conversation, row);
      rows.set(conversation.sid, row);
      fillRow(row, conversation, { isSelected: conversation.sid === selected, preview: previews.of(conversation) });
      // Moves only what is out of place: a row that moves loses the focus.
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
    showEmpty(identity, isLoaded && conversations.size === 0);
    const unread = sorted.reduce((sum, conversation) => sum + unreadCount(conversation), 0);
    document.title = unread > 0 ? `(${unread}) Chat` : "Chat";
  }

  const add = (conversation: Conversation) => {
    if (conversation.status !== "joined") return;
    const isNew = !conversations.has(conversation.sid);
    conversations.set(conversation.sid, conversation);
    draw();
    if (!isNew) return;
    events.added(conversation);
    openOnly();
  };
  const openOnly = () => {
    const [only] = conversations.values();
    if (isLoaded && only && conversations.size === 1) events.only(only);
  };
  const remove = ({ sid }: Conversation) => {
    conversations.delete(sid);
    draw();
    events.removed(sid);
  };
  client.on("conversationJoined", add).on("conversationLeft", remove).on("conversationRemoved", remove).on("conversationUpdated", draw);
  void loadAll(client).then((loaded) => {
    loaded.forEach(add);
    isLoaded = true;
    draw();
    openOnly();
  });

  return {
    select(sid) {
      selected = sid;
      draw();
    },
  };
}

function newRow(choose: () => void): HTMLLIElement {
  const button = element("button", { type: "button" });
  button.addEventListener("click", choose);
  return element("li", {}, button);
}

/** What a row shows besides its conversation. */
interface RowDetails {
  readonly isSelected: boolean;
  readonly preview: string;
}

function fillRow(row: HTMLLIElement, conversation: Conversation, { isSelected, preview }: RowDetails): void {
  const button = row.firstElementChild as HTMLButtonElement;
  const unread = unreadCount(conversation);
  const { lastMessage, state } = conversation;
  if (isSelected) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  button.replaceChildren(
    element("span", { class: "name", dir: "auto" }, nameOf(conversation)),
    element("span", { class: "when" }, ...(lastMessage?.dateCreated ? [clockOrDayOf(lastMessage.dateCreated)] : [])),
    element("span", { class: "last", dir: "auto" }, preview),
    ...(unread > 0 ? [element("span", { class: "unread" }, String(unread), element("span", { class: "unseen" }, " unread"))] : []),
    ...(state && state.current !== "active" ? [element("span", { class: "hint" }, state.current)] : []),
  );
}

/** Says how to add the first conversation. */
function showEmpty(identity: string, isEmpty: boolean): void {
  const hint = byId("no-conversations");
  hint.hidden = !isEmpty;
  const code = `new Participant("…", { conversation, identity: ${JSON.stringify(identity)} })`;
  hint.textContent = `${identity} is not a participant of any conversation in this service. Add one, and the conversation appears here: ${code}. Identities are case-sensitive.`;
}

const lastActivity = ({ lastMessage, dateCreated }: Conversation): number => (lastMessage?.dateCreated ?? dateCreated)?.getTime() ?? 0;

async function loadAll(client: Client): Promise<Conversation[]> {
  const all: Conversation[] = [];
  let page = await client.getSubscribedConversations();
  for (;;) {
    all.push(...page.items);
    if (!page.hasNextPage) return all;
    page = await page.nextPage();
  }
}
