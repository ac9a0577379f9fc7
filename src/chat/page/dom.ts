/** The element of the page with this id. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found as E;
}

/** A new element. Text goes in as text, never as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const today = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const otherDay = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

/** A time in its shortest clear form: without the date if it is today. */
export function timeOf(date: Date): HTMLTimeElement {
  const format = date.toDateString() === new Date().toDateString() ? today : otherDay;
  return element("time", { datetime: date.toISOString(), title: date.toLocaleString() }, format.format(date));
}

/** Whether the user has scrolled to the end of a box. */
export function isAtEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 40;
}

/** Scrolls to the end of a box. */
export function scrollToEnd(box: HTMLElement): void {
  box.scrollTop = box.scrollHeight;
}
