import type { Handset, Text } from "../api";
import { listHandsets, listTexts, sendText } from "./api-client";
import { byId, element, timeOf } from "./dom";
import { EndFollower } from "./end-follower";
import { externalLink, withLinks } from "./links";

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
  // A number may have a phone for each channel.
  const name = `${number} (${channel})`;
  const list = element("ol");
  const log = element("div", { class: "texts", role: "log", "aria-label": `Texts of ${name}`, tabindex: "0" }, list);
  const to = element("select", { "aria-label": `Number that ${name} texts` });
  const title = element("h3", {}, number, " ", element("span", { class: "channel" }, channel));
  const follower = new EndFollower(log, list);
  const shown = new Map<string, HTMLLIElement>();

  return {
    element: element("article", { class: "phone", "aria-label": `Phone ${name}` }, title, log, ...textForm(address, name, to)),
    update({ numbers }, texts) {
      const chosen = to.value;
      to.replaceChildren(
        ...numbers.map(({ number, conversation }) => element("option", { value: number }, `${withoutChannel(number)} ${conversation}`)),
      );
      if (numbers.some(({ number }) => number === chosen)) to.value = chosen;
      texts.forEach((text, index) => {
        const item = shown.get(text.sid) ?? textElement(text, address);
        shown.set(text.sid, item);
        if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
      });
      while (list.children.length > texts.length) list.lastElementChild?.remove();
      follower.update();
    },
  };
}

/** The form that sends a text, and the line for its errors. */
function textForm(address: string, name: string, to: HTMLSelectElement): HTMLElement[] {
  const attributes = { placeholder: "Write a text", autocomplete: "off", enterkeyhint: "send", dir: "auto" };
  const field = element("input", { ...attributes, "aria-label": `Text from ${name}` });
  const problem = element("p", { class: "failed", role: "alert" });
  const send = element("button", { "aria-label": `Send text from ${name}` }, "Send text");
  const form = element("form", {}, to, element("div", { class: "row" }, field, send));
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
    ...(body ? [element("p", { class: "body", dir: "auto" }, ...withLinks(body))] : []),
    ...mediaUrls.map((url) => externalLink(url, "Attachment")),
  );
}
