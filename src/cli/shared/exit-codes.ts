/** The exit codes of the commands. */
export const exitCodes = {
  /** The command succeeded. */
  done: 0,
  /** The command failed and printed the reason. */
  error: 1,
  /** The command found drift. */
  found: 2,
} as const;
