import type { Conversation } from "@twilio/conversations";
import { type Composer, composer } from "./composer";
import { nameOf } from "./conversation-list";
import { byId } from "./dom";
import { messageList } from "./message-list";
import { everybody } from "./participants";
import { typing } from "./typing";

/** The conversation that is open. */
export interface OpenConversation {
  readonly sid: string;
  close(): void;
}

/** Opens a conversation in the middle of the page. */
export function openConversation(conversation: Conversation, self: string, trouble: (message: string) => void): OpenConversation {
  const title = byId("title");
  const people = byId("participants");
  const describe = () => {
    title.textContent = nameOf(conversation);
    form.update();
    void everybody(conversation, self).then((names) => {
      if (!closed.signal.aborted) people.textContent = names;
    });
  };
  const closed = new AbortController();
  const form = composerOf(conversation);
  const indicator = typing(conversation);
  describe();
  conversation.on("updated", describe).on("participantJoined", describe).on("participantLeft", describe);
  messageList(conversation, self, closed.signal).catch((error: unknown) => {
    if (!closed.signal.aborted) trouble(`The messages cannot be read: ${error instanceof Error ? error.message : error}.`);
  });

  return {
    sid: conversation.sid,
    close() {
      closed.abort();
      conversation.off("updated", describe).off("participantJoined", describe).off("participantLeft", describe);
      form.close();
      indicator.close();
      title.textContent = "Choose a conversation";
      people.textContent = "";
    },
  };
}

/** The composer, as long as the conversation is not closed. */
function composerOf(conversation: Conversation): { update(): void; close(): void } {
  let open: Composer | undefined;
  return {
    update() {
      if (conversation.state?.current === "closed") {
        open?.close();
        open = undefined;
      } else open ??= composer(conversation);
    },
    close: () => open?.close(),
  };
}
