import type { Media, Message } from "@twilio/conversations";
import { clockOf, element } from "./dom";
import { externalLink, withLinks } from "./links";

/** Creates the list item of a message. Its parts never leave it: an element that leaves the document loses the focus. */
export function newMessageItem(): HTMLLIElement {
  return element("li", { class: "message" }, element("div", { class: "content" }), element("div", { class: "foot" }));
}

/** Shows who wrote what. */
export function fillContent(item: HTMLLIElement, { author, date, text }: { author: string; date: Date | null; text: string | null }): void {
  const by = element(
    "p",
    { class: "by" },
    element("span", { class: "author", dir: "auto" }, author),
    " ",
    ...(date ? [clockOf(date)] : []),
  );
  const body = text ? [element("p", { class: "body", dir: "auto" }, ...withLinks(text))] : [];
  item.querySelector(".content")?.replaceChildren(by, ...body);
}

/** Fills the list item of a message that is new, was pending or has changed. It keeps the attachments, which never change. */
export function fillMessage(item: HTMLLIElement, message: Message, self: string): void {
  const isOwn = message.author === self;
  item.classList.remove("pending");
  item.classList.toggle("own", isOwn);
  fillContent(item, { author: isOwn ? "You" : (message.author ?? "unknown"), date: message.dateCreated, text: message.body });
  if (!item.querySelector(".attachments")) item.querySelector(".content")?.after(...attachmentsOf(message));
}

function attachmentsOf(message: Message): HTMLElement[] {
  const media = message.attachedMedia ?? [];
  if (media.length === 0) return [];
  const box = element("ul", { class: "attachments" });
  for (const one of media) {
    const item = element("li", isImage(one) ? { class: "image" } : {}, `${nameOf(one)} …`);
    box.append(item);
    one.getContentTemporaryUrl().then(
      (url) => item.replaceChildren(url ? shown(one, url) : `${nameOf(one)} is no longer available`),
      () => item.replaceChildren(`${nameOf(one)} could not be loaded`),
    );
  }
  return [box];
}

/** Shows an image, and a link to any other file. Both open in a new tab. */
function shown(media: Media, url: string): HTMLElement {
  const content = isImage(media) ? element("img", { src: url, alt: nameOf(media) }) : `${nameOf(media)} (${sizeOf(media.size)})`;
  return externalLink(url, content);
}

const isImage = ({ contentType }: Media): boolean => contentType.startsWith("image/");

/** The name of a file, for people. */
export const nameOf = ({ filename, contentType }: Media): string => filename || contentType;

const sizeOf = (bytes: number): string =>
  bytes < 1000 ? `${bytes} bytes` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
