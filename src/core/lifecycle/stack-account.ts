import { setTimeout as wait } from "node:timers/promises";
import { UsageError } from "../twilio/errors";

/** How long the first create of a run waits for a resource that tells the stack's account. */
export interface AccountWait {
  /** Nothing more was declared for so long. */
  readonly quietMs: number;
  /** At the most. */
  readonly mostMs: number;
}

/** The account that a stack's objects are in, as its state tells it, compared with the one that this run has credentials for. */
export interface StackAccount {
  /** An object of the state: throws where it belongs to another account. */
  verifyOwner(what: string, owner: unknown): void;
  /** The engine asks about one more resource. */
  recordCheck(): void;
  /**
   * To be waited for before anything new is made. A new resource may be declared before the old ones, and in a run without a preview it would be
   * made in the wrong account before any of those could object.
   */
  confirmed(): Promise<void>;
}

const pollMs = 20;

/** Watches over one run. Without patience, nothing is waited for. */
export function stackAccount(accountSid: string, { quietMs, mostMs }: AccountWait = { quietMs: 0, mostMs: 0 }): StackAccount {
  let isCertain = false;
  let objection: string | undefined;
  let lastAsked = 0;
  let waiting: Promise<void> | undefined;

  async function watch(): Promise<void> {
    const begun = Date.now();
    while (!isCertain && !objection && Date.now() - begun < mostMs && Date.now() - lastAsked < quietMs) await wait(pollMs);
    isCertain = true;
  }

  return {
    verifyOwner(what, owner) {
      if (typeof owner !== "string") return;
      isCertain ||= owner === accountSid;
      if (owner === accountSid) return;
      objection =
        `${what} belongs to account ${owner}, but the credentials are those of account ${accountSid}. ` +
        "Nothing was changed. Use the account of this stack, or another stack for the other account.";
      throw new UsageError(objection);
    },
    recordCheck() {
      lastAsked = Date.now();
    },
    async confirmed() {
      waiting ??= watch();
      await waiting;
      if (objection) throw new UsageError(`Not created, for the stack is another account's: ${objection}`);
    },
  };
}
