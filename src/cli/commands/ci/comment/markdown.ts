import { oneLine } from "../../../../core/process/printable";
import { inWords } from "../../../shared/properties";
import { maskSecretUrls } from "../../../shared/secrets";

/** The features of a forge's Markdown that others do not have. */
export interface Dialect {
  /** The longest comment, in bytes; forges count characters, of which there are at most as many. */
  readonly limit: number;
  /** Supports `<details>`. */
  readonly folds: boolean;
  /** Renders Mermaid. */
  readonly draws: boolean;
}

/** The longest value in a table, in characters. */
const MAX_LENGTH = 160;

/** A value as code, so that nothing in it is Markdown, HTML or a mention. */
export function code(value: unknown): string {
  const whole = maskSecretUrls(typeof value === "string" ? value.replace(/\s+/g, " ") : inWords(value));
  const characters = [...whole];
  return span(characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH).join("")}…` : whole);
}

/** A property's value as JSON in code. */
export const valueCode = (value: unknown): string => (value === undefined ? "–" : code(inWords(value)));

function span(text: string): string {
  if (text === "") return "–";
  const fence = "`".repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)));
  const padding = /^`|`$/.test(text) ? " " : "";
  // A bar ends a table cell even in code, and a backslash before it would cancel our escape.
  const inert = defused(
    oneLine(text)
      .replace(/\\(?=\|)/g, "\\\u200b")
      .replaceAll("|", "\\|"),
  );
  return `${fence}${padding}${inert}${padding}${fence}`;
}

/** A sentence from elsewhere as plain text on one line. */
export function prose(text: string): string {
  const line = oneLine(maskSecretUrls(text).replace(/\s+/g, " ").trim()).replace(/[\\`*_{}[\]()#+!|~>-]/g, "\\$&");
  const plain = line.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  // A URL or a reference would become a link, and be mentioned at its target.
  return defused(plain.replace(/\b(https?:|www)(?=[/.])/gi, "$1\u200b").replace(/([#!%$~;])(?=\d)/g, "$1\u200b"));
}

/** Breaks mentions, in code too: somebody may quote it. */
const defused = (text: string): string => text.replace(/@(?=[\w{])/g, "@\u200b");

/** A part of a comment. If it does not fit, its last rows are left out, or else the whole section. */
export interface Section {
  /** Before the rows. */
  readonly head: string;
  readonly rows: readonly string[];
  /** After them. */
  readonly tail?: string;
  /** Folded under this title, if the forge supports that. */
  readonly title?: string;
  /** Is useless in part, as a drawing is. */
  readonly isIndivisible?: true;
}

/** A section with a table. Cells are Markdown. */
export function tableSection(head: readonly string[], rows: readonly (readonly string[])[], title?: string): Section {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return { head: line(head) + line(head.map(() => "---")), rows: rows.map(line), ...(title === undefined ? {} : { title }) };
}

/** Joins sections, as many as the forge accepts. */
export function assemble(sections: readonly Section[], { limit, folds }: Dialect): string {
  const note = (left: number) =>
    `\n_${left} ${left === 1 ? "line is" : "lines are"} left out, because a comment here has a maximum length. The preview's output contains all._\n`;
  let [text, left] = ["", 0];
  const bytesLeft = () => limit - Buffer.byteLength(text) - Buffer.byteLength(note(999_999));
  for (const { head, rows, tail = "", title, isIndivisible } of sections) {
    const [open, close] =
      title === undefined ? ["", ""] : folds ? [`<details><summary>${title}</summary>\n\n`, "\n</details>\n"] : [`**${title}**\n\n`, ""];
    const frame = Buffer.byteLength(open + head + tail + close) + 2;
    let [size, taken] = [frame, 0];
    for (const row of rows) {
      size += Buffer.byteLength(row);
      if (size > bytesLeft()) break;
      taken += 1;
    }
    if (frame > bytesLeft() || (taken < rows.length && (isIndivisible || taken === 0))) {
      left += Math.max(1, rows.length);
      continue;
    }
    left += rows.length - taken;
    text += `${text === "" ? "" : "\n"}${open}${head}${rows.slice(0, taken).join("")}${tail}${close}`;
  }
  return left > 0 ? text + note(left) : text;
}
