import type { Conversation } from "@twilio/conversations";
import { byId } from "./dom";
import type { Outbound } from "./outgoing";

/** The form in which the user writes a message. */
export interface Composer {
  close(): void;
}

const MAX_ROWS = 6;

/** The key of a draft in the session storage, where it also survives a reload. */
const draftKey = ({ sid }: Conversation): string => `draft ${sid}`;

/** Shows the form below a conversation, with what the user has written there before. */
export function composer(conversation: Conversation, send: (outbound: Outbound) => void): Composer {
  const form = byId<HTMLFormElement>("composer");
  const text = byId<HTMLTextAreaElement>("text");
  const file = byId<HTMLInputElement>("file");
  const listening = new AbortController();
  const { signal } = listening;

  /** Sets the text, or shows that it has changed: fits the field to it, up to a limit. */
  function setText(value = text.value): void {
    if (text.value !== value) text.value = value;
    text.rows = Math.min(MAX_ROWS, value.split("\n").length);
    if (value === "") sessionStorage.removeItem(draftKey(conversation));
    else sessionStorage.setItem(draftKey(conversation), value);
  }

  function onSubmit(event: Event): void {
    event.preventDefault();
    const body = text.value.trim();
    if (body === "") return;
    setText("");
    send({ label: body, post: () => conversation.prepareMessage().setBody(body).build().send() });
  }

  function sendFiles(files: Iterable<File>): void {
    for (const media of files) {
      const upload = { contentType: media.type || "application/octet-stream", filename: media.name, media };
      send({ label: media.name, file: media, post: () => conversation.prepareMessage().addMedia(upload).build().send() });
    }
  }

  function onFile(): void {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    sendFiles(chosen);
  }

  function onKey(event: KeyboardEvent): void {
    // During composition (IME), Enter confirms the character.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  }

  function onInput(): void {
    setText();
    // A typing indicator that is lost without a connection does not matter.
    if (text.value !== "") conversation.typing().catch(() => undefined);
  }

  form.addEventListener("submit", onSubmit, { signal });
  text.addEventListener("keydown", onKey, { signal });
  text.addEventListener("input", onInput, { signal });
  file.addEventListener("change", onFile, { signal });
  byId("attach").addEventListener("click", () => file.click(), { signal });
  acceptFiles(byId("conversation"), sendFiles, signal);
  form.hidden = false;
  setText(sessionStorage.getItem(draftKey(conversation)) ?? "");
  return {
    close() {
      listening.abort();
      form.hidden = true;
      text.value = "";
    },
  };
}

/** Accepts files that the user pastes, or drops on an element. */
function acceptFiles(target: HTMLElement, accept: (files: readonly File[]) => void, signal: AbortSignal): void {
  const setDropping = (isDropping: boolean) => target.classList.toggle("dropping", isDropping);
  target.addEventListener(
    "paste",
    ({ clipboardData }) => {
      const files = [...(clipboardData?.files ?? [])];
      // Office programs copy text together with a picture of it.
      if (files.length > 0 && !clipboardData?.types.includes("text/plain")) accept(files);
    },
    { signal },
  );
  target.addEventListener(
    "dragover",
    (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDropping(true);
    },
    { signal },
  );
  target.addEventListener(
    "dragleave",
    ({ relatedTarget }) => setDropping(relatedTarget !== null && target.contains(relatedTarget as Node)),
    {
      signal,
    },
  );
  target.addEventListener(
    "drop",
    (event) => {
      setDropping(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) event.preventDefault();
      accept(files);
    },
    { signal },
  );
  signal.addEventListener("abort", () => setDropping(false));
}
