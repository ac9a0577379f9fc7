/** What identifies an element that can have the focus, over a change of its row. */
const KEYS = ["href", "data-key"] as const;

/**
 * Shows these rows. Rows that did not change stay the same elements, and the focus stays where it is: the page refreshes after each event, which must
 * not interrupt anyone who uses the keyboard.
 */
export function replaceRows(list: HTMLElement, rows: readonly HTMLElement[]): void {
  const before = [...list.children];
  const free = new Set(before);
  const kept = rows.map((row, index) => {
    const same = [before[index], ...free].find((old) => old !== undefined && free.has(old) && old.isEqualNode(row));
    if (same) free.delete(same);
    return same ?? row;
  });
  if (kept.length === before.length && kept.every((row, index) => row === before[index])) return;
  const focused = document.activeElement;
  const hadFocus = focused !== null && list.contains(focused);
  list.replaceChildren(...kept);
  if (!hadFocus) return;
  const again = focused.isConnected ? focused : sameIn(list, focused);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

function sameIn(list: HTMLElement, gone: Element): Element | undefined {
  for (const key of KEYS) {
    const value = gone.getAttribute(key);
    if (value !== null) return [...list.querySelectorAll(`[${key}]`)].find((element) => element.getAttribute(key) === value);
  }
  return undefined;
}
