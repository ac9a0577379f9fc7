import type { Client, Conversation } from "@twilio/conversations";
import { byId, element, timeOf } from "./dom";

/** The list of conversations beside the one that is open. */
export interface ConversationList {
  /** Marks the one that is open. */
  select(sid: string | undefined): void;
}

/** How many messages nobody read here yet. */
const unreadOf = ({ lastMessage, lastReadMessageIndex }: Conversation): number =>
  Math.max(0, (lastMessage?.index ?? -1) - (lastReadMessageIndex ?? -1));

/** What a conversation is called. */
export const nameOf = ({ friendlyName, uniqueName, sid }: Conversation): string => friendlyName || uniqueName || sid;

/** Lists the client's conversations, the last active first, and keeps the list up to date. */
export function conversationList(
  { client, identity }: { client: Client; identity: string },
  on: { added(conversation: Conversation): void; chosen(conversation: Conversation): void; removed(sid: string): void },
): ConversationList {
  const list = byId("conversations");
  const none = byId("no-conversations");
  const known = new Map<string, Conversation>();
  let selected: string | undefined;
  let listed = false;
  const rows = new Map<string, HTMLLIElement>();

  function draw(): void {
    const sorted = [...known.values()].sort((a, b) => lastOf(b) - lastOf(a));
    for (const [sid, row] of rows) {
      if (known.has(sid)) continue;
      row.remove();
      rows.delete(sid);
    }
    sorted.forEach((conversation, index) => {
      const row = rows.get(conversation.sid) ?? newRow(conversation);
      fill(row, conversation);
      // Only what is out of place is moved: moving takes the focus away.
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    });
    none.hidden = !listed || known.size > 0;
    none.textContent = `${identity} takes part in no conversation of this service. Add one, and it appears here: new Participant("…", { conversation, identity: ${JSON.stringify(identity)} }). Upper and lower case count.`;
    const unread = sorted.reduce((sum, conversation) => sum + unreadOf(conversation), 0);
    document.title = unread > 0 ? `(${unread}) Chat` : "Chat";
  }

  function newRow(conversation: Conversation): HTMLLIElement {
    const button = element("button", { type: "button" });
    button.addEventListener("click", () => on.chosen(conversation));
    const row = element("li", {}, button);
    rows.set(conversation.sid, row);
    return row;
  }

  function fill(row: HTMLLIElement, conversation: Conversation): void {
    const button = row.firstElementChild as HTMLButtonElement;
    const unread = unreadOf(conversation);
    const { lastMessage, state } = conversation;
    button.toggleAttribute("aria-current", conversation.sid === selected);
    if (conversation.sid === selected) button.setAttribute("aria-current", "true");
    button.replaceChildren(
      element("span", { class: "name" }, nameOf(conversation)),
      element("span", { class: "when" }, ...(lastMessage?.dateCreated ? [timeOf(lastMessage.dateCreated)] : [])),
      ...(state && state.current !== "active" ? [element("span", { class: "hint" }, state.current)] : []),
      ...(unread > 0 ? [element("span", { class: "unread" }, String(unread), element("span", { class: "unseen" }, " unread"))] : []),
    );
  }

  const add = (conversation: Conversation) => {
    if (conversation.status !== "joined") return;
    const isNew = !known.has(conversation.sid);
    known.set(conversation.sid, conversation);
    draw();
    if (isNew) on.added(conversation);
  };
  const remove = ({ sid }: Conversation) => {
    known.delete(sid);
    draw();
    on.removed(sid);
  };
  client.on("conversationJoined", add);
  client.on("conversationLeft", remove);
  client.on("conversationRemoved", remove);
  client.on("conversationUpdated", draw);
  void all(client).then((conversations) => {
    listed = true;
    conversations.forEach(add);
    draw();
  });

  return {
    select(sid) {
      selected = sid;
      draw();
    },
  };
}

const lastOf = ({ lastMessage, dateCreated }: Conversation): number => (lastMessage?.dateCreated ?? dateCreated)?.getTime() ?? 0;

async function all(client: Client): Promise<Conversation[]> {
  const found: Conversation[] = [];
  let page = await client.getSubscribedConversations();
  for (;;) {
    found.push(...page.items);
    if (!page.hasNextPage) return found;
    page = await page.nextPage();
  }
}
