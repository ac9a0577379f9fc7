/** Limits how many requests run at once, and adapts the limit to Twilio's responses. */
export interface Governor {
  /** Runs a task when the limit allows it. The task receives the round in which it starts. */
  run<T>(task: (round: number) => Promise<T>): Promise<T>;
  /**
   * Twilio answered a request of that round with 429: lowers the limit by a quarter and begins the next round. Requests of the same round were in flight
   * together, so a second 429 among them has no further effect.
   */
  recordThrottled(round: number): void;
  /** Twilio accepted a request: after as many accepted requests as the limit, raises the limit by one, up to the original limit. */
  recordAccepted(): void;
}

/** The governor of one process and account. Twilio does not publish its limit, so it is found by trying. */
export function governor(maxConcurrency: number): Governor {
  const waiting: (() => void)[] = [];
  let limit = maxConcurrency;
  let running = 0;
  let accepted = 0;
  let currentRound = 0;

  function startNext(): void {
    while (running < limit && waiting.length > 0) {
      running += 1;
      waiting.shift()?.();
    }
  }

  return {
    async run(task) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        startNext();
      });
      try {
        return await task(currentRound);
      } finally {
        running -= 1;
        startNext();
      }
    },
    recordThrottled(round) {
      if (round !== currentRound) return;
      limit = Math.max(1, Math.floor(limit * 0.75));
      accepted = 0;
      currentRound += 1;
    },
    recordAccepted() {
      accepted += 1;
      if (limit >= maxConcurrency || accepted < limit) return;
      limit += 1;
      accepted = 0;
      startNext();
    },
  };
}
