/**
 * What happens without a request: timers of conversations, and what Twilio does a moment after it has
 * answered (adding the participants of ConversationWithParticipants, delivering texts). All of it is
 * stored as due, so a restart continues where the process ended.
 */
import type { Domain } from "./domain";
import { StateNotWritten } from "./errors";
import { fireTimers } from "./resources/conversation-state";
import { markDelivered } from "./resources/receipt";
import { deliver } from "./resources/sms";
import { addPending } from "./resources/with-participants";

/** How long after the answer the rest happens: long enough to be seen as not yet done. */
const MOMENT_MS = 25;
const TIMER_CHECK_MS = 1000;

/** Runs the background work of a domain until it is stopped; never keeps the process alive. */
export class Background {
  private readonly domain: Domain;
  private readonly timerCheck: NodeJS.Timeout;
  private moment: NodeJS.Timeout | undefined;

  constructor(domain: Domain) {
    this.domain = domain;
    this.timerCheck = setInterval(() => {
      this.run(() => fireTimers(domain));
      // What could not be kept when it was due is tried again.
      this.soon();
    }, TIMER_CHECK_MS).unref();
    this.soon();
  }

  /** To be called after every request: finishes what it left under way. */
  soon(): void {
    if (this.moment !== undefined || !hasWork(this.domain)) return;
    this.moment = setTimeout(() => {
      this.moment = undefined;
      // Adding participants may have led to texts.
      if (this.run(() => settle(this.domain))) this.soon();
    }, MOMENT_MS).unref();
  }

  stop(): void {
    clearInterval(this.timerCheck);
    clearTimeout(this.moment);
  }

  /** Whether it went well. */
  private run(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      // A folder that takes no writes has said so by itself.
      if (!(error instanceof StateNotWritten)) console.error("emulator: background work failed:", error);
      return false;
    }
  }
}

function hasWork({ find }: Domain): boolean {
  return find.conversationsPending("").length + find.smsUnderWay("").length + find.receiptsUnderWay("").length > 0;
}

/** Finishes everything under way, now. */
export function settle(domain: Domain): void {
  addPending(domain);
  domain.transact(() => {
    for (const sms of domain.find.smsUnderWay("")) deliver(domain.scope(sms.accountSid), sms);
    for (const receipt of domain.find.receiptsUnderWay("")) markDelivered(domain.scope(receipt.accountSid), receipt);
  });
}
