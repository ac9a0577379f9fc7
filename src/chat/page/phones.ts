import type { Handset, Text } from "../api";
import { byId, element, isAtEnd, scrollToEnd, timeOf } from "./dom";
import { handsets, sendText, textsOf } from "./server";

/** Events of the local Twilio after which a phone may show something else. */
const EVENTS = [
  ...["smsReceived", "smsSent", "smsUpdated", "participantAdded", "participantUpdated", "participantRemoved"],
  ...["conversationUpdated", "conversationRemoved", "reset"],
];

/** How long until it is looked again for a Twilio that has gone. */
const LOOK_MS = 2000;

/** Shows a phone for each handset of the service, and keeps all of them up to date. */
export function showPhones(): void {
  byId("phones").hidden = false;
  byId("phones-pane").hidden = false;
  const phones = new Map<string, Phone>();
  let busy = false;
  let again = false;

  /** Reads everything anew. Events come in bursts: what happens meanwhile is read once, after that. */
  async function refresh(): Promise<void> {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const found = await handsets();
      byId("no-phones").hidden = found.length > 0;
      for (const [address, phone] of phones) {
        if (found.some((handset) => handset.address === address)) continue;
        phone.element.remove();
        phones.delete(address);
      }
      for (const handset of found) {
        const phone = phones.get(handset.address) ?? newPhone(handset.address);
        if (!phones.has(handset.address)) byId("handsets").append(phone.element);
        phones.set(handset.address, phone);
        phone.show(handset, await textsOf(handset.address));
      }
    } catch {
      // Twilio is away. The stream of events says when it is back.
    }
    busy = false;
    if (again) {
      again = false;
      await refresh();
    }
  }

  function listen(): void {
    const events = new EventSource("/events");
    const look = () => void refresh();
    events.addEventListener("open", look);
    for (const name of EVENTS) events.addEventListener(name, look);
    events.addEventListener("error", () => {
      // An answer that is no stream ends it for good; a broken connection it mends itself.
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, LOOK_MS);
    });
  }
  listen();
}

interface Phone {
  readonly element: HTMLElement;
  show(handset: Handset, texts: readonly Text[]): void;
}

function newPhone(address: string): Phone {
  const [channel, number] = address.startsWith("whatsapp:") ? ["WhatsApp", address.slice("whatsapp:".length)] : ["SMS", address];
  const list = element("ol");
  const log = element("div", { class: "texts", role: "log", "aria-label": `Texts of ${number}`, tabindex: "0" }, list);
  const to = element("select", { "aria-label": "Text to" });
  const field = element("input", { "aria-label": `Text from ${number}`, placeholder: "Text", autocomplete: "off", enterkeyhint: "send" });
  const problem = element("p", { class: "failed", role: "alert" });
  const form = element("form", {}, to, element("div", { class: "row" }, field, element("button", {}, "Text")));
  const shown = new Set<string>();

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

  return {
    element: element(
      "article",
      { class: "phone", "aria-label": `Phone ${number} (${channel})` },
      element("h3", {}, number, " ", element("span", { class: "channel" }, channel)),
      log,
      form,
      problem,
    ),
    show({ numbers }, texts) {
      const chosen = to.value;
      to.replaceChildren(
        ...numbers.map(({ number, conversation }) => element("option", { value: number }, `${short(number)} ${conversation}`)),
      );
      if (numbers.some(({ number }) => number === chosen)) to.value = chosen;
      const follow = isAtEnd(log);
      for (const text of texts) {
        if (shown.has(text.sid)) continue;
        shown.add(text.sid);
        list.append(textElement(text, address));
      }
      if (follow) scrollToEnd(log);
    },
  };
}

const short = (number: string): string => number.replace(/^whatsapp:/, "");

function textElement({ from, body, mediaUrls, date }: Text, address: string): HTMLLIElement {
  const own = from === address;
  return element(
    "li",
    { class: own ? "message own" : "message" },
    element("p", { class: "by" }, own ? "You" : short(from), " ", timeOf(new Date(date))),
    ...(body ? [element("p", { class: "body" }, body)] : []),
    ...mediaUrls.map((url) => element("a", { href: url, target: "_blank", rel: "noreferrer" }, "Attachment")),
  );
}
