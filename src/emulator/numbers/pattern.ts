/**
 * Twilio's number patterns: digits (or the letters of a keypad), `*` for one digit, `%` for any number of
 * them, a leading `+` for the start of the number and a trailing `$` for its end. Else it may be anywhere.
 */
const KEYPAD: Record<string, string> = Object.fromEntries(
  ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"].flatMap((letters, key) =>
    [...letters].map((letter) => [letter, String(key + 2)]),
  ),
);

/** The pattern as a regular expression over E.164 numbers; undefined when it has other characters in it. */
export function compilePattern(pattern: string): RegExp | undefined {
  const match = /^(\+?)([0-9a-zA-Z*%]*)(\$?)$/.exec(pattern);
  if (!match?.[2]) return undefined;
  const body = match[2].toLowerCase().replace(/[*%]+|[a-z]/g, (part) => KEYPAD[part] ?? digits(part));
  return new RegExp(`${match[1] ? "^\\+" : ""}${body}${match[3] ? "$" : ""}`);
}

/** Wildcards in a row as one: apart, `%%%%…` would be tried in more ways than there is time for. */
function digits(wildcards: string): string {
  const least = wildcards.replaceAll("%", "").length;
  return `\\d{${least}${wildcards.includes("%") ? "," : ""}}`;
}

/** Whether the number fits; a pattern that cannot be read fits nothing. */
export function matchesPattern(phoneNumber: string, pattern: string): boolean {
  return compilePattern(pattern)?.test(phoneNumber) ?? false;
}
