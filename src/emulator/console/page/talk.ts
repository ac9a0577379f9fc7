import { byId, element, timeOf } from "../../../chat/page/dom.ts";
import type { Message, Participant, Talk } from "./api.ts";
import { docsOf } from "./feed.ts";
import { count, nameOf } from "./things.ts";
import { whoIs } from "./words.ts";

/** Shows one conversation: who takes part, and what was said. Nothing but a hint where none is chosen or it is gone. */
export function showTalk(talk: Talk | undefined, chosen: string | undefined): void {
  const { conversation, messages = [], omitted = 0 } = talk ?? {};
  byId("title").textContent = conversation ? nameOf(conversation) : chosen ? "This conversation is gone" : "Choose a conversation";
  byId("facts").textContent = conversation
    ? [conversation.sid, conversation.state, conversation.serviceSid, ...(conversation.uniqueName ? [conversation.uniqueName] : [])].join(
        " · ",
      )
    : (chosen ?? "");
  const participants = conversation?.participants ?? [];
  byId("participants").replaceChildren(...participants.map(participantRow));
  byId("omitted").hidden = omitted === 0;
  byId("omitted").textContent = `${count(omitted, "earlier message")} not shown`;
  byId("messages").replaceChildren(...messages.map((message) => messageRow(message, participants)));
}

function participantRow(participant: Participant): HTMLLIElement {
  const { sid, identity, proxyAddress, projectedAddress } = participant;
  const way = identity === null ? `texts with ${proxyAddress ?? projectedAddress ?? "a group"}` : "chats";
  return element("li", { title: sid }, element("strong", {}, whoIs(participant)), element("span", { class: "hint" }, ` ${way}`));
}

function messageRow({ sid, author, body, media, date, receipts }: Message, participants: readonly Participant[]): HTMLLIElement {
  const nameOfParticipant = (wanted: string) => {
    const found = participants.find((participant) => participant.sid === wanted);
    return found ? whoIs(found) : wanted;
  };
  return element(
    "li",
    { title: sid },
    element("p", { class: "hint" }, element("strong", {}, author), " ", timeOf(new Date(date))),
    element("p", { class: "body" }, body ?? ""),
    ...media.map(({ filename, contentType, size }) => element("p", { class: "hint" }, `${filename} (${contentType}, ${size} bytes)`)),
    ...receipts.map(({ participantSid, status, errorCode }) =>
      element(
        "p",
        { class: errorCode ? "receipt error" : "receipt" },
        `${status} to ${nameOfParticipant(participantSid)}`,
        ...(errorCode ? [": ", docsOf(errorCode)] : []),
      ),
    ),
  );
}
