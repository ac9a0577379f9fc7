import { stripVTControlCharacters, styleText } from "node:util";

/** A style of Node's `util.styleText`, or several. */
export type Style = Parameters<typeof styleText>[0];

/** A text in color, if standard output is a terminal with colors; plain elsewhere, and with NO_COLOR. */
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** The widest cell, in characters. */
const MAX_WIDTH = 60;

/** A table with a header, each column as wide as its widest cell. Long cells are cut; cells may be styled. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header.map((title) => styled("bold", title)), ...rows.map((row) => row.map(cut))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ""))));
  const text = lines.map((line) => line.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join("  "));
  return text.map((line) => `${line.trimEnd()}\n`).join("");
}

const width = (cell: string): number => stripVTControlCharacters(cell).length;

/** A cell on one line, cut if it is too long. Styled cells come from the command and are short. */
function cut(cell: string): string {
  const line = cell.replace(/[\r\n\t\u2028\u2029]+/g, " ");
  return width(line) > MAX_WIDTH ? `${stripVTControlCharacters(line).slice(0, MAX_WIDTH - 1)}…` : line;
}
