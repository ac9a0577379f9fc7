/** Lets so many requests run at once; the others wait their turn. */
export interface Governor {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Twilio said that it is too much: half as many from now on. */
  slower(): void;
  /** Twilio took one without complaint: after a round of those, one more at once, up to what was allowed. */
  faster(): void;
}

/** A governor for one process and account, whose limit Twilio does not publish and which is found by trying. */
export function governor(most: number): Governor {
  const waiting: (() => void)[] = [];
  let allowed = most;
  let running = 0;
  let taken = 0;

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
        return await task();
      } finally {
        running -= 1;
        admit();
      }
    },
    slower() {
      // Requests that were under way together are all refused, which is one word from Twilio and not many.
      if (taken === 0 && allowed < most) return;
      allowed = Math.max(1, Math.floor(allowed / 2));
      taken = 0;
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
