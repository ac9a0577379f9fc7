/**
 * Characters that a terminal or a CI log obeys instead of showing, and those that change the writing direction; except for the joiners within emoji
 * and words. Also what GitHub's runner takes as a command: `::` at the start of a line, and `##[` anywhere.
 */
const obeyed = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|^::|##\[/gu;

/** A text from elsewhere on one line, with all characters visible. Line ends become escapes, so that it cannot begin a line of its own. */
export const oneLine = (text: string): string => escaped(text, () => false);

/** A text of several lines that the caller has composed. Line ends and tabs stay. */
export const printable = (text: string): string =>
  text
    .split("\n")
    .map((line) => escaped(line, (found) => found === "\t"))
    .join("\n");

/** Each character as `\n` or `\u202e`, which mean the same in JSON, TypeScript and double-quoted YAML. */
function escaped(text: string, isKept: (found: string) => boolean): string {
  return text.replace(obeyed, (found) => {
    if (isKept(found)) return found;
    if (found === "::" || found === "##[") return `${unicode(found.slice(0, 1))}${found.slice(1)}`;
    return names[found] ?? unicode(found);
  });
}

const names: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** An escape for each UTF-16 unit, because JSON has no other. */
const unicode = (text: string): string =>
  text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
