// The emulator's console: shows resources and events from the control plane.
import { byId } from "../../../chat/page/dom.ts";
import { type ConversationDetails, type Entry, getControl, type State } from "./api.ts";
import { showConversation } from "./conversation.ts";
import { eventDescriptions, Names } from "./descriptions.ts";
import { Feed } from "./feed.ts";
import { showSidebar } from "./sidebar.ts";

/** All events of the stream. */
const EVENTS = [...Object.keys(eventDescriptions), "webhookDelivered", "requestAnswered"];

/** Events often arrive in bursts. One refresh covers a burst. */
const REFRESH_DELAY_MS = 80;

const names = new Names();
const feed = new Feed(names);
const filter = byId<HTMLInputElement>("filter");
let state: State = { numbers: [], services: [], conversations: [], omitted: 0 };
let isRefreshScheduled = false;
let lastSelected: string | undefined;

const filterWords = (): string[] => filter.value.toLowerCase().split(/\s+/).filter(Boolean);
/** The conversation in the URL's fragment. If the fragment names a request, the conversation selected before. */
const selected = (): string | undefined => /^#(CH[0-9a-f]{32})$/.exec(location.hash)?.[1] ?? lastSelected;

/** Fetches and shows the resources and the selected conversation. */
async function refresh(): Promise<void> {
  isRefreshScheduled = false;
  state = (await getControl<State>("state")) ?? state;
  names.addConversations(state.conversations);
  lastSelected = selected();
  const sid = lastSelected;
  const mayExist = state.omitted > 0 || state.conversations.some((conversation) => conversation.sid === sid);
  const details = sid !== undefined && mayExist ? await getControl<ConversationDetails>(`state?conversationSid=${sid}`) : undefined;
  showSidebar(state, filterWords(), sid);
  // If the user selected another conversation meanwhile, the next refresh shows that one.
  if (sid === selected()) showConversation(details, sid);
}

function scheduleRefresh(): void {
  if (isRefreshScheduled) return;
  isRefreshScheduled = true;
  // Errors are ignored: the connection status shows them, and reconnecting refreshes again.
  setTimeout(() => void refresh().catch(() => {}), REFRESH_DELAY_MS);
}

async function showAbout(): Promise<void> {
  const about = await getControl<{ url: string; accountSid: string; stateDir: string | null }>("health");
  if (about) byId("about").textContent = [about.url, about.accountSid, about.stateDir ?? "in memory only"].join(" · ");
}

function listen(): void {
  const connection = byId("connection");
  const events = new EventSource("/_emulator/events?after=0&requests=true");
  events.addEventListener("open", () => {
    connection.textContent = "live";
    connection.dataset.state = "live";
    void showAbout().catch(() => {});
    scheduleRefresh();
  });
  events.addEventListener("error", () => {
    connection.textContent = "The emulator does not respond. Reconnecting…";
    connection.dataset.state = "offline";
    // The browser reconnects after a broken connection, but not after an HTTP error.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  });
  for (const name of EVENTS) {
    events.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as Entry;
      names.addFrom(entry);
      feed.add(lastEventId, entry);
      if (name !== "requestAnswered") scheduleRefresh();
    });
  }
}

filter.addEventListener("input", () => {
  feed.filter(filterWords());
  showSidebar(state, filterWords(), selected());
});
addEventListener("hashchange", () => {
  scheduleRefresh();
  if (location.hash.startsWith("#CH")) byId("conversation").focus();
});
listen();
