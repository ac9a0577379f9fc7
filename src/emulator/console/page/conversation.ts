import { byId, element, timeOf } from "../../../chat/page/dom.ts";
import { EndFollower } from "../../../chat/page/end-follower.ts";
import { withLinks } from "../../../chat/page/links.ts";
import type { ConversationDetails, Message, Participant } from "./api.ts";
import { nameOfParticipant } from "./descriptions.ts";
import { docsOf } from "./feed.ts";
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
  byId("participants").replaceChildren(...participants.map(participantRow));
  byId("omitted").hidden = omitted === 0;
  byId("omitted").textContent = `${count(omitted, "earlier message")} not shown`;
  byId("messages").replaceChildren(...messages.map((message) => messageRow(message, participants)));
  if (shown === selected) follower.update();
  else follower.follow();
  shown = selected;
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
