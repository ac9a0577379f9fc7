import { inWords } from "../../../shared/properties";

/** What a forge's Markdown can, beyond what all can. */
export interface Dialect {
  /** How long a comment may be, in bytes; the forges count characters, which are no more. */
  readonly limit: number;
  /** Shows `<details>` folded. */
  readonly folds: boolean;
  /** Draws Mermaid. */
  readonly draws: boolean;
}

/** Of a value, what a table shows. */
const WIDEST = 160;

/** A value as code: nothing in it is Markdown, HTML or a mention. */
export function code(value: unknown): string {
  const whole = typeof value === "string" ? value.replace(/\s+/g, " ") : inWords(value);
  const characters = [...whole];
  return span(characters.length > WIDEST ? `${characters.slice(0, WIDEST).join("")}…` : whole);
}

/** A property's value as JSON in code. */
export const valueCode = (value: unknown): string => (value === undefined ? "–" : code(inWords(value)));

function span(text: string): string {
  if (text === "") return "–";
  const fence = "`".repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)));
  const padding = /^`|`$/.test(text) ? " " : "";
  // A bar ends a table's cell even in code, and a backslash before it would take the effect of ours away.
  const inert = defused(
    visible(text)
      .replace(/\\(?=\|)/g, "\\\u200b")
      .replaceAll("|", "\\|"),
  );
  return `${fence}${padding}${inert}${padding}${fence}`;
}

/** Somebody else's sentence as plain text on one line. */
export function prose(text: string): string {
  const line = visible(text.replace(/\s+/g, " ").trim()).replace(/[\\`*_{}[\]()#+!|~>-]/g, "\\$&");
  const plain = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  // What looks like an address or a reference would become a link, and show up in what it refers to.
  return defused(plain.replace(/\b(https?:|www)(?=[/.])/gi, "$1\u200b").replace(/([#!%$~;])(?=\d)/g, "$1\u200b"));
}

/** No mention, in code neither: somebody may quote it. */
const defused = (text: string): string => text.replace(/@(?=[\w{])/g, "@\u200b");

/** What does not show, or turns the direction of writing, as an escape. A joiner within an emoji shows. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === "\u200d" ? character : `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}`,
  );

/** A part of a comment. What does not fit is left out from its end, row by row, and then whole. */
export interface Section {
  /** Before the rows. */
  readonly head: string;
  readonly rows: readonly string[];
  /** After them. */
  readonly tail?: string;
  /** Folded under this title, where the forge folds. */
  readonly title?: string;
  /** Is worth nothing in part, as a drawing is. */
  readonly whole?: true;
}

/** A table's section. Cells are Markdown. */
export function tableSection(head: readonly string[], rows: readonly (readonly string[])[], title?: string): Section {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return { head: line(head) + line(head.map(() => "---")), rows: rows.map(line), ...(title === undefined ? {} : { title }) };
}

/** Puts sections together, as many as the forge takes. */
export function assemble(sections: readonly Section[], { limit, folds }: Dialect): string {
  const note = (left: number) =>
    `\n_${left} ${left === 1 ? "line is" : "lines are"} left out, for a comment here has no more room. The preview's own output has all._\n`;
  let [text, left] = ["", 0];
  const room = () => limit - Buffer.byteLength(text) - Buffer.byteLength(note(999_999));
  for (const { head, rows, tail = "", title, whole } of sections) {
    const [open, close] =
      title === undefined ? ["", ""] : folds ? [`<details><summary>${title}</summary>\n\n`, "\n</details>\n"] : [`**${title}**\n\n`, ""];
    const frame = Buffer.byteLength(open + head + tail + close) + 2;
    let [size, taken] = [frame, 0];
    for (const row of rows) {
      size += Buffer.byteLength(row);
      if (size > room()) break;
      taken += 1;
    }
    if (frame > room() || (taken < rows.length && (whole || taken === 0))) {
      left += Math.max(1, rows.length);
      continue;
    }
    left += rows.length - taken;
    text += `${text === "" ? "" : "\n"}${open}${head}${rows.slice(0, taken).join("")}${tail}${close}`;
  }
  return left > 0 ? text + note(left) : text;
}
