import type { Media, Message } from "@twilio/conversations";
import { element, timeOf } from "./dom";

/** One message in the list. */
export function messageElement(message: Message, self: string): HTMLLIElement {
  const item = element("li", { "data-index": String(message.index) });
  fillMessage(item, message, self);
  return item;
}

/** Writes a message into its place in the list, again when it has changed. Attachments stay: they never change. */
export function fillMessage(item: HTMLLIElement, message: Message, self: string): void {
  const own = message.author === self;
  item.className = own ? "message own" : "message";
  const attachments = item.querySelector(".attachments") ?? attachmentsOf(message);
  item.replaceChildren(
    element(
      "p",
      { class: "by" },
      element("span", { class: "author" }, own ? "You" : (message.author ?? "somebody")),
      " ",
      ...(message.dateCreated ? [timeOf(message.dateCreated)] : []),
    ),
    ...(message.body ? [element("p", { class: "body" }, message.body)] : []),
    ...(attachments ? [attachments] : []),
    ...(own ? [element("p", { class: "delivery" })] : []),
  );
}

function attachmentsOf(message: Message): HTMLElement | undefined {
  const media = message.attachedMedia ?? [];
  if (media.length === 0) return undefined;
  const box = element("ul", { class: "attachments" });
  for (const one of media) {
    const item = element("li", {}, `${nameOf(one)} …`);
    box.append(item);
    one.getContentTemporaryUrl().then(
      (url) => item.replaceChildren(url ? shown(one, url) : `${nameOf(one)} is no longer there`),
      () => item.replaceChildren(`${nameOf(one)} cannot be loaded`),
    );
  }
  return box;
}

/** An image is shown, anything else linked; both open in a tab of their own. */
function shown(media: Media, url: string): HTMLElement {
  const link = element("a", { href: url, target: "_blank", rel: "noreferrer" });
  if (media.contentType.startsWith("image/")) link.append(element("img", { src: url, alt: nameOf(media) }));
  else link.append(`${nameOf(media)} (${sizeOf(media.size)})`);
  return link;
}

const nameOf = ({ filename, contentType }: Media): string => filename || contentType;

const sizeOf = (bytes: number): string =>
  bytes < 1000 ? `${bytes} bytes` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
