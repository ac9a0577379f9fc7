/**
 * Work without a request: timers of conversations, and what Twilio does shortly after a response, such as adding the
 * participants of ConversationWithParticipants and delivering text messages. Pending work is stored, so it continues
 * after a restart.
 */
import type { Domain } from "./domain";
import { StateNotWritten } from "./errors";
import { fireTimers } from "./resources/conversation-state";
import { conversationTable } from "./resources/conversation-table";
import { markDelivered, receiptTable } from "./resources/receipt";
import { deliver, smsTable } from "./resources/sms";
import { sendScheduled } from "./resources/sms-schedule";
import { addPending } from "./resources/with-participants";
import { everySecond } from "./ticker";

/** The delay after a response. Long enough for a client to see that the work is pending. */
const DELAY_MS = 25;

/** Runs the background work of a domain until it is stopped. Does not keep the process alive. */
export class Background {
  private readonly domain: Domain;
  private readonly stopTimers: () => void;
  private pending: NodeJS.Timeout | undefined;

  constructor(domain: Domain) {
    this.domain = domain;
    this.stopTimers = everySecond(domain, () => {
      this.run(() => runDue(domain));
      // Retries work whose changes could not be stored.
      this.schedule();
    });
    this.schedule();
  }

  /** Schedules the pending work, if there is any. Call it after every request. */
  schedule(): void {
    if (this.pending !== undefined || !hasWork(this.domain)) return;
    this.pending = setTimeout(() => {
      this.pending = undefined;
      // Adding participants may have created text messages.
      if (this.run(() => finishPending(this.domain))) this.schedule();
    }, DELAY_MS).unref();
  }

  stop(): void {
    this.stopTimers();
    clearTimeout(this.pending);
  }

  /** Returns whether the work succeeded. */
  private run(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      // The persistence has logged this error.
      if (!(error instanceof StateNotWritten)) console.error("emulator: background work failed:", error);
      return false;
    }
  }
}

function hasWork(domain: Domain): boolean {
  return (
    conversationTable.in(domain).by.pending("").length +
      smsTable.in(domain).by.pending("").length +
      receiptTable.in(domain).by.pending("").length >
    0
  );
}

/** Does what is due by the emulator's clock. */
export function runDue(domain: Domain): void {
  fireTimers(domain);
  sendScheduled(domain);
}

/** Finishes all pending work now. */
export function finishPending(domain: Domain): void {
  addPending(domain);
  domain.transact(() => {
    for (const sms of smsTable.in(domain).by.pending("")) deliver(domain.scope(sms.accountSid), sms);
    for (const receipt of receiptTable.in(domain).by.pending("")) markDelivered(domain.scope(receipt.accountSid), receipt);
  });
}
