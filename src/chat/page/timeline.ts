import { dayOf, element } from "./dom";

/** Messages of one author within this time form a group. */
const GROUP_MS = 5 * 60_000;

/** What the list needs to know of an item. */
export interface Place {
  /** A message has its index, a note is between two messages, and a message that is not sent yet is at `Infinity`. */
  readonly index: number;
  readonly date: Date;
  /** Unset for a note. */
  readonly author?: string;
}

/** A list of items in the order of their indexes, with a line before the first item of each day. */
export class Timeline {
  readonly #list: HTMLElement;
  readonly #places = new WeakMap<Element, Place>();

  constructor(list: HTMLElement) {
    this.#list = list;
    list.replaceChildren();
  }

  /** Puts an item in its place. An item that is in the list moves only if it must, because moving takes away the focus. */
  put(item: HTMLElement, place: Place): void {
    this.#places.set(item, place);
    let next: Element | null = null;
    for (let other = this.#list.lastElementChild; other; other = other.previousElementSibling) {
      const index = other === item ? undefined : this.#places.get(other)?.index;
      if (index === undefined) continue;
      if (index <= place.index) break;
      next = other;
    }
    // The line of a day stays before its item.
    if (next && isDay(next.previousElementSibling)) next = next.previousElementSibling;
    if (item.parentElement !== this.#list || item.nextElementSibling !== next) {
      const former = this.#neighbor(item, "nextElementSibling");
      this.#takeOut(item);
      this.#list.insertBefore(item, next);
      if (former) this.#arrange(former);
    }
    this.#arrange(item);
    const following = this.#neighbor(item, "nextElementSibling");
    if (following) this.#arrange(following);
  }

  remove(item: HTMLElement): void {
    const following = this.#neighbor(item, "nextElementSibling");
    this.#takeOut(item);
    item.remove();
    if (following) this.#arrange(following);
  }

  /** Names the days again. Today is yesterday after midnight. */
  refreshDays(): void {
    for (const line of this.#list.querySelectorAll(":scope > .day")) {
      const place = line.nextElementSibling && this.#places.get(line.nextElementSibling);
      if (place) line.textContent = dayOf(place.date);
    }
  }

  /** Removes the line of the item's day. */
  #takeOut(item: Element): void {
    if (item.parentElement === this.#list && isDay(item.previousElementSibling)) item.previousElementSibling?.remove();
  }

  /** Shows the item's day if the item before it is of another one, and its author if the item before it is of another one. */
  #arrange(item: HTMLElement): void {
    const { date, author } = this.#places.get(item) as Place;
    const neighbor = this.#neighbor(item, "previousElementSibling");
    const previous = neighbor && this.#places.get(neighbor);
    this.#takeOut(item);
    const isNewDay = previous?.date.toDateString() !== date.toDateString();
    if (isNewDay) this.#list.insertBefore(element("li", { class: "day" }, dayOf(date)), item);
    const isContinued =
      !isNewDay && author !== undefined && previous?.author === author && date.getTime() - previous.date.getTime() < GROUP_MS;
    item.classList.toggle("continued", isContinued);
  }

  /** The item before or after another one, without the lines of days. */
  #neighbor(item: HTMLElement, direction: "nextElementSibling" | "previousElementSibling"): HTMLElement | undefined {
    let other = item.parentElement === this.#list ? item[direction] : null;
    while (isDay(other)) other = other[direction];
    return other === null ? undefined : (other as HTMLElement);
  }
}

const isDay = (node: Element | null): node is HTMLElement => node?.classList.contains("day") ?? false;
