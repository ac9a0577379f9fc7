// The emulator's console: what there is, and what happens, as the control plane tells it.
import { byId } from "../../../chat/page/dom.ts";
import { ask, type Entry, type State, type Talk } from "./api.ts";
import { Feed } from "./feed.ts";
import { showTalk } from "./talk.ts";
import { showThings } from "./things.ts";
import { Names, sayings } from "./words.ts";

/** The events that the stream may tell. */
const EVENTS = [...Object.keys(sayings), "webhookDelivered", "requestAnswered"];

/** Much happens at once; it is looked at once. */
const LOOK_AFTER_MS = 80;

const names = new Names();
const feed = new Feed(names);
const filter = byId<HTMLInputElement>("filter");
let state: State = { numbers: [], services: [], conversations: [], omitted: 0 };
let isDue = false;
let talking: string | undefined;

const words = (): string[] => filter.value.toLowerCase().split(/\s+/).filter(Boolean);
/** The conversation that the address names; the one before, when it names a request. */
const chosen = (): string | undefined => /^#(CH[0-9a-f]{32})$/.exec(location.hash)?.[1] ?? talking;

/** Looks at all there is, and shows it. */
async function look(): Promise<void> {
  isDue = false;
  state = (await ask<State>("state")) ?? state;
  names.learnAll(state.conversations);
  talking = chosen();
  const asked = talking;
  const isThere = state.omitted > 0 || state.conversations.some(({ sid }) => sid === asked);
  const talk = asked !== undefined && isThere ? await ask<Talk>(`state?conversationSid=${asked}`) : undefined;
  showThings(state, words(), asked);
  // Another may have been chosen meanwhile; it is looked at next.
  if (asked === chosen()) showTalk(talk, asked);
}

function lookSoon(): void {
  if (isDue) return;
  isDue = true;
  // What cannot be asked now is told by the connection, and asked again when that stands.
  setTimeout(() => void look().catch(() => {}), LOOK_AFTER_MS);
}

async function introduce(): Promise<void> {
  const about = await ask<{ url: string; accountSid: string; stateDir: string | null }>("health");
  if (about) byId("about").textContent = [about.url, about.accountSid, about.stateDir ?? "in memory only"].join(" · ");
}

function listen(): void {
  const connection = byId("connection");
  const events = new EventSource("/_emulator/events?after=0&requests=true");
  events.addEventListener("open", () => {
    connection.textContent = "live";
    connection.dataset.state = "live";
    void introduce().catch(() => {});
    lookSoon();
  });
  events.addEventListener("error", () => {
    connection.textContent = "The emulator does not answer; waiting for it.";
    connection.dataset.state = "away";
    // An answer that is no stream ends it for good; a broken connection it mends itself.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  });
  for (const name of EVENTS) {
    events.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as Entry;
      names.learnFrom(entry);
      feed.add(lastEventId, entry);
      if (name !== "requestAnswered") lookSoon();
    });
  }
}

filter.addEventListener("input", () => {
  feed.filter(words());
  showThings(state, words(), chosen());
});
addEventListener("hashchange", () => {
  lookSoon();
  if (location.hash.startsWith("#CH")) byId("conversation").focus();
});
listen();
