/** What became of tasks of items, by key. */
export interface Outcome<T> {
  readonly done: ReadonlyMap<string, T>;
  readonly failed: ReadonlyMap<string, Error>;
  /** Not begun, because so many failed before. */
  readonly untried: readonly string[];
}

/** Where and in which words progress is written. */
export interface Progress {
  readonly write: (severity: "info", message: string) => void;
  /** What the items are when they are done: `deleted`. */
  readonly verb: string;
}

/** So many tasks wait for requests at once. The connection's own limit decides how many requests run. */
const atOnce = 100;
/** After so many failures without a success between them, the rest would fail too. */
const maxFailuresInRow = 20;
const progressEveryMs = 10_000;

/** Runs a task for each key, and goes on where one fails. Writes every ten seconds how far it is. */
export async function forEachKey<T>(keys: readonly string[], task: (key: string) => Promise<T>, progress?: Progress): Promise<Outcome<T>> {
  const done = new Map<string, T>();
  const failed = new Map<string, Error>();
  const waiting = [...keys];
  let failuresInRow = 0;

  async function work(): Promise<void> {
    while (waiting.length > 0 && failuresInRow < maxFailuresInRow) {
      const key = waiting.shift() as string;
      try {
        done.set(key, await task(key));
        failuresInRow = 0;
      } catch (error) {
        failed.set(key, error as Error);
        failuresInRow += 1;
      }
    }
  }

  const report = () => {
    const failures = failed.size > 0 ? `; ${failed.size} failed` : "";
    progress?.write("info", `${done.size} of ${keys.length} items are ${progress.verb}${failures}.`);
  };
  const timer = setInterval(report, progressEveryMs);
  timer.unref();
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, keys.length) }, work));
  } finally {
    clearInterval(timer);
  }
  return { done, failed, untried: waiting };
}

/** What can go wrong with so many items is too much for one screen. */
const maxShown = 20;

/** Texts as lines, the first of them, and how many there are beside these. */
export function firstLines(lines: readonly string[]): string {
  const shown = lines.slice(0, maxShown).map((line) => `\n  ${line}`);
  return shown.join("") + (lines.length > maxShown ? `\n  and ${lines.length - maxShown} more` : "");
}
