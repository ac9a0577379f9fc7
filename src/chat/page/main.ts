// The chat page: signs somebody in with the Conversations SDK and shows their conversations, and the virtual phones of the local Twilio.
import type { ConnectionState, Conversation } from "@twilio/conversations";
import { type OpenConversation, openConversation } from "./conversation";
import { conversationList } from "./conversation-list";
import { byId, element } from "./dom";
import { showPhones } from "./phones";
import { Away, about } from "./server";
import { signIn } from "./session";

/** Who is signed in here: for this tab, so that another one can be somebody else. */
const IDENTITY = "identity";
const OPEN = "open";

/** How often it is looked whether Twilio is there. */
const LOOK_MS = 2000;

/** The SDK has more states than its documentation names: all of them are on the way to a connection. */
const WORDS: Partial<Record<ConnectionState, string>> = {
  connected: "You are connected.",
  disconnected: "Not connected.",
  denied: "Twilio refuses the connection.",
};

function showConnection(state: ConnectionState | undefined): void {
  const line = byId("connection");
  line.textContent = state === undefined ? "" : (WORDS[state] ?? "Connecting …");
  line.dataset.state = state ?? "";
}

function showTrouble(message: string | undefined, again?: () => void): void {
  byId("trouble").hidden = message === undefined;
  byId("trouble-text").textContent = message ?? "";
  byId("try-again").hidden = again === undefined;
  byId("try-again").onclick = again ?? null;
}

/** On narrow screens one pane is shown at a time. */
function show(pane: string): void {
  byId("desk").dataset.pane = pane;
  for (const button of document.querySelectorAll<HTMLElement>(".panes [data-to]")) {
    if (button.dataset.to === pane) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function askWho(identities: readonly string[]): void {
  const list = byId("identities");
  list.replaceChildren(
    ...identities.map((identity) => {
      const button = element("button", { type: "button" }, identity);
      button.addEventListener("click", () => void talk(identity));
      return element("li", {}, button);
    }),
  );
  byId("other").onsubmit = (event) => {
    event.preventDefault();
    void talk(byId<HTMLInputElement>("other-identity").value);
  };
  byId("sign-in").hidden = false;
  byId("desk").hidden = true;
  byId("who").hidden = true;
}

async function talk(identity: string): Promise<void> {
  sessionStorage.setItem(IDENTITY, identity);
  byId("sign-in").hidden = true;
  byId("identity").textContent = identity;
  byId("who").hidden = false;
  byId("sign-out").onclick = () => {
    sessionStorage.clear();
    location.replace("/");
  };
  showTrouble(undefined);
  showConnection("connecting");
  let open: OpenConversation | undefined;
  try {
    const session = await signIn(identity, { connection: showConnection, trouble: showTrouble });
    byId("desk").hidden = false;
    // What was focused is hidden by now.
    byId("conversations-title").focus();
    const choose = (conversation: Conversation) => {
      show("conversation");
      if (open?.sid === conversation.sid) return;
      open?.close();
      open = openConversation(conversation, identity, showTrouble);
      list.select(conversation.sid);
      sessionStorage.setItem(OPEN, conversation.sid);
    };
    const list = conversationList(session, {
      added(conversation) {
        // After a reload the page is as it was.
        if (!open && conversation.sid === sessionStorage.getItem(OPEN)) choose(conversation);
      },
      chosen(conversation) {
        choose(conversation);
        byId("text").focus();
      },
      removed(sid) {
        if (open?.sid !== sid) return;
        open.close();
        open = undefined;
        list.select(undefined);
      },
    });
  } catch (error) {
    showConnection("denied");
    showTrouble(error instanceof Error ? error.message : String(error), () => void talk(identity));
  }
}

async function start(): Promise<void> {
  for (const button of document.querySelectorAll<HTMLElement>("[data-to]")) {
    button.addEventListener("click", () => show(button.dataset.to ?? "conversations"));
  }
  show("conversations");
  try {
    const { service, twilio, local, identities } = await about();
    byId("service").textContent = service.friendlyName;
    byId("service").title = `${service.sid}. ${twilio}`;
    showTrouble(undefined);
    if (local) showPhones();
    const wanted = new URLSearchParams(location.search).get(IDENTITY) ?? sessionStorage.getItem(IDENTITY);
    if (wanted) await talk(wanted);
    else askWho(identities);
  } catch (error) {
    showTrouble(error instanceof Error ? error.message : String(error), () => location.reload());
    // Loaded again and not only asked again: the page's policy names the place of a Twilio that answers.
    if (error instanceof Away) setTimeout(() => location.reload(), LOOK_MS);
  }
}

void start();
