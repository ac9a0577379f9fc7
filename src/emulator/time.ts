/**
 * The emulator's time: the machine's clock, the time that passed only in the emulator, and the skew. `advanceSeconds` lets time pass at once, and a
 * speed above 1 steadily. All of it is stored with the state.
 */
import type { Clock } from "./clock";
import { LATEST } from "./dates";
import type { Row, Table } from "./store";

/** A stored number. */
export interface SettingRow extends Row {
  value: number;
}

const AHEAD = "clock-ahead";
const SKEW = "clock-skew";
/** One row for each advance: by the machine's time, how far. */
const ADVANCE = /^clock-advance (\d+)$/;
const SPEED = "clock-speed";
/** The machine's time from which on the speed applies. */
const SINCE = "clock-since";
/** One row for each time at another speed than 1 that is over: from when to when of the machine's time, and how much more time passed in the emulator. */
const RUN = /^clock-run (\d+) (\d+)$/;
/** The longest time for which time that passed only in the emulator matters to a token. */
const MAX_TOKEN_AGE_MS = 2 * 86_400_000;

export class EmulatorTime {
  private readonly clock: Clock;
  private readonly settings: () => Table<SettingRow>;

  constructor(clock: Clock, settings: () => Table<SettingRow>) {
    this.clock = clock;
    this.settings = settings;
  }

  /** The machine's time, in whole milliseconds. */
  machineTime(): number {
    return Math.floor(this.clock.now());
  }

  now(): number {
    return Math.min(this.clock.now() + this.ahead + this.skew, LATEST);
  }

  /** How many milliseconds passed only in the emulator. */
  get ahead(): number {
    return this.value(AHEAD) + this.gainedBy(this.clock.now());
  }

  /** How many milliseconds the emulator's clock is ahead of the real time; negative if it is behind. */
  get skew(): number {
    return this.value(SKEW);
  }

  /** How many seconds pass in the emulator in one second. */
  get speed(): number {
    return this.value(SPEED, 1);
  }

  /** How many milliseconds more than this machine's time passed since the speed was set. */
  private gainedBy(at: number): number {
    if (this.speed === 1) return 0;
    // An accelerated clock stops at the latest date that Twilio's formats can show.
    const room = LATEST - at - this.value(AHEAD) - this.skew;
    return Math.max(0, Math.min(Math.floor((at - this.value(SINCE)) * (this.speed - 1)), room));
  }

  /** Stores the skew. Call it in a transaction, like all that follow. */
  setSkew(ms: number): void {
    this.put(SKEW, ms);
  }

  /** Lets time pass. Stored, because dates must not run backward after a restart. */
  advance(ms: number): void {
    const at = this.machineTime();
    this.forgetBefore(at - MAX_TOKEN_AGE_MS);
    const name = `clock-advance ${at}`;
    this.put(name, this.value(name) + ms);
    this.put(AHEAD, this.value(AHEAD) + ms);
  }

  /** Lets time pass at another speed from now on. The time that has passed stays. */
  setSpeed(speed: number): void {
    const at = this.machineTime();
    this.forgetBefore(at - MAX_TOKEN_AGE_MS);
    this.settle(at);
    this.put(SPEED, speed);
    this.put(SINCE, at);
  }

  /** Continues as if no time had passed in the emulator since this moment of the machine's time. */
  continueFrom(at: number): void {
    if (this.speed === 1) return;
    this.settle(at);
    this.put(SINCE, this.machineTime());
  }

  /** Ends a time at another speed than 1. */
  private settle(at: number): void {
    const gained = this.gainedBy(at);
    if (gained === 0) return;
    this.put(`clock-run ${this.value(SINCE)} ${at}`, gained);
    this.put(AHEAD, this.value(AHEAD) + gained);
  }

  private forgetBefore(at: number): void {
    for (const { sid } of this.settings().all()) {
      const end = ADVANCE.exec(sid)?.[1] ?? RUN.exec(sid)?.[2];
      if (end !== undefined && Number(end) < at) this.settings().delete(sid);
    }
  }

  /** Returns to the machine's time and speed. */
  reset(): void {
    for (const { sid } of this.settings().all()) if (sid.startsWith("clock-")) this.settings().delete(sid);
  }

  /**
   * The emulator's time when the machine's clock showed this second. Who signs a token knows only the machine's clock, and time that passed in the
   * emulator before that must not make the token older.
   */
  aheadAt(second: number): number {
    // A token of a signer that follows the emulator's own clock.
    if (second * 1000 > this.clock.now() + TOLERANCE_MS) return 0;
    // In this machine's own second, what came first is not known: a token may be new.
    const from = Number.isNaN(second) ? Number.POSITIVE_INFINITY : (second + 1) * 1000;
    const now = this.clock.now();
    const current = passedAfter(from, { since: this.value(SINCE), until: now, gained: this.gainedBy(now) });
    const earlier = this.settings()
      .all()
      .map(({ sid, value }) => {
        const [, since, until] = RUN.exec(sid) ?? [];
        if (since !== undefined) return passedAfter(from, { since: Number(since), until: Number(until), gained: value });
        return Number(ADVANCE.exec(sid)?.[1] ?? 0) >= from ? value : 0;
      })
      .reduce((sum, passed) => sum + passed, 0);
    return this.ahead - current - earlier;
  }

  private value(sid: string, absent = 0): number {
    return this.settings().get(sid)?.value ?? absent;
  }

  private put(sid: string, value: number): void {
    this.settings().put({ sid, value });
  }
}

/** Tolerated difference between the clocks of two machines. */
const TOLERANCE_MS = 60_000;

/** How much of the time that passed only in the emulator, steadily between two moments, passed after another moment. */
function passedAfter(from: number, { since, until, gained }: { since: number; until: number; gained: number }): number {
  if (gained === 0 || from >= until) return 0;
  return from <= since ? gained : Math.floor((gained * (until - from)) / (until - since));
}
