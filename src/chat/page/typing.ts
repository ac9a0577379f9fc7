import type { Conversation, Participant } from "@twilio/conversations";
import { byId } from "./dom";
import { nameOfParticipant } from "./participants";

/** Shows who is typing. */
export function typingIndicator(conversation: Conversation): { close(): void } {
  const line = byId("typing");
  const names = new Set<string>();
  const show = () => {
    const all = [...names];
    line.textContent = all.length === 0 ? "" : `${all.join(" and ")} ${all.length === 1 ? "is" : "are"} typing …`;
  };
  const started = (participant: Participant) => {
    names.add(nameOfParticipant(participant));
    show();
  };
  const ended = (participant: Participant) => {
    names.delete(nameOfParticipant(participant));
    show();
  };
  conversation.on("typingStarted", started).on("typingEnded", ended).on("participantLeft", ended);
  return {
    close() {
      conversation.off("typingStarted", started).off("typingEnded", ended).off("participantLeft", ended);
      line.textContent = "";
    },
  };
}
