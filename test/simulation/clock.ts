/** Virtual time: waits take none, and everything that happens between two waits happens at one moment. */
const RealDate = Date;
const nextTurn = setImmediate;

/** When every history begins. */
const beginning = RealDate.parse("2030-01-01T00:00:00Z");

interface Timer {
  readonly at: number;
  readonly serial: number;
  readonly action: () => void;
}

export class VirtualClock {
  /** Twilio's time, which is the true one. */
  now = beginning;
  /** How far the clock of the machine that runs Pulumi is ahead. */
  machineAheadMs = 0;
  private serial = 0;
  private timers: Timer[] = [];

  /** Does something later. */
  after(ms: number, action: () => void): void {
    this.serial += 1;
    this.timers.push({ at: this.now + Math.max(0, ms), serial: this.serial, action });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets time pass until a task has ended. */
  async until<T>(task: Promise<T>): Promise<T> {
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
    };
    task.then(end, end);
    for (;;) {
      await turn();
      if (hasEnded) return task;
      if (!this.fireNext()) throw new Error("Everything waits, and nothing will happen any more.");
    }
  }

  private fireNext(): boolean {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (!next || timer.at < next.at || (timer.at === next.at && timer.serial < next.serial)) next = timer;
    }
    if (!next) return false;
    this.timers.splice(this.timers.indexOf(next), 1);
    this.now = Math.max(this.now, next.at);
    next.action();
    return true;
  }

  /** Makes `Date` this clock's for as long as a task runs. */
  async governing<T>(task: () => Promise<T>): Promise<T> {
    const machineNow = () => this.now + this.machineAheadMs;
    class VirtualDate extends RealDate {
      constructor(...args: [] | [number | string | Date]) {
        if (args.length === 0) super(machineNow());
        else super(...args);
      }
      static override now(): number {
        return machineNow();
      }
    }
    globalThis.Date = VirtualDate as DateConstructor;
    try {
      return await task();
    } finally {
      globalThis.Date = RealDate;
    }
  }
}

/** Everything that can happen without time passing has happened. */
const turn = (): Promise<void> => new Promise((resolve) => nextTurn(resolve));
