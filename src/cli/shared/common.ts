import { InvalidArgumentError } from "commander";

/** Resolves at the first SIGINT or SIGTERM; a second signal ends the process at once, as it does by default. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const name of signals) process.off(name, stop);
      resolve();
    };
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const name of signals) process.once(name, stop);
  });
}

/** Parses an option's value as a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** Whether a server could not start because its port is in use. */
export function isPortInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
