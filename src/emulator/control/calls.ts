/** Counts calls by product, method and path template. */
export interface CallCount {
  host: string;
  method: string;
  path: string;
  count: number;
}

/** Takes the place of every host, method and path that the emulator does not have, because clients can invent any number of them. */
const UNKNOWN = "{unknown}";
const METHODS = new Set(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]);

export class CallCounter {
  private readonly counts = new Map<string, CallCount>();

  /** Counts one call. `host` and `path` are undefined if the emulator does not have them. */
  add(host: string | undefined, method: string, path: string | undefined): void {
    const call = { host: host ?? UNKNOWN, method: METHODS.has(method) ? method : UNKNOWN, path: path ?? UNKNOWN };
    const key = `${call.host} ${call.method} ${call.path}`;
    const entry = this.counts.get(key);
    if (entry) entry.count++;
    else this.counts.set(key, { ...call, count: 1 });
  }

  report(): { calls: CallCount[]; total: number } {
    const calls = [...this.counts.values()].map((entry) => ({ ...entry }));
    return { calls, total: calls.reduce((total, { count }) => total + count, 0) };
  }

  clear(): void {
    this.counts.clear();
  }
}
