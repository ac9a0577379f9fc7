/**
 * The states of a conversation: `initializing`, then `active` and `inactive` alternately, and finally `closed`.
 * Updates, activity and timers change the state.
 */
import type { Domain, Scope } from "../domain";
import { fail, StateNotWritten } from "../errors";
import { type ConversationRecord, type ConversationState, conversationTable } from "./conversation-table";

/** Fails with 50377 or 50386 if the conversation accepts no changes and messages: it is closed, or still initializing. */
export function checkOpen(conversation: ConversationRecord): void {
  if (conversation.state === "closed") throw fail(50377);
  if (conversation.state === "initializing") throw fail(50386);
}

/** Announces a change of state, if there was one. */
export function announceState(
  scope: Scope,
  before: ConversationRecord,
  after: ConversationRecord,
  reason: "API" | "TIMER" | "EVENT",
): void {
  if (before.state === after.state) return;
  scope.domain.announce(scope, "conversationStateUpdated", { conversation: after, from: before.state, to: after.state, reason });
}

/** Moves the conversation to another state for a reason other than an update. */
export function changeState(
  scope: Scope,
  before: ConversationRecord,
  to: ConversationState,
  reason: "TIMER" | "EVENT",
): ConversationRecord {
  const now = scope.domain.now();
  const after = conversationTable.in(scope.domain).put(withTimers({ ...before, state: to, dateUpdated: now }, now));
  announceState(scope, before, after, reason);
  return after;
}

/** The record with the dates at which its timers expire if they start now. */
export function withTimers(conversation: ConversationRecord, now: number): ConversationRecord {
  const { state, inactiveTimer, closedTimer } = conversation;
  return {
    ...conversation,
    dateInactive: state === "active" && inactiveTimer !== null ? now + inactiveTimer : null,
    dateClosed: (state === "active" || state === "inactive") && closedTimer !== null ? now + closedTimer : null,
  };
}

/** Activity in a conversation makes it active again and restarts its timers. */
export function recordActivity(scope: Scope, sid: string): void {
  const conversation = conversationTable.in(scope.domain).get(sid);
  if (!conversation) return;
  if (conversation.state === "inactive") changeState(scope, conversation, "active", "EVENT");
  else if (conversation.dateInactive !== null || conversation.dateClosed !== null) {
    conversationTable.in(scope.domain).put(withTimers(conversation, scope.domain.now()));
  }
}

/** Sets how far the clock is wrong. The remaining time of each timer stays the same. */
export function skewClock(domain: Domain, ms: number): void {
  setClock(domain, () => domain.time.setSkew(ms));
}

/** Returns to the machine's time. As far as conversations are concerned, no time passes. */
export function resetClock(domain: Domain): void {
  setClock(domain, () => domain.time.reset());
}

function setClock(domain: Domain, change: () => void): void {
  const before = domain.time.ahead + domain.time.skew;
  domain.transact(() => {
    change();
    shiftTimers(domain, domain.time.ahead + domain.time.skew - before);
  });
}

/** Moves all timers, so that their remaining time stays the same on a clock that was moved. Call it in a transaction. */
export function shiftTimers(domain: Domain, ms: number): void {
  const shifted = (date: number | null) => (date === null ? null : date + ms);
  for (const conversation of conversationTable.in(domain).by.timer("")) {
    const { dateInactive, dateClosed } = conversation;
    conversationTable.in(domain).put({ ...conversation, dateInactive: shifted(dateInactive), dateClosed: shifted(dateClosed) });
  }
}

/** Executes all timers that are due, oldest first. A change that cannot be stored stays due: reading must still work. */
export function fireTimers(domain: Domain): void {
  const due = (conversation: ConversationRecord) => Math.min(conversation.dateInactive ?? Infinity, conversation.dateClosed ?? Infinity);
  const now = domain.now();
  const waiting = conversationTable
    .in(domain)
    .by.timer("")
    .filter((conversation) => due(conversation) <= now);
  try {
    for (const conversation of waiting.sort((a, b) => due(a) - due(b))) {
      domain.transact(() => fireTimer(domain, conversation, now));
    }
  } catch (error) {
    if (!(error instanceof StateNotWritten)) throw error;
  }
}

function fireTimer(domain: Domain, conversation: ConversationRecord, now: number): void {
  const scope = domain.scope(conversation.accountSid, { source: "TIMER", webhooksEnabled: true });
  let current = conversation;
  if (current.dateInactive !== null && current.dateInactive <= now) {
    // The closing date depends on the last activity, so becoming inactive does not change it.
    const inactive: ConversationRecord = { ...current, state: "inactive", dateUpdated: current.dateInactive, dateInactive: null };
    conversationTable.in(domain).put(inactive);
    announceState(scope, current, inactive, "TIMER");
    current = inactive;
  }
  if (current.dateClosed !== null && current.dateClosed <= now) {
    const closed: ConversationRecord = {
      ...current,
      state: "closed",
      dateUpdated: current.dateClosed,
      dateInactive: null,
      dateClosed: null,
    };
    conversationTable.in(domain).put(closed);
    announceState(scope, current, closed, "TIMER");
  }
}
