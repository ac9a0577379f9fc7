import type { Message } from "@twilio/conversations";
import { element } from "./dom";
import { reasonOf } from "./send-error";

/** The texts of messages that the user is editing, by index. They stay when the page shows another conversation. */
export type EditedTexts = Map<number, string>;

const EXCERPT = 40;

/** The buttons with which users edit and delete their own messages. */
export class MessageActions {
  readonly #edited: EditedTexts;

  constructor(edited: EditedTexts) {
    this.#edited = edited;
  }

  /** Adds the buttons to a message, or updates them. */
  show(item: HTMLLIElement, message: Message): void {
    const text = message.body ?? message.attachedMedia?.[0]?.filename ?? "";
    const excerpt = text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
    const existing = item.querySelector(".actions");
    if (existing) {
      for (const button of existing.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent}: ${excerpt}`);
      return;
    }
    const edit = actionButton("Edit", excerpt, () => this.#edit(item, message, message.body ?? "")?.focus());
    const remove = actionButton("Delete", excerpt, () => this.#confirmRemoval(item, message));
    item.querySelector(".foot")?.prepend(element("div", { class: "actions" }, ...(message.body ? [edit] : []), remove));
    const draft = this.#edited.get(message.index);
    if (draft !== undefined) this.#edit(item, message, draft);
  }

  /** Shows a field in place of the text, and returns it. */
  #edit(item: HTMLLIElement, message: Message, text: string): HTMLElement | undefined {
    if (item.querySelector(".editor")) return undefined;
    const field = element("textarea", { "aria-label": "Edit message", dir: "auto", rows: String(Math.min(6, text.split("\n").length)) });
    field.value = text;
    const problem = element("p", { class: "failed", role: "alert" });
    const save = element("button", {}, "Save");
    const cancel = element("button", { type: "button", class: "quiet" }, "Cancel");
    const form = element("form", { class: "editor" }, field, element("div", { class: "row" }, cancel, save), problem);
    const close = () => {
      this.#edited.delete(message.index);
      item.classList.remove("editing");
      form.remove();
      item.querySelector<HTMLElement>(".actions button")?.focus();
    };
    field.addEventListener("input", () => this.#edited.set(message.index, field.value));
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") close();
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    cancel.addEventListener("click", close);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = field.value.trim();
      if (body === "" || save.disabled) return;
      save.disabled = true;
      try {
        if (body !== message.body) await message.updateBody(body);
        close();
      } catch (error) {
        problem.textContent = `Not saved: ${reasonOf(error)}`;
      } finally {
        save.disabled = false;
      }
    });
    this.#edited.set(message.index, text);
    item.classList.add("editing");
    item.querySelector(".content")?.after(form);
    return field;
  }

  /** Asks first: nobody can bring back a deleted message. */
  #confirmRemoval(item: HTMLLIElement, message: Message): void {
    const actions = item.querySelector(".actions");
    if (!actions) return;
    const buttons = [...actions.children];
    const problem = element("span", { class: "failed", role: "alert" });
    const keep = element("button", { type: "button", class: "quiet" }, "Keep");
    const remove = element("button", { type: "button", class: "danger" }, "Delete message");
    keep.addEventListener("click", () => {
      actions.replaceChildren(...buttons);
      actions.querySelector<HTMLElement>("button:last-child")?.focus();
    });
    remove.addEventListener("click", async () => {
      remove.disabled = true;
      try {
        await message.remove();
      } catch (error) {
        problem.textContent = `Not deleted: ${reasonOf(error)} `;
        remove.disabled = false;
      }
    });
    actions.replaceChildren("Delete it from the chat? Phones keep it. ", problem, remove, " ", keep);
    keep.focus();
  }
}

function actionButton(name: string, excerpt: string, onClick: () => void): HTMLButtonElement {
  const button = element("button", { type: "button", class: "action", "aria-label": `${name}: ${excerpt}` }, name);
  button.addEventListener("click", onClick);
  return button;
}
