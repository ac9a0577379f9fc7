import { element } from "../../../chat/page/dom.ts";
import { type Entry, sendControl } from "./api.ts";
import { act, notify } from "./notice.ts";

/** The connection of the chat SDK carries these requests, so curl cannot send them. */
const SDK_HOST = "aim.us1.twilio.com";

/** The buttons of a row: to copy a command for curl, and to send a webhook again. */
export function actionsOf({ event, data }: Entry, row: HTMLLIElement): HTMLButtonElement[] {
  if (event === "requestAnswered") {
    const { host, sid } = data.request;
    return host === null || host === SDK_HOST ? [] : [copyButton(row, `requestSid=${sid}`)];
  }
  if (event !== "webhookDelivered" || data.delivery.target !== "webhook") return [];
  const { id, event: name } = data.delivery;
  const resend = button("Send again", async () => {
    notify(`${name} is sent again…`);
    const { deliveries } = await sendControl<{ deliveries: { outcome: string }[] }>("POST", "webhooks/resend", { id });
    return `${name} was sent again: ${deliveries[0]?.outcome}`;
  });
  return [copyButton(row, `deliveryId=${id}`), resend];
}

function copyButton(row: HTMLLIElement, query: string): HTMLButtonElement {
  return button("Copy as curl", async () => {
    const { curl } = await sendControl<{ curl: string }>("GET", `curl?${query}`);
    row.querySelector(".command")?.remove();
    row.append(element("pre", { class: "command", "aria-label": "Command", role: "region", tabindex: "0" }, curl));
    // The command stays visible, because a browser may not allow a page to copy.
    const isCopied = await navigator.clipboard.writeText(curl).then(
      () => true,
      () => false,
    );
    return isCopied
      ? "The command was copied. Its variables are those that the emulator prints."
      : "The browser did not copy the command: select it below.";
  });
}

function button(text: string, action: () => Promise<string | undefined>): HTMLButtonElement {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", () => void act(action));
  return made;
}
