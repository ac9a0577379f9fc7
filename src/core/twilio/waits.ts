const everyMs = 10_000;

/** A request that has been sent and has no result yet. */
export interface Wait {
  /** The host of the request. */
  readonly host: string;
  readonly since: number;
  /** Why there is no result yet. */
  reason: string;
  /** When it gives up, in milliseconds since 1970. */
  until: () => number;
}

/** Says every ten seconds what a process waits for, in one line for all requests. */
export function waitReporter(log: (message: string) => void) {
  const waits = new Set<Wait>();
  let timer: ReturnType<typeof setInterval> | undefined;

  function report(): void {
    const now = Date.now();
    const long = [...waits].filter(({ since }) => now - since >= everyMs);
    const [oldest] = long;
    if (!oldest) return;
    const seconds = Math.max(0, Math.ceil((oldest.until() - now) / 1000));
    const others = long.length > 1 ? `${long.length} requests wait` : "one request waits";
    log(`Waiting for ${oldest.host}: ${oldest.reason}; ${others}, for at most ${seconds} s more.`);
  }

  return {
    begin(wait: Wait): void {
      waits.add(wait);
      timer ??= setInterval(report, everyMs).unref();
    },
    end(wait: Wait): void {
      waits.delete(wait);
      if (waits.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
