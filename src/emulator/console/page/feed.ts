import { byId, element } from "../../../chat/page/dom.ts";
import { externalLink } from "../../../chat/page/links.ts";
import { actionsOf } from "./actions.ts";
import type { Entry } from "./api.ts";
import { causeOf, type Description, describe, type Names } from "./descriptions.ts";
import { RowKeys } from "./row-keys.ts";

/** Older rows are removed. */
const MAX_ROWS = 1500;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The list of events, newest first. */
export class Feed {
  private readonly list = byId<HTMLOListElement>("entries");
  private readonly keys = new RowKeys(this.list);
  private readonly onlyErrors = byId<HTMLInputElement>("only-errors");
  private readonly rows: { id: string; row: HTMLLIElement; kind: Description["kind"]; text: string; isError: boolean }[] = [];
  private readonly seen = new Set<string>();
  private filterWords: readonly string[] = [];
  /** The entries of the timeline that is shown. Undefined: all entries. */
  private scope: ReadonlySet<string> | undefined;

  constructor(private readonly names: Names) {
    byId("kinds").addEventListener("change", () => this.show());
    this.onlyErrors.addEventListener("change", () => this.show());
  }

  /** Adds an entry. Ignores duplicates, because a reconnected stream may repeat entries. */
  add(id: string, entry: Entry): void {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const description = describe(entry, this.names);
    const { kind, error, conversationSid } = description;
    const row = rowOf(entry, description);
    this.keys.added(row);
    const text = [row.textContent, row.id, description.text, error?.text, conversationSid].join(" ").toLowerCase();
    this.rows.push({ id, row, kind, text, isError: error !== undefined });
    this.list.prepend(row);
    if (this.rows.length > MAX_ROWS) this.forgetOldest();
    this.showRow(this.rows.at(-1) as (typeof this.rows)[number], this.kinds());
    this.keys.update();
    byId("no-events").hidden = true;
    if (location.hash === `#${row.id}`) row.scrollIntoView({ block: "nearest" });
  }

  /** Shows only rows that contain all these words. */
  filter(words: readonly string[]): void {
    this.filterWords = words;
    this.show();
  }

  /** Shows only the entries of a timeline, or all entries. */
  limitTo(ids: ReadonlySet<string> | undefined): void {
    if (ids === undefined && this.scope === undefined) return;
    this.scope = ids;
    this.show();
  }

  private forgetOldest(): void {
    const oldest = this.rows.shift();
    oldest?.row.remove();
    if (oldest) this.seen.delete(oldest.id);
  }

  private show(): void {
    const kinds = this.kinds();
    for (const row of this.rows) this.showRow(row, kinds);
    this.keys.update();
  }

  private showRow({ id, row, kind, text, isError }: (typeof this.rows)[number], kinds: ReadonlySet<string>): void {
    const isInScope = this.scope === undefined || this.scope.has(id);
    const isWanted = kinds.has(kind) && isInScope && (isError || !this.onlyErrors.checked);
    row.hidden = !isWanted || !this.filterWords.every((word) => text.includes(word));
  }

  private kinds(): ReadonlySet<string> {
    return new Set([...byId("kinds").querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => value));
  }
}

function rowOf(entry: Entry, { kind, text, notes = [], error, conversationSid }: Description): HTMLLIElement {
  const date = new Date(entry.date);
  const row = element("li", { class: `${kind}${error ? " failed" : ""}` });
  if (kind === "request") row.id = entry.data.request.sid;
  row.append(
    element("time", { datetime: entry.date, title: date.toLocaleString() }, clock.format(date)),
    element("span", { class: "kind" }, kind),
    element("p", { class: "text", dir: "auto", title: text }, short(text)),
  );
  if (error)
    row.append(element("p", { class: "error", title: error.text }, short(error.text), ...(error.code ? [" ", docsOf(error.code)] : [])));
  row.append(...notes.map((note) => element("p", { class: "note", dir: "auto", title: note }, short(note))));
  const requestLink = entry.requestSid ? element("a", { href: `#${entry.requestSid}` }, "request") : "";
  const conversationLink = conversationSid ? element("a", { href: `#${conversationSid}` }, "conversation") : "";
  const parts = [causeOf(entry), requestLink, conversationLink]
    .filter((part) => part !== "")
    .flatMap((part, index) => (index > 0 ? [" · ", part] : [part]));
  if (parts.length > 0) row.append(element("p", { class: "cause" }, ...parts));
  const actions = actionsOf(entry, row);
  if (actions.length > 0) row.append(element("p", { class: "buttons" }, ...actions));
  return row;
}

/** Shortens SIDs to their prefix and last four digits. */
const short = (text: string): string => text.replace(/\b([A-Z]{2})[0-9a-f]{28}([0-9a-f]{4})\b/g, "$1…$2");

/** A link to Twilio's documentation of an error. */
export const docsOf = (code: number): HTMLElement => externalLink(`https://www.twilio.com/docs/errors/${code}`, `Twilio error ${code}`);
