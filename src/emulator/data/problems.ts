/** What is wrong with a data file. */

/** One thing that is wrong, and where. */
export interface Problem {
  /** The path in the file, as in `conversations.support.service`; empty for the file as a whole. */
  readonly path: string;
  /** What must be true, what was received and what to do. */
  readonly message: string;
  /** Counted from 1, if the data came from a file. */
  readonly line?: number | undefined;
}

/** The data was refused, and nothing has changed. */
export class DataRefused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], file?: string) {
    const lines = problems.map(({ path, message, line }) => {
      const where = line === undefined ? "" : `line ${line}: `;
      return `\n  ${where}${path}${path === "" ? "" : ": "}${message}`;
    });
    super(`${file ?? "the data"} was not applied, and nothing has changed:${lines.join("")}`);
    this.problems = problems;
  }
}

const MAX_SHOWN = 60;

/** A received value, as an error shows it: short, and without passwords of URLs. */
export function received(value: unknown): string {
  const json = (JSON.stringify(value) ?? String(value)).replace(/\/\/[^\s/@"]*@/g, "//***@");
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}
