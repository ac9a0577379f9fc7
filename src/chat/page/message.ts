import type { Media, Message } from "@twilio/conversations";
import { element, timeOf } from "./dom";

/** Creates the list item of a message. */
export function messageElement(message: Message, self: string): HTMLLIElement {
  const item = element("li", { "data-index": String(message.index) });
  fillMessage(item, message, self);
  return item;
}

/** Fills the list item of a message that is new or has changed. It keeps the attachments, which never change. */
export function fillMessage(item: HTMLLIElement, message: Message, self: string): void {
  const isOwn = message.author === self;
  item.className = isOwn ? "message own" : "message";
  const attachments = item.querySelector(".attachments") ?? attachmentsOf(message);
  item.replaceChildren(
    element(
      "p",
      { class: "by" },
      element("span", { class: "author" }, isOwn ? "You" : (message.author ?? "unknown")),
      " ",
      ...(message.dateCreated ? [timeOf(message.dateCreated)] : []),
    ),
    ...(message.body ? [element("p", { class: "body" }, message.body)] : []),
    ...(attachments ? [attachments] : []),
    ...(isOwn ? [element("p", { class: "delivery" })] : []),
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
      (url) => item.replaceChildren(url ? shown(one, url) : `${nameOf(one)} is no longer available`),
      () => item.replaceChildren(`${nameOf(one)} could not be loaded`),
    );
  }
  return box;
}

/** Shows an image, and a link to any other file. Both open in a new tab. */
function shown(media: Media, url: string): HTMLElement {
  const link = element("a", { href: url, target: "_blank", rel: "noreferrer" });
  if (media.contentType.startsWith("image/")) link.append(element("img", { src: url, alt: nameOf(media) }));
  else link.append(`${nameOf(media)} (${sizeOf(media.size)})`);
  return link;
}

const nameOf = ({ filename, contentType }: Media): string => filename || contentType;

const sizeOf = (bytes: number): string =>
  bytes < 1000 ? `${bytes} bytes` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
