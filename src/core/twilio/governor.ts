/** Lets so many requests run at once; the others wait their turn. */
export interface Governor {
  /** Runs a task and tells it the round that it is part of. */
  run<T>(task: (round: number) => Promise<T>): Promise<T>;
  /**
   * Twilio said to a request of that round that it is too much: half as many from now on. The others of the round, which were under way together
   * with it, say the same once more and count no further.
   */
  slower(round: number): void;
  /** Twilio took one without complaint: after as many of those as may run, one more at once, up to what was allowed. */
  faster(): void;
}

/** A governor for one process and account, whose limit Twilio does not publish and which is found by trying. */
export function governor(most: number): Governor {
  const waiting: (() => void)[] = [];
  let allowed = most;
  let running = 0;
  let taken = 0;
  let current = 0;

  function admit(): void {
    while (running < allowed && waiting.length > 0) {
      running += 1;
      waiting.shift()?.();
    }
  }

  return {
    async run(task) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        admit();
      });
      try {
        return await task(current);
      } finally {
        running -= 1;
        admit();
      }
    },
    slower(round) {
      if (round !== current) return;
      allowed = Math.max(1, Math.floor(allowed / 2));
      taken = 0;
      current += 1;
    },
    faster() {
      taken += 1;
      if (allowed >= most || taken < allowed) return;
      allowed += 1;
      taken = 0;
      admit();
    },
  };
}
