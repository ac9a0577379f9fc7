// The chat page: signs a user in with the Conversations SDK, and shows their conversations and the emulator's virtual phones.
import type { ConnectionState, Conversation } from "@twilio/conversations";
import { getAbout, Unreachable } from "./api-client";
import { type OpenConversation, openConversation } from "./conversation";
import { conversationList } from "./conversation-list";
import { byId, element } from "./dom";
import type { Unsent } from "./message-list";
import { Outgoing } from "./outgoing";
import { showPhones } from "./phones";
import { type Session, signIn } from "./session";

/** Keys of the session storage, which belongs to one tab: another tab can sign in as somebody else. */
const IDENTITY = "identity";
const OPEN = "open";

/** The interval at which the page checks whether Twilio is back. */
const RETRY_MS = 2000;

/** The SDK has more states than it documents. All others lead to a connection. */
const CONNECTION_TEXT: Partial<Record<ConnectionState, string>> = {
  connected: "You are connected.",
  disconnected: "Not connected.",
  denied: "Twilio refuses the connection.",
};

function showConnection(state: ConnectionState): void {
  const line = byId("connection");
  line.textContent = CONNECTION_TEXT[state] ?? "Connecting …";
  line.dataset.state = state;
}

function showProblem(message: string | undefined, retry?: () => void): void {
  byId("problem").hidden = message === undefined;
  byId("problem-text").textContent = message ?? "";
  byId("try-again").hidden = retry === undefined;
  byId("try-again").onclick = retry ?? null;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Shows a pane. A narrow screen shows one at a time. */
function showPane(pane: string): void {
  byId("desk").dataset.pane = pane;
  for (const button of document.querySelectorAll<HTMLElement>(".panes [data-to]")) {
    if (button.dataset.to === pane) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function showSignIn(identities: readonly string[]): void {
  const list = byId("identities");
  list.replaceChildren(
    ...identities.map((identity) => {
      const button = element("button", { type: "button" }, identity);
      button.addEventListener("click", () => void startChat(identity));
      return element("li", {}, button);
    }),
  );
  byId("other").onsubmit = (event) => {
    event.preventDefault();
    void startChat(byId<HTMLInputElement>("other-identity").value);
  };
  byId("sign-in").hidden = false;
  byId("desk").hidden = true;
  byId("who").hidden = true;
}

async function startChat(identity: string): Promise<void> {
  sessionStorage.setItem(IDENTITY, identity);
  byId("sign-in").hidden = true;
  byId("identity").textContent = identity;
  byId("who").hidden = false;
  byId("sign-out").onclick = () => {
    sessionStorage.clear();
    location.replace("/");
  };
  showProblem(undefined);
  showConnection("connecting");
  try {
    showConversations(await signIn(identity, { connection: showConnection, problem: showProblem }));
  } catch (error) {
    showConnection("denied");
    showProblem(messageOf(error), () => void startChat(identity));
  }
}

function showConversations(session: Session): void {
  let open: OpenConversation | undefined;
  const unsent = new Map<string, Unsent>();
  byId("desk").hidden = false;
  // The element that had the focus is hidden by now.
  byId("conversations-title").focus();
  const choose = (conversation: Conversation) => {
    showPane("conversation");
    if (open?.sid === conversation.sid) return;
    open?.close();
    const mine = unsent.get(conversation.sid) ?? { outgoing: new Outgoing(session.identity), edited: new Map() };
    unsent.set(conversation.sid, mine);
    open = openConversation(conversation, session.identity, mine, showProblem);
    list.select(conversation.sid);
    sessionStorage.setItem(OPEN, conversation.sid);
  };
  const list = conversationList(session, {
    added(conversation) {
      // After a reload, the same conversation opens.
      if (!open && conversation.sid === sessionStorage.getItem(OPEN)) choose(conversation);
    },
    only(conversation) {
      if (open) return;
      choose(conversation);
      // A narrow screen hides the element that has the focus.
      if (!byId("conversations-title").checkVisibility()) byId("title").focus();
    },
    chosen(conversation) {
      choose(conversation);
      byId("text").focus();
    },
    read(message) {
      if (open?.sid === message.conversation.sid) open.receive(message);
    },
    removed(sid) {
      if (open?.sid !== sid) return;
      open.close();
      open = undefined;
      unsent.delete(sid);
      list.select(undefined);
    },
  });
}

/** A file that misses its target would replace the page. */
function ignoreDroppedFiles(): void {
  for (const name of ["dragover", "drop"] as const) {
    addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
}

async function start(): Promise<void> {
  ignoreDroppedFiles();
  for (const button of document.querySelectorAll<HTMLElement>("[data-to]")) {
    button.addEventListener("click", () => showPane(button.dataset.to ?? "conversations"));
  }
  showPane("conversations");
  try {
    const { service, twilio, isEmulator, identities } = await getAbout();
    byId("service").textContent = service.friendlyName;
    byId("service").title = `${service.sid}. ${twilio}`;
    showProblem(undefined);
    if (isEmulator) showPhones();
    const identity = new URLSearchParams(location.search).get(IDENTITY) ?? sessionStorage.getItem(IDENTITY);
    if (identity) await startChat(identity);
    else showSignIn(identities);
  } catch (error) {
    showProblem(messageOf(error), () => location.reload());
    // A reload also renews the page's content security policy, which lists the address of Twilio.
    if (error instanceof Unreachable) setTimeout(() => location.reload(), RETRY_MS);
  }
}

void start();
