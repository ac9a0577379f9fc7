/** Where the emulator's time comes from: pass your own to make dates and timers deterministic. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
