import { printable } from "../../../core/process/printable";

/** A value that is written into a program verbatim: a reference or a call. */
export class Code {
  constructor(
    readonly text: string,
    /** The program's constants in it. */
    readonly uses: readonly string[] = [],
    /** What it imports from Pulumi's SDK: `Config`, `interpolate`. */
    readonly imports: readonly string[] = [],
  ) {}
}

const WIDTH = 100;

/** A value as TypeScript, on one line if it fits. */
export function print(value: unknown, column = 0, indent = 0): string {
  if (value instanceof Code) return value.text;
  if (typeof value !== "object" || value === null) return printable(JSON.stringify(value));
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{ ", " }"];
  const printed = (at: number) => entriesOf(value).map(([key, entry]) => `${key}${print(entry, at + key.length, at)}`);
  if (entriesOf(value).length === 0) return Array.isArray(value) ? "[]" : "{}";
  const inline = `${open}${printed(indent).join(", ")}${close}`;
  if (column + inline.length <= WIDTH && !inline.includes("\n")) return inline;
  const pad = " ".repeat(indent + 2);
  return `${open.trim()}\n${printed(indent + 2)
    .map((line) => `${pad}${line},\n`)
    .join("")}${" ".repeat(indent)}${close.trim()}`;
}

function entriesOf(value: object): [key: string, value: unknown][] {
  if (Array.isArray(value)) return value.map((entry) => ["", entry]);
  return Object.entries(value).map(([key, entry]) => [`${/^[A-Za-z_$][\w$]*$/.test(key) ? key : printable(JSON.stringify(key))}: `, entry]);
}

/** All code in a value. */
export function codeIn(value: unknown): Code[] {
  if (value instanceof Code) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(codeIn) : [];
}
