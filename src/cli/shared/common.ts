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

/** A parser of an option's value: a whole number from one to another, both included. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** Parses the port of a server; 0 means any free port. */
export const portNumber = wholeNumber(0, 65_535);

/** Whether a server could not start because its port is in use. */
export function isPortInUse(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
