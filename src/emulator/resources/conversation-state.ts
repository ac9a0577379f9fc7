/**
 * The life of a conversation: `initializing`, then `active` and `inactive` in turn, then `closed` for good.
 * Updates, activity and timers move it along.
 */
import type { Domain, Scope } from "../domain";
import { fail, StateNotWritten } from "../errors";
import type { ConversationRecord, ConversationState } from "./conversation";

/** Answers 50377 or 50386 when the conversation may not change, or take a message, any more or yet. */
export function checkOpen(conversation: ConversationRecord): void {
  if (conversation.state === "closed") throw fail(50377);
  if (conversation.state === "initializing") throw fail(50386);
}

/** Tells of a change of state, if there was one. */
export function announceState(at: Scope, before: ConversationRecord, after: ConversationRecord, reason: "API" | "TIMER" | "EVENT"): void {
  if (before.state === after.state) return;
  at.domain.announce(at, "conversationStateUpdated", { conversation: after, from: before.state, to: after.state, reason });
}

/** Moves the conversation to another state for a reason other than an update. */
export function changeState(at: Scope, before: ConversationRecord, to: ConversationState, reason: "TIMER" | "EVENT"): ConversationRecord {
  const now = at.domain.now();
  const after = at.domain.conversations.put(withTimers({ ...before, state: to, dateUpdated: now }, now));
  announceState(at, before, after, reason);
  return after;
}

/** The record with the dates its timers lead to when counted from now. */
export function withTimers(conversation: ConversationRecord, now: number): ConversationRecord {
  const { state, inactiveTimer, closedTimer } = conversation;
  return {
    ...conversation,
    dateInactive: state === "active" && inactiveTimer !== null ? now + inactiveTimer : null,
    dateClosed: (state === "active" || state === "inactive") && closedTimer !== null ? now + closedTimer : null,
  };
}

/** Something happened in the conversation: an inactive one wakes up, and its timers start anew. */
export function noteActivity(at: Scope, sid: string): void {
  const conversation = at.domain.conversations.get(sid);
  if (!conversation) return;
  if (conversation.state === "inactive") changeState(at, conversation, "active", "EVENT");
  else if (conversation.dateInactive !== null || conversation.dateClosed !== null) {
    at.domain.conversations.put(withTimers(conversation, at.domain.now()));
  }
}

/** Sets Twilio's clock wrong, or right again. What a timer has left stays what it was. */
export function skewClock(domain: Domain, ms: number): void {
  const shift = ms - domain.skew;
  const shifted = (date: number | null) => (date === null ? null : date + shift);
  domain.transact(() => {
    domain.setSkew(ms);
    for (const conversation of domain.find.conversationsTimed("")) {
      const { dateInactive, dateClosed } = conversation;
      domain.conversations.put({ ...conversation, dateInactive: shifted(dateInactive), dateClosed: shifted(dateClosed) });
    }
  });
}

/** Carries out every timer that is due, oldest first. One that cannot be kept stays due: no reason to refuse who only reads. */
export function fireTimers(domain: Domain): void {
  const due = (conversation: ConversationRecord) => Math.min(conversation.dateInactive ?? Infinity, conversation.dateClosed ?? Infinity);
  const now = domain.now();
  const waiting = domain.find.conversationsTimed("").filter((conversation) => due(conversation) <= now);
  try {
    for (const conversation of waiting.sort((a, b) => due(a) - due(b))) {
      domain.transact(() => fireTimer(domain, conversation, now));
    }
  } catch (error) {
    if (!(error instanceof StateNotWritten)) throw error;
  }
}

function fireTimer(domain: Domain, conversation: ConversationRecord, now: number): void {
  const at = domain.scope(conversation.accountSid, { source: "TIMER", webhooksEnabled: true });
  let current = conversation;
  if (current.dateInactive !== null && current.dateInactive <= now) {
    // The closing date counts from the last activity, so becoming inactive leaves it alone.
    const inactive: ConversationRecord = { ...current, state: "inactive", dateUpdated: current.dateInactive, dateInactive: null };
    domain.conversations.put(inactive);
    announceState(at, current, inactive, "TIMER");
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
    domain.conversations.put(closed);
    announceState(at, current, closed, "TIMER");
  }
}
