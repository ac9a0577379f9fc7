import { element } from "./dom";

/** Ends at a space, a quote, an angle bracket or a character that changes the direction of text, which could disguise an address. */
const URLS = /https?:\/\/[^\s<>"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gi;
/** Marks that end a sentence rather than an address. */
const END = /[.,:;!?…*_~)\]}]+$/;

/** The children of an element that shows a text: text nodes, and links for its http and https addresses. */
export function withLinks(text: string): (Node | string)[] {
  const nodes: (Node | string)[] = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(URLS)) {
    const url = withoutEnd(match);
    if (!isWeb(url)) continue;
    nodes.push(text.slice(end, index), externalLink(url, url));
    end = index + url.length;
  }
  return [...nodes, text.slice(end)].filter((node) => node !== "");
}

/** A link to another site. An address that is not http or https could run a script or imitate a page, so it is only text. */
export function externalLink(url: string, ...children: readonly (Node | string)[]): HTMLElement {
  if (!isWeb(url)) return element("span", {}, ...children);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

const isWeb = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/** Removes the marks after an address, except a bracket that the address opens. */
function withoutEnd(match: string): string {
  let url = match;
  for (let [end = ""] = END.exec(url) ?? []; end !== ""; [end = ""] = END.exec(url) ?? []) {
    const last = end.at(-1) as string;
    const opening = { ")": "(", "]": "[", "}": "{" }[last];
    if (opening && countOf(url, opening) >= countOf(url, last)) return url;
    url = url.slice(0, -1);
  }
  return url;
}

const countOf = (text: string, mark: string): number => text.split(mark).length - 1;
