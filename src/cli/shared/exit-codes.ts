/** What a command's process ends with. */
export const exitCodes = {
  /** It did what it was asked for. */
  done: 0,
  /** It could not, and said why. */
  error: 1,
  /** It looked for something and found it: drift, violations. */
  found: 2,
} as const;
