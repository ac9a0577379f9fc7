/** The source of the emulator's time. Pass your own to make dates and timers deterministic. */
export interface Clock {
  /** The milliseconds since 1970. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
