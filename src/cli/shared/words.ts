/** A class name in words: `conversation service`, `API key`. */
export const wordsOf = (className: string): string =>
  className
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase()
    .replace(/^(api|twiml)\b/, (word) => (word === "api" ? "API" : "TwiML"));

/** Several of a noun: `addresses`, `conversations with participants`; what is plural already stays. */
export function pluralOf(noun: string): string {
  const [, first = noun, rest = ""] = /^(.*?)( with .*)?$/.exec(noun) ?? [];
  return `${/ss$/.test(first) ? `${first}es` : first.replace(/s?$/, "s")}${rest}`;
}

/** A number of things: `1 number`, `2 numbers`. */
export const counted = (count: number, noun: string): string => `${count} ${count === 1 ? noun : pluralOf(noun)}`;
