import type { Request } from "./twilio";

/** Spaces the writes to one service of Twilio once it has refused one as too many per second. */
export interface Pace {
  /** Resolves when the next write may be sent: at once, until Twilio has refused one. Turns come in the order of the calls. */
  turn(): Promise<void>;
  recordAccepted(): void;
  recordThrottled(): void;
}

// Twilio documents 30 writes a second. A refusal before the first accepted write says nothing about the rate.
const leastPerSecond = 10;
// Timers are late: what they lose may be made up for, as long as it is little.
const maxCreditMs = 50;

const maxTimes = 1000;

/**
 * The pace of the writes that share a limit of Twilio's. The limit differs between accounts, so it is measured: at a refusal, it is the number of
 * writes that Twilio accepted in the last second. Then the rate rises by one a second, until the next refusal.
 */
export function pace(pause: (milliseconds: number) => Promise<unknown>, now: () => number = Date.now): Pace {
  let perSecond: number | undefined;
  let acceptedAt: number[] = [];
  let nextAt = 0;
  let last: Promise<void> = Promise.resolve();

  async function waitForTurn(): Promise<void> {
    const waitMs = nextAt - now();
    if (waitMs > 0) await pause(waitMs);
    nextAt = Math.max(now() - maxCreditMs, nextAt) + 1000 / (perSecond as number);
  }

  const lastSecond = () => acceptedAt.filter((at) => now() - at < 1000);

  return {
    turn() {
      if (perSecond === undefined) return last;
      last = last.then(waitForTurn);
      return last;
    },
    recordAccepted() {
      acceptedAt.push(now());
      if (acceptedAt.length > maxTimes) acceptedAt = lastSecond();
      if (perSecond !== undefined) perSecond += 1 / perSecond;
    },
    recordThrottled() {
      acceptedAt = lastSecond();
      perSecond = Math.max(leastPerSecond, acceptedAt.length);
    },
  };
}

/** The pace of each write: what Twilio counts together is the writes to one service, or to a product outside of its services. */
export function paces(pause: (milliseconds: number) => Promise<unknown>): (request: Request) => Pace | undefined {
  const known = new Map<string, Pace>();
  return ({ method, product, path }) => {
    if (method === "get") return undefined;
    const key = `${product} ${/\/Services\/[A-Z]{2}[0-9a-f]{32}\b/.exec(path)?.[0] ?? ""}`;
    const found = known.get(key) ?? pace(pause);
    known.set(key, found);
    return found;
  };
}
