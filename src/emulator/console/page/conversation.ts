import { byId, element, timeOf } from "../../../chat/page/dom.ts";
import { EndFollower } from "../../../chat/page/end-follower.ts";
import { withLinks } from "../../../chat/page/links.ts";
import type { ConversationDetails, Message, Participant, PhoneText } from "./api.ts";
import { nameOfParticipant } from "./descriptions.ts";
import { docsOf } from "./feed.ts";
import { replaceRows } from "./rows.ts";
import { count, nameOf } from "./sidebar.ts";

const history = byId("history");
// Without a mouse, the user scrolls with the keyboard.
history.tabIndex = 0;
const follower = new EndFollower(history, byId("messages"));
let shown: string | undefined;

/** Shows a conversation's participants and messages, or a hint if none is selected or it was deleted. */
export function showConversation(details: ConversationDetails | undefined, selected: string | undefined): void {
  const { conversation, messages = [], omitted = 0 } = details ?? {};
  byId("title").textContent = conversation ? nameOf(conversation) : selected ? "This conversation was deleted" : "Select a conversation";
  byId("facts").textContent = conversation
    ? [conversation.sid, conversation.state, conversation.serviceSid, ...(conversation.uniqueName ? [conversation.uniqueName] : [])].join(
        " · ",
      )
    : (selected ?? "");
  const participants = conversation?.participants ?? [];
  replaceRows(byId("participants"), participants.map(participantRow));
  byId("omitted").hidden = omitted === 0;
  byId("omitted").textContent = `${count(omitted, "earlier message")} not shown`;
  replaceRows(
    byId("messages"),
    messages.map((message) => messageRow(message, participants)),
  );
  if (shown === selected) follower.update();
  else follower.follow();
  shown = selected;
}

/** Shows a phone's texts, and the conversations that they belong to. */
export function showPhone(phone: string, texts: readonly PhoneText[], nameOfConversation: (sid: string) => string): void {
  byId("title").textContent = phone;
  byId("facts").textContent = "phone";
  const sids = [...new Set(texts.flatMap(({ conversationSid }) => (conversationSid === null ? [] : [conversationSid])))];
  replaceRows(
    byId("participants"),
    sids.map((sid) => element("li", {}, element("a", { href: `#${sid}`, dir: "auto" }, nameOfConversation(sid)))),
  );
  byId("omitted").hidden = texts.length > 0;
  byId("omitted").textContent = "No account received a text of this phone. Its timeline shows why.";
  replaceRows(
    byId("messages"),
    texts.map((text) => textRow(text, phone)),
  );
  if (shown === phone) follower.update();
  else follower.follow();
  shown = phone;
}

function textRow({ sid, from, to, body, date, status }: PhoneText, phone: string): HTMLLIElement {
  const who = from === phone ? `to ${to}` : `from ${from}`;
  return element(
    "li",
    { title: sid },
    element("p", { class: "hint" }, element("strong", {}, who), " ", timeOf(new Date(date)), ` · ${status}`),
    element("p", { class: "body", dir: "auto" }, ...withLinks(body)),
  );
}

function participantRow(participant: Participant): HTMLLIElement {
  const { sid, identity, proxyAddress, projectedAddress } = participant;
  const channel = identity === null ? `texts via ${proxyAddress ?? projectedAddress ?? "a group"}` : "chat";
  return element(
    "li",
    { title: sid },
    element("strong", { dir: "auto" }, nameOfParticipant(participant)),
    element("span", { class: "hint" }, ` ${channel}`),
  );
}

function messageRow({ sid, author, body, media, date, receipts }: Message, participants: readonly Participant[]): HTMLLIElement {
  const nameOfRecipient = (participantSid: string) => {
    const recipient = participants.find((participant) => participant.sid === participantSid);
    return recipient ? nameOfParticipant(recipient) : participantSid;
  };
  return element(
    "li",
    { title: sid },
    element("p", { class: "hint" }, element("strong", { dir: "auto" }, author), " ", timeOf(new Date(date))),
    element("p", { class: "body", dir: "auto" }, ...withLinks(body ?? "")),
    ...media.map(({ filename, contentType, size }) => element("p", { class: "hint" }, `${filename} (${contentType}, ${size} bytes)`)),
    ...receipts.map(({ participantSid, status, errorCode }) =>
      element(
        "p",
        { class: errorCode ? "receipt error" : "receipt" },
        `${status} to ${nameOfRecipient(participantSid)}`,
        ...(errorCode ? [": ", docsOf(errorCode)] : []),
      ),
    ),
  );
}
