import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../twilio/errors";

/** Decides whether objects that Twilio does not find are gone, or whether the run asks in the wrong place. */
export interface MissingObjects {
  /** A read has begun; the function that it returns ends it. */
  recordRead(): () => void;
  /** An object of the stack, or of its program, is where the run asks. */
  recordFound(): void;
  /** Resolves where an object that was not found counts as gone. Throws where none of several is found. */
  confirmGone(id: string): Promise<void>;
}

const pollMs = 10;
// The engine sends its reads in parallel; between two of them lies less than this.
const quietMs = 150;
const maxMs = 5_000;

/**
 * The answers of one run. An account exists in several regions, and an emulator may have any account's SID; in the wrong place, nothing is
 * found, and a refresh would drop a whole stack, whose next update would buy everything again. `place` names where the run asks.
 */
export function missingObjects(place: string, isAccepted: boolean, wait: (ms: number) => Promise<unknown> = sleep): MissingObjects {
  const missing = new Set<string>();
  let reading = 0;
  let lastChange = 0;
  let isAnyFound = false;

  const isSettled = () => reading === 0 && Date.now() - lastChange >= quietMs;

  /** The missing objects that are not inside another one that is missing: what is inside is gone with it. */
  const roots = () => [...missing].filter((id) => ![...missing].some((other) => id.startsWith(`${other}/`)));

  return {
    recordRead() {
      reading += 1;
      lastChange = Date.now();
      return () => {
        reading -= 1;
        lastChange = Date.now();
      };
    },

    recordFound() {
      isAnyFound = true;
    },

    async confirmGone(id) {
      missing.add(id);
      const begun = Date.now();
      while (!isAnyFound && !isSettled() && Date.now() - begun < maxMs) await wait(pollMs);
      if (isAnyFound || isAccepted || roots().length < 2) return;
      throw new UsageError(
        `None of the stack's objects that were read is found at ${place}, so nothing was removed from the state. Check account, region and ` +
          "base URL. If somebody has deleted them all, set twilio:acceptAllMissing to true for one refresh.",
      );
    },
  };
}
