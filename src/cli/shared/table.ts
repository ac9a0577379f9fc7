import { stripVTControlCharacters, styleText } from "node:util";

/** A style of Node's `util.styleText`, or several. */
export type Style = Parameters<typeof styleText>[0];

/** A text in colour where standard output is a terminal that shows colours; plain elsewhere, and with NO_COLOR. */
export const styled = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout });

/** How much of a cell is shown, in characters. */
const WIDEST = 60;

/** Rows of cells as lines, each column as wide as its widest cell, with a head. Long cells are cut; cells may be styled. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head.map((title) => styled("bold", title)), ...rows.map((row) => row.map(cut))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ""))));
  const text = lines.map((line) => line.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join("  "));
  return text.map((line) => `${line.trimEnd()}\n`).join("");
}

const width = (cell: string): number => stripVTControlCharacters(cell).length;

/** Of what is too long the beginning, on one line. A styled cell is the command's own and short. */
function cut(cell: string): string {
  const line = cell.replace(/[\r\n\t]+/g, " ");
  return width(line) > WIDEST ? `${stripVTControlCharacters(line).slice(0, WIDEST - 1)}…` : line;
}
