import type { Conversation, Message } from "@twilio/conversations";
import { type Composer, composer } from "./composer";
import { nameOf } from "./conversation-list";
import { byId } from "./dom";
import { MessageList, type Unsent } from "./message-list";
import { participantNames } from "./participants";
import { typingIndicator } from "./typing";

/** The open conversation. */
export interface OpenConversation {
  readonly sid: string;
  /** Shows a message that the page read. */
  receive(message: Message): void;
  close(): void;
}

/** Opens a conversation in the middle of the page. */
export function openConversation(
  conversation: Conversation,
  self: string,
  unsent: Unsent,
  showProblem: (message: string) => void,
): OpenConversation {
  const title = byId("title");
  const participants = byId("participants");
  const closed = new AbortController();
  const messages = new MessageList(conversation, self, unsent, closed.signal);
  const indicator = typingIndicator(conversation);
  let form: Composer | undefined;

  /** Nobody can write to a closed conversation. */
  function updateForm(): void {
    if (conversation.state?.current !== "closed") form ??= composer(conversation, (outbound) => unsent.outgoing.send(outbound));
    else {
      form?.close();
      form = undefined;
    }
  }

  function update(): void {
    title.textContent = nameOf(conversation);
    updateForm();
    void participantNames(conversation, self).then((names) => {
      if (!closed.signal.aborted) participants.textContent = names;
    });
  }

  update();
  conversation.on("updated", update).on("participantJoined", update).on("participantLeft", update);
  messages.open().catch((error: unknown) => {
    if (!closed.signal.aborted) showProblem(`Cannot read the messages: ${error instanceof Error ? error.message : error}.`);
  });

  return {
    sid: conversation.sid,
    receive: (message) => messages.receive(message),
    close() {
      closed.abort();
      conversation.off("updated", update).off("participantJoined", update).off("participantLeft", update);
      form?.close();
      indicator.close();
      title.textContent = "Choose a conversation";
      participants.textContent = "";
    },
  };
}
