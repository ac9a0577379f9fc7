import type { Client, Conversation } from "@twilio/conversations";
import { byId, element, timeOf } from "./dom";

/** The list of the user's conversations. */
export interface ConversationList {
  /** Marks the open conversation. */
  select(sid: string | undefined): void;
}

/** The callbacks of the list. */
export interface ConversationListEvents {
  added(conversation: Conversation): void;
  chosen(conversation: Conversation): void;
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
  let selected: string | undefined;
  let isLoaded = false;

  function draw(): void {
    const sorted = [...conversations.values()].sort((a, b) => lastActivity(b) - lastActivity(a));
    for (const [sid, row] of rows) {
      if (conversations.has(sid)) continue;
      row.remove();
      rows.delete(sid);
    }
    sorted.forEach((conversation, index) => {
      const row = rows.get(conversation.sid) ?? newRow(() => events.chosen(conversation));
      rows.set(conversation.sid, row);
      fillRow(row, conversation, conversation.sid === selected);
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
    if (isNew) events.added(conversation);
  };
  const remove = ({ sid }: Conversation) => {
    conversations.delete(sid);
    draw();
    events.removed(sid);
  };
  client.on("conversationJoined", add).on("conversationLeft", remove).on("conversationRemoved", remove).on("conversationUpdated", draw);
  void loadAll(client).then((loaded) => {
    isLoaded = true;
    loaded.forEach(add);
    draw();
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

function fillRow(row: HTMLLIElement, conversation: Conversation, isSelected: boolean): void {
  const button = row.firstElementChild as HTMLButtonElement;
  const unread = unreadCount(conversation);
  const { lastMessage, state } = conversation;
  if (isSelected) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  button.replaceChildren(
    element("span", { class: "name" }, nameOf(conversation)),
    element("span", { class: "when" }, ...(lastMessage?.dateCreated ? [timeOf(lastMessage.dateCreated)] : [])),
    ...(state && state.current !== "active" ? [element("span", { class: "hint" }, state.current)] : []),
    ...(unread > 0 ? [element("span", { class: "unread" }, String(unread), element("span", { class: "unseen" }, " unread"))] : []),
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
