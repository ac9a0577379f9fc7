import { byId, element } from "../../../chat/page/dom.ts";
import type { Entry } from "./api.ts";
import { type Names, type Told, tell, why } from "./words.ts";

/** More than that is more than a person looks through. */
const MOST_ROWS = 1500;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** The list of what happened, the latest first. */
export class Feed {
  private readonly list = byId<HTMLOListElement>("entries");
  private readonly rows: { row: HTMLLIElement; kind: Told["kind"]; text: string }[] = [];
  private readonly seen = new Set<string>();
  private words: readonly string[] = [];

  constructor(private readonly names: Names) {
    byId("kinds").addEventListener("change", () => this.show());
  }

  /** Adds an entry, unless it is there: after a break the stream may tell some again. */
  add(id: string, entry: Entry): void {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const told = tell(entry, this.names);
    const row = rowOf(entry, told);
    const text = [row.textContent, row.id, told.text, told.error?.text, told.conversationSid].join(" ").toLowerCase();
    this.rows.push({ row, kind: told.kind, text });
    this.list.prepend(row);
    if (this.rows.length > MOST_ROWS) this.rows.shift()?.row.remove();
    this.showRow(this.rows.at(-1) as (typeof this.rows)[number], this.kinds());
    byId("nothing").hidden = true;
    if (location.hash === `#${row.id}`) row.scrollIntoView({ block: "nearest" });
  }

  filter(words: readonly string[]): void {
    this.words = words;
    this.show();
  }

  private show(): void {
    const kinds = this.kinds();
    for (const row of this.rows) this.showRow(row, kinds);
  }

  private showRow({ row, kind, text }: (typeof this.rows)[number], kinds: ReadonlySet<string>): void {
    row.hidden = !kinds.has(kind) || !this.words.every((word) => text.includes(word));
  }

  private kinds(): ReadonlySet<string> {
    return new Set([...byId("kinds").querySelectorAll("input")].filter(({ checked }) => checked).map(({ value }) => value));
  }
}

function rowOf(entry: Entry, { kind, text, error, conversationSid }: Told): HTMLLIElement {
  const date = new Date(entry.date);
  const row = element("li", { class: `${kind}${error ? " failed" : ""}` });
  if (kind === "request") row.id = entry.data.request.sid;
  row.append(
    element("time", { datetime: entry.date, title: date.toLocaleString() }, clock.format(date)),
    element("span", { class: "kind" }, kind),
    element("p", { class: "text", title: text }, short(text)),
  );
  if (error)
    row.append(element("p", { class: "error", title: error.text }, short(error.text), ...(error.code ? [" ", docsOf(error.code)] : [])));
  const cause = [why(entry), entry.requestSid ? element("a", { href: `#${entry.requestSid}` }, "its request") : ""];
  const place = conversationSid ? element("a", { href: `#${conversationSid}` }, "its conversation") : "";
  const parts = [...cause, place].filter((part) => part !== "").flatMap((part, index) => (index > 0 ? [" · ", part] : [part]));
  if (parts.length > 0) row.append(element("p", { class: "cause" }, ...parts));
  return row;
}

/** SIDs by what tells them apart. */
const short = (text: string): string => text.replace(/\b([A-Z]{2})[0-9a-f]{28}([0-9a-f]{4})\b/g, "$1…$2");

/** Where Twilio explains an error. */
export const docsOf = (code: number): HTMLAnchorElement =>
  element("a", { href: `https://www.twilio.com/docs/errors/${code}`, rel: "noreferrer", target: "_blank" }, `Twilio error ${code}`);
