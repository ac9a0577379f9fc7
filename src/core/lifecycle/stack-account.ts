import { setTimeout as wait } from "node:timers/promises";
import { UsageError } from "../twilio/errors";

/** How long the first create of a run waits for a resource whose state contains the stack's account. */
export interface AccountWait {
  /** Ends the wait after this time without another declared resource. */
  readonly quietMs: number;
  /** Ends the wait in any case. */
  readonly maxMs: number;
}

/** Compares the account in the stack's state with the account of this run's credentials. */
export interface StackAccount {
  /** Throws if an object in the state belongs to another account. */
  verifyOwner(label: string, owner: unknown): void;
  /** The engine has checked one more resource. */
  recordCheck(): void;
  /**
   * Resolves when a create may begin. A program may declare a new resource before the existing ones; in a run without a preview, it would be
   * created in the wrong account before an existing resource proves the mistake.
   */
  confirmed(): Promise<void>;
  /** Resolves when the engine has checked what the program declares at once: each resource of the state has then shown what it has. */
  allChecked(): Promise<void>;
}

const pollMs = 20;

/** The account check of one run. By default, creates do not wait. */
export function stackAccount(accountSid: string, { quietMs, maxMs }: AccountWait = { quietMs: 0, maxMs: 0 }): StackAccount {
  let isConfirmed = false;
  let mismatch: string | undefined;
  let lastCheck = 0;
  let waiting: Promise<void> | undefined;

  async function waitWhile(isNeeded: () => boolean): Promise<void> {
    const begun = Date.now();
    while (isNeeded() && Date.now() - begun < maxMs && Date.now() - lastCheck < quietMs) await wait(pollMs);
  }

  async function waitForProof(): Promise<void> {
    await waitWhile(() => !isConfirmed && !mismatch);
    isConfirmed = true;
  }

  return {
    verifyOwner(label, owner) {
      if (typeof owner !== "string") return;
      if (owner === accountSid) {
        isConfirmed = true;
        return;
      }
      mismatch =
        `${label} belongs to account ${owner}, but the credentials are those of account ${accountSid}. ` +
        "Nothing was changed. Use credentials for the stack's account, or a separate stack for the other account.";
      throw new UsageError(mismatch);
    },
    recordCheck() {
      lastCheck = Date.now();
    },
    allChecked: () => waitWhile(() => true),
    async confirmed() {
      waiting ??= waitForProof();
      await waiting;
      if (mismatch) throw new UsageError(`Cannot create a resource, because the stack belongs to another account: ${mismatch}`);
    },
  };
}
