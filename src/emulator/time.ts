/** The emulator's time: the machine's clock, the time that `advanceSeconds` let pass, and the skew. All of it is stored with the state. */
import type { Clock } from "./clock";
import type { Row, Table } from "./store";

/** A stored number. */
export interface SettingRow extends Row {
  value: number;
}

const AHEAD = "clock-ahead";
const SKEW = "clock-skew";
/** One row for each advance: by the machine's time, how far. */
const ADVANCE = /^clock-advance (\d+)$/;
/** The longest time for which an advance matters to a token. */
const MAX_TOKEN_AGE_MS = 2 * 86_400_000;

export class EmulatorTime {
  private readonly clock: Clock;
  private readonly settings: () => Table<SettingRow>;

  constructor(clock: Clock, settings: () => Table<SettingRow>) {
    this.clock = clock;
    this.settings = settings;
  }

  now(): number {
    return this.clock.now() + this.ahead + this.skew;
  }

  /** How many milliseconds passed only in the emulator. */
  get ahead(): number {
    return this.settings().get(AHEAD)?.value ?? 0;
  }

  /** How many milliseconds the emulator's clock is ahead of the real time; negative if it is behind. */
  get skew(): number {
    return this.settings().get(SKEW)?.value ?? 0;
  }

  /** Stores the skew. Call it in a transaction, like all that follow. */
  setSkew(ms: number): void {
    this.put(SKEW, ms);
  }

  /** Lets time pass. Stored, because dates must not run backward after a restart. */
  advance(ms: number): void {
    const at = Math.floor(this.clock.now());
    for (const { sid } of this.settings().all()) {
      const [, before] = ADVANCE.exec(sid) ?? [];
      if (before !== undefined && at - Number(before) > MAX_TOKEN_AGE_MS) this.settings().delete(sid);
    }
    const name = `clock-advance ${at}`;
    this.put(name, (this.settings().get(name)?.value ?? 0) + ms);
    this.put(AHEAD, this.ahead + ms);
  }

  /** Returns to the machine's time. */
  reset(): void {
    for (const { sid } of this.settings().all()) if (sid === AHEAD || sid === SKEW || ADVANCE.test(sid)) this.settings().delete(sid);
  }

  /**
   * The emulator's time when the machine's clock showed this second. Who signs a token knows only the machine's clock, and time that passed in the
   * emulator before that must not make the token older.
   */
  aheadAt(second: number): number {
    // In this machine's own second, what came first is not known: a token may be new.
    const later = this.settings()
      .all()
      .filter(({ sid }) => Number(ADVANCE.exec(sid)?.[1] ?? 0) >= (second + 1) * 1000)
      .reduce((sum, { value }) => sum + value, 0);
    // A token of a signer that follows the emulator's own clock.
    return second * 1000 > this.clock.now() + TOLERANCE_MS ? 0 : this.ahead - later;
  }

  private put(sid: string, value: number): void {
    this.settings().put({ sid, value });
  }
}

/** Tolerated difference between the clocks of two machines. */
const TOLERANCE_MS = 60_000;
