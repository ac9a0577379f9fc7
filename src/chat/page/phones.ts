import type { Handset, Text } from "../api";
import { listHandsets, listTexts, sendText } from "./api-client";
import { byId, element, isAtEnd, scrollToEnd, timeOf } from "./dom";

/** The emulator's events that can change what a phone shows. */
const EVENTS = [
  ...["smsReceived", "smsSent", "smsUpdated", "participantAdded", "participantUpdated", "participantRemoved"],
  ...["conversationUpdated", "conversationRemoved", "reset"],
];

/** The interval at which the page checks whether the emulator is back. */
const RETRY_MS = 2000;

/** Shows a phone for each handset of the service, and keeps the phones up to date. */
export function showPhones(): void {
  byId("phones").hidden = false;
  byId("phones-pane").hidden = false;
  const phones = new Map<string, Phone>();
  let isBusy = false;
  let isStale = false;

  /** Reads everything again. Events come in bursts: those that arrive during a refresh cause only one more. */
  async function refresh(): Promise<void> {
    isStale = true;
    if (isBusy) return;
    isBusy = true;
    while (isStale) {
      isStale = false;
      // The emulator does not respond. The event stream opens when it is back.
      await refreshPhones(phones).catch(() => undefined);
    }
    isBusy = false;
  }

  function listen(): void {
    const events = new EventSource("/events");
    const onEvent = () => void refresh();
    events.addEventListener("open", onEvent);
    for (const name of EVENTS) events.addEventListener(name, onEvent);
    events.addEventListener("error", () => {
      // The browser reopens a stream that breaks, but not one that was refused.
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS);
    });
  }
  listen();
}

async function refreshPhones(phones: Map<string, Phone>): Promise<void> {
  const handsets = await listHandsets();
  byId("no-phones").hidden = handsets.length > 0;
  for (const [address, phone] of phones) {
    if (handsets.some((handset) => handset.address === address)) continue;
    phone.element.remove();
    phones.delete(address);
  }
  for (const handset of handsets) {
    const phone = phones.get(handset.address) ?? newPhone(handset.address);
    if (!phones.has(handset.address)) byId("handsets").append(phone.element);
    phones.set(handset.address, phone);
    phone.update(handset, await listTexts(handset.address));
  }
}

interface Phone {
  readonly element: HTMLElement;
  update(handset: Handset, texts: readonly Text[]): void;
}

function newPhone(address: string): Phone {
  const [channel, number] = address.startsWith("whatsapp:") ? ["WhatsApp", withoutChannel(address)] : ["SMS", address];
  const list = element("ol");
  const log = element("div", { class: "texts", role: "log", "aria-label": `Texts of ${number}`, tabindex: "0" }, list);
  const to = element("select", { "aria-label": "To" });
  const title = element("h3", {}, number, " ", element("span", { class: "channel" }, channel));
  const shown = new Set<string>();

  return {
    element: element("article", { class: "phone", "aria-label": `Phone ${number} (${channel})` }, title, log, ...textForm(address, to)),
    update({ numbers }, texts) {
      const chosen = to.value;
      to.replaceChildren(
        ...numbers.map(({ number, conversation }) => element("option", { value: number }, `${withoutChannel(number)} ${conversation}`)),
      );
      if (numbers.some(({ number }) => number === chosen)) to.value = chosen;
      const wasAtEnd = isAtEnd(log);
      for (const text of texts) {
        if (shown.has(text.sid)) continue;
        shown.add(text.sid);
        list.append(textElement(text, address));
      }
      if (wasAtEnd) scrollToEnd(log);
    },
  };
}

/** The form that sends a text, and the line for its errors. */
function textForm(address: string, to: HTMLSelectElement): HTMLElement[] {
  const attributes = { placeholder: "Text message", autocomplete: "off", enterkeyhint: "send" };
  const field = element("input", { ...attributes, "aria-label": `Text from ${withoutChannel(address)}` });
  const problem = element("p", { class: "failed", role: "alert" });
  const form = element("form", {}, to, element("div", { class: "row" }, field, element("button", {}, "Text")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = field.value.trim();
    if (body === "") return;
    field.value = "";
    problem.textContent = "";
    try {
      await sendText(address, to.value, body);
    } catch (error) {
      field.value = body;
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  });
  return [form, problem];
}

const withoutChannel = (address: string): string => address.replace(/^whatsapp:/, "");

function textElement({ from, body, mediaUrls, date }: Text, address: string): HTMLLIElement {
  const isOwn = from === address;
  return element(
    "li",
    { class: isOwn ? "message own" : "message" },
    element("p", { class: "by" }, isOwn ? "You" : withoutChannel(from), " ", timeOf(new Date(date))),
    ...(body ? [element("p", { class: "body" }, body)] : []),
    ...mediaUrls.map((url) => element("a", { href: url, target: "_blank", rel: "noreferrer" }, "Attachment")),
  );
}
