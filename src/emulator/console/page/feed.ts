import { byId, element } from "../../../chat/page/dom.ts";
import { externalLink } from "../../../chat/page/links.ts";
import type { Entry } from "./api.ts";
import { causeOf, type Description, describe, type Names } from "./descriptions.ts";

/** Older rows are removed. */
const MAX_ROWS = 1500;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The list of events, newest first. */
export class Feed {
  private readonly list = byId<HTMLOListElement>("entries");
  private readonly rows: { row: HTMLLIElement; kind: Description["kind"]; text: string }[] = [];
  private readonly seen = new Set<string>();
  private filterWords: readonly string[] = [];

  constructor(private readonly names: Names) {
    byId("kinds").addEventListener("change", () => this.show());
  }

  /** Adds an entry. Ignores duplicates, because a reconnected stream may repeat entries. */
  add(id: string, entry: Entry): void {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const description = describe(entry, this.names);
    const { kind, error, conversationSid } = description;
    const row = rowOf(entry, description);
    const text = [row.textContent, row.id, description.text, error?.text, conversationSid].join(" ").toLowerCase();
    this.rows.push({ row, kind, text });
    this.list.prepend(row);
    if (this.rows.length > MAX_ROWS) this.rows.shift()?.row.remove();
    this.showRow(this.rows.at(-1) as (typeof this.rows)[number], this.kinds());
    byId("no-events").hidden = true;
    if (location.hash === `#${row.id}`) row.scrollIntoView({ block: "nearest" });
  }

  /** Shows only rows that contain all these words. */
  filter(words: readonly string[]): void {
    this.filterWords = words;
    this.show();
  }

  private show(): void {
    const kinds = this.kinds();
    for (const row of this.rows) this.showRow(row, kinds);
  }

  private showRow({ row, kind, text }: (typeof this.rows)[number], kinds: ReadonlySet<string>): void {
    row.hidden = !kinds.has(kind) || !this.filterWords.every((word) => text.includes(word));
  }

  private kinds(): ReadonlySet<string> {
    return new Set([...byId("kinds").querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => value));
  }
}

function rowOf(entry: Entry, { kind, text, error, conversationSid }: Description): HTMLLIElement {
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
  const requestLink = entry.requestSid ? element("a", { href: `#${entry.requestSid}` }, "request") : "";
  const conversationLink = conversationSid ? element("a", { href: `#${conversationSid}` }, "conversation") : "";
  const parts = [causeOf(entry), requestLink, conversationLink]
    .filter((part) => part !== "")
    .flatMap((part, index) => (index > 0 ? [" · ", part] : [part]));
  if (parts.length > 0) row.append(element("p", { class: "cause" }, ...parts));
  return row;
}

/** Shortens SIDs to their prefix and last four digits. */
const short = (text: string): string => text.replace(/\b([A-Z]{2})[0-9a-f]{28}([0-9a-f]{4})\b/g, "$1…$2");

/** A link to Twilio's documentation of an error. */
export const docsOf = (code: number): HTMLElement => externalLink(`https://www.twilio.com/docs/errors/${code}`, `Twilio error ${code}`);
