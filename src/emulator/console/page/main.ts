// The emulator's console: shows resources and events from the control plane.
import { byId } from "../../../chat/page/dom.ts";
import { type ConversationDetails, type Entry, getControl, type PhoneText, type State } from "./api.ts";
import { showConversation, showPhone } from "./conversation.ts";
import { clientDescriptions, eventDescriptions, Names } from "./descriptions.ts";
import { showFaults, startFaults } from "./faults.ts";
import { Feed } from "./feed.ts";
import { type Selection, selection, timelineQuery } from "./selection.ts";
import { showSidebar } from "./sidebar.ts";
import { showSnapshots, startSnapshots } from "./snapshots.ts";

/** All events of the stream. */
const EVENTS = [...Object.keys(eventDescriptions), ...Object.keys(clientDescriptions), "webhookDelivered", "requestAnswered"];

/** Events often arrive in bursts. One refresh covers a burst. */
const REFRESH_DELAY_MS = 80;

/** The latest texts of a phone. */
const MAX_TEXTS = 200;

const names = new Names();
const feed = new Feed(names);
const filter = byId<HTMLInputElement>("filter");
const scope = byId<HTMLInputElement>("scope");
let state: State = { numbers: [], services: [], conversations: [], phones: [], omitted: 0 };
let isRefreshScheduled = false;

const filterWords = (): string[] => filter.value.toLowerCase().split(/\s+/).filter(Boolean);

/** Fetches and shows the resources, the selected conversation or phone, and its timeline. */
async function refresh(): Promise<void> {
  isRefreshScheduled = false;
  state = (await getControl<State>("state")) ?? state;
  names.addConversations(state.conversations);
  const selected = selection();
  showSidebar(state, filterWords(), selected);
  await Promise.all([showSelected(selected), showTimeline(selected), showSnapshots(), showFaults()]);
}

async function showSelected(selected: Selection): Promise<void> {
  const { conversationSid: sid, phone } = selected;
  if (phone !== undefined) {
    const { messages } = (await getControl<{ messages: PhoneText[] }>(`texts?handset=${encodeURIComponent(phone)}`)) ?? { messages: [] };
    if (phone === selection().phone) showPhone(phone, messages.slice(-MAX_TEXTS), (conversation) => names.plain(conversation));
    return;
  }
  const mayExist = state.omitted > 0 || state.conversations.some((conversation) => conversation.sid === sid);
  const details = sid !== undefined && mayExist ? await getControl<ConversationDetails>(`state?conversationSid=${sid}`) : undefined;
  // If the user selected another conversation meanwhile, the next refresh shows that one.
  if (sid === selection().conversationSid) showConversation(details, sid);
}

/** Limits the feed to the timeline of what is selected, unless the user wants all events. */
async function showTimeline(selected: Selection): Promise<void> {
  const query = timelineQuery(selected);
  byId("scope-label").hidden = query === undefined;
  const isLimited = query !== undefined && scope.checked;
  byId("feed-title").textContent = isLimited ? `Timeline of ${names.plain(selected.conversationSid ?? selected.phone ?? "")}` : "Events";
  const timeline = isLimited ? await getControl<{ ids: string[] }>(`timeline?${query}&ids=true`) : undefined;
  feed.limitTo(timeline && new Set(timeline.ids));
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
  const events = new EventSource("/_emulator/events?after=0&requests=true&clients=true");
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
      scheduleRefresh();
    });
  }
}

filter.addEventListener("input", () => {
  feed.filter(filterWords());
  showSidebar(state, filterWords(), selection());
});
scope.addEventListener("change", scheduleRefresh);
addEventListener("hashchange", () => {
  if (/^#(CH|phone=)/.test(location.hash)) {
    scope.checked = true;
    byId("conversation").focus();
  }
  // A link to a request must show it, also if the timeline does not have it.
  if (location.hash.startsWith("#RQ")) scope.checked = false;
  scheduleRefresh();
});
startSnapshots();
startFaults();
listen();
