/** Counts calls by product, method and path template. */
export interface CallCount {
  host: string;
  method: string;
  path: string;
  count: number;
}

export class CallCounter {
  private readonly counts = new Map<string, CallCount>();

  add(host: string, method: string, path: string): void {
    const key = `${host} ${method} ${path}`;
    const entry = this.counts.get(key);
    if (entry) entry.count++;
    else this.counts.set(key, { host, method, path, count: 1 });
  }

  report(): { calls: CallCount[]; total: number } {
    const calls = [...this.counts.values()].map((entry) => ({ ...entry }));
    return { calls, total: calls.reduce((total, { count }) => total + count, 0) };
  }

  clear(): void {
    this.counts.clear();
  }
}
