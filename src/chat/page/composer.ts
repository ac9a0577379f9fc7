import type { Conversation } from "@twilio/conversations";
import { byId } from "./dom";
import type { Outbound } from "./outgoing";

/** The form in which the user writes a message. */
export interface Composer {
  close(): void;
}

const MAX_ROWS = 6;

/** Shows the form below a conversation. */
export function composer(conversation: Conversation, send: (outbound: Outbound) => void): Composer {
  const form = byId<HTMLFormElement>("composer");
  const text = byId<HTMLTextAreaElement>("text");
  const file = byId<HTMLInputElement>("file");

  /** Fits the field to its text, up to a limit. */
  function resize(): void {
    text.rows = Math.min(MAX_ROWS, text.value.split("\n").length);
  }

  function onSubmit(event: Event): void {
    event.preventDefault();
    const body = text.value.trim();
    if (body === "") return;
    text.value = "";
    resize();
    send({ label: body, isFile: false, post: () => conversation.prepareMessage().setBody(body).build().send() });
  }

  function onFile(): void {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (!chosen) return;
    const media = { contentType: chosen.type || "application/octet-stream", filename: chosen.name, media: chosen };
    send({ label: chosen.name, isFile: true, post: () => conversation.prepareMessage().addMedia(media).build().send() });
  }

  function onKey(event: KeyboardEvent): void {
    // During composition (IME), Enter confirms the character.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  }

  function onInput(): void {
    resize();
    // A typing indicator that is lost without a connection does not matter.
    if (text.value !== "") conversation.typing().catch(() => undefined);
  }

  const listening = new AbortController();
  const { signal } = listening;
  form.addEventListener("submit", onSubmit, { signal });
  text.addEventListener("keydown", onKey, { signal });
  text.addEventListener("input", onInput, { signal });
  file.addEventListener("change", onFile, { signal });
  byId("attach").addEventListener("click", () => file.click(), { signal });
  form.hidden = false;
  return {
    close() {
      listening.abort();
      form.hidden = true;
      text.value = "";
    },
  };
}
