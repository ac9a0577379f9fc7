/** A class name in words: `conversation service`. */
export const wordsOf = (className: string): string => className.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();

/** Several of a noun: `addresses`. */
export const pluralOf = (noun: string): string => (noun.endsWith("s") ? `${noun}es` : `${noun}s`);

/** A number of things: `1 number`, `2 numbers`. */
export const counted = (count: number, noun: string): string => `${count} ${count === 1 ? noun : pluralOf(noun)}`;
