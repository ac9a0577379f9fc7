import type { Conversation } from "@twilio/conversations";
import { byId, element, toEnd } from "./dom";

/** Where one writes to the conversation that is open. */
export interface Composer {
  close(): void;
}

/** Opens the field below a conversation. */
export function composer(conversation: Conversation): Composer {
  const form = byId<HTMLFormElement>("composer");
  const text = byId<HTMLTextAreaElement>("text");
  const file = byId<HTMLInputElement>("file");
  const attach = byId("attach");

  function submit(event: Event): void {
    event.preventDefault();
    const body = text.value.trim();
    if (body === "") return;
    text.value = "";
    grow();
    void send(body, () => conversation.prepareMessage().setBody(body).build().send());
  }

  function onFile(): void {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (!chosen) return;
    const media = { contentType: chosen.type || "application/octet-stream", filename: chosen.name, media: chosen };
    void send(chosen.name, () => conversation.prepareMessage().addMedia(media).build().send());
  }

  /** Shows what is being sent until Twilio has it, and what was not sent until it is sent or given up. */
  async function send(what: string, post: () => Promise<unknown>): Promise<void> {
    const state = element("p", { class: "delivery" }, "Sending …");
    const item = element("li", { class: "message own pending", "data-index": "Infinity" }, element("p", { class: "body" }, what), state);
    byId("log").append(item);
    toEnd(byId("messages"));
    try {
      await post();
      item.remove();
    } catch (error) {
      const again = element("button", { type: "button", class: "quiet" }, "Send again");
      const drop = element("button", { type: "button", class: "quiet" }, "Discard");
      again.addEventListener("click", () => {
        item.remove();
        void send(what, post);
      });
      drop.addEventListener("click", () => item.remove());
      state.classList.add("failed");
      state.replaceChildren(`Not sent: ${reasonOf(error)} `, again, " ", drop);
    }
  }

  function onKey(event: KeyboardEvent): void {
    // A key that ends the choice of a character must not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  }

  function onInput(): void {
    grow();
    // Nobody misses it where there is no connection.
    if (text.value !== "") conversation.typing().catch(() => undefined);
  }

  /** As high as its text, within the limits of the style. */
  function grow(): void {
    text.rows = Math.min(6, text.value.split("\n").length);
  }

  const listening = new AbortController();
  const { signal } = listening;
  form.addEventListener("submit", submit, { signal });
  text.addEventListener("keydown", onKey, { signal });
  text.addEventListener("input", onInput, { signal });
  file.addEventListener("change", onFile, { signal });
  attach.addEventListener("click", () => file.click(), { signal });
  form.hidden = false;
  return {
    close() {
      listening.abort();
      form.hidden = true;
      text.value = "";
    },
  };
}

/** What Twilio said, where it said something: the SDK's own message is only the status. */
function reasonOf(error: unknown): string {
  const { body, message } = error as { body?: { message?: string; code?: number }; message?: string };
  if (body?.message) return `${body.message}${body.code ? ` (error ${body.code})` : ""}.`;
  return `${message ?? "unknown failure"}.`;
}
