/** Whether a text is a SID of a kind, by its form: the prefix and 32 hex digits. */
export const isSidOf = (prefix: string, text: string): boolean => new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(text);
