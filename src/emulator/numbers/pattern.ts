/**
 * Twilio's number patterns: digits or keypad letters, `*` for one digit, `%` for any number of digits, a leading `+` for
 * the start of the number, and a trailing `$` for its end. Without them, the pattern matches anywhere.
 */
const KEYPAD: Record<string, string> = Object.fromEntries(
  ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"].flatMap((letters, key) =>
    [...letters].map((letter) => [letter, String(key + 2)]),
  ),
);

/** The pattern as a regular expression for E.164 numbers. Undefined if it contains other characters. */
export function compilePattern(pattern: string): RegExp | undefined {
  const match = /^(\+?)([0-9a-zA-Z*%]*)(\$?)$/.exec(pattern);
  if (!match?.[2]) return undefined;
  const body = match[2].toLowerCase().replace(/[*%]+|[a-z]/g, (part) => KEYPAD[part] ?? digits(part));
  return new RegExp(`${match[1] ? "^\\+" : ""}${body}${match[3] ? "$" : ""}`);
}

/** Merges adjacent wildcards, because separate ones in `%%%%…` would backtrack exponentially. */
function digits(wildcards: string): string {
  const minimum = wildcards.replaceAll("%", "").length;
  return `\\d{${minimum}${wildcards.includes("%") ? "," : ""}}`;
}

/** Whether the number matches. An invalid pattern matches nothing. */
export function matchesPattern(phoneNumber: string, pattern: string): boolean {
  return compilePattern(pattern)?.test(phoneNumber) ?? false;
}
