/**
 * Lets the keyboard move between the rows of a long list: arrow keys, Home and End. Only the current row and its links and buttons are in the order
 * of Tab, so that what is after the list stays in reach.
 */
export class RowKeys {
  private current: HTMLElement | undefined;

  constructor(private readonly list: HTMLElement) {
    list.addEventListener("keydown", (event) => this.move(event));
    list.addEventListener("focusin", ({ target }) => {
      const row = (target as HTMLElement).closest<HTMLElement>("#entries > li");
      if (row) this.setCurrent(row);
    });
  }

  /** Takes a new row out of the order of Tab. */
  added(row: HTMLElement): void {
    setReachable(row, false);
  }

  /** Makes sure that a visible row can be reached. Call it after rows were shown, hidden or removed. */
  update(): void {
    if (this.current?.isConnected && !this.current.hidden) return;
    const [first] = this.visible();
    if (first) this.setCurrent(first);
  }

  private setCurrent(row: HTMLElement): void {
    if (this.current !== row && this.current) setReachable(this.current, false);
    this.current = row;
    setReachable(row, true);
  }

  private move(event: KeyboardEvent): void {
    const rows = this.visible();
    const index = rows.indexOf((event.target as HTMLElement).closest<HTMLElement>("#entries > li") as HTMLElement);
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
    const isInCommand = (event.target as HTMLElement).closest(".command") !== null;
    if (index < 0 || next === undefined || isInCommand || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    rows[next]?.focus();
  }

  private visible(): HTMLElement[] {
    return [...this.list.children].filter((row): row is HTMLElement => row instanceof HTMLElement && !row.hidden);
  }
}

function setReachable(row: HTMLElement, isReachable: boolean): void {
  row.tabIndex = isReachable ? 0 : -1;
  for (const inner of row.querySelectorAll<HTMLElement>("a, button, .command")) inner.tabIndex = isReachable ? 0 : -1;
}
