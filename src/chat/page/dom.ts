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

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: "short", month: "short", day: "numeric" });
const fullDay = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });
const relativeDay = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const timeElement = (date: Date, text: string): HTMLTimeElement =>
  element("time", { datetime: date.toISOString(), title: date.toLocaleString() }, text);

const isToday = (date: Date): boolean => date.toDateString() === new Date().toDateString();

/** A time in its shortest clear form: without the date if it is today. */
export const timeOf = (date: Date): HTMLTimeElement => timeElement(date, (isToday(date) ? clock : dayAndClock).format(date));

/** The time of day, where the date is shown elsewhere. */
export const clockOf = (date: Date): HTMLTimeElement => timeElement(date, clock.format(date));

/** The time of day if it is today, or else the day. */
export const clockOrDayOf = (date: Date): HTMLTimeElement => (isToday(date) ? clockOf(date) : timeElement(date, dayOf(date)));

/** The name of a day: "today", "yesterday", or its date. */
export function dayOf(date: Date): string {
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (isToday(date)) return relativeDay.format(0, "day");
  if (date.toDateString() === yesterday.toDateString()) return relativeDay.format(-1, "day");
  return (date.getFullYear() === new Date().getFullYear() ? dayOfYear : fullDay).format(date);
}
