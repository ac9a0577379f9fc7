/** The clock: lets time pass, at once or faster than in reality, or sets it ahead or behind. */
import { finishPending, runDue } from "../background";
import { isoDate, LATEST } from "../dates";
import type { Domain } from "../domain";
import { resetClock, skewClock } from "../resources/conversation-state";
import { type ControlCall, ControlError } from "./call";

/** Twenty years. */
const MAX_SKEW_S = 20 * 365 * 86_400;
/** A day in each second. */
const MAX_SPEED = 86_400;

/** The emulator's time, and how it differs from the machine's. */
interface ClockBody {
  now: string;
  skewSeconds: number;
  /** How much time passed only in the emulator. */
  advancedSeconds: number;
  speed: number;
}

interface ClockChange {
  advanceSeconds?: number;
  skewSeconds?: number;
  speed?: number;
}

/** `GET /_emulator/clock`. */
export function showClock({ context: { domain } }: Pick<ControlCall, "context">): ClockBody {
  const { skew, ahead, speed } = domain.time;
  return { now: isoDate(domain.now()), skewSeconds: skew / 1000, advancedSeconds: ahead / 1000, speed };
}

/**
 * `advanceSeconds` moves the time forward. `skewSeconds` sets how far the clock is ahead of the real time, or behind it if
 * negative, without any time passing. `speed` sets how many seconds pass in one second from now on.
 */
export function setClock(call: ControlCall): ClockBody {
  const { domain, background } = call.context;
  const { advanceSeconds, skewSeconds, speed } = readChange(domain, call.input as Record<string, unknown>);
  // Pending work belongs to the time before the change.
  finishPending(domain);
  if (skewSeconds !== undefined) skewClock(domain, skewSeconds * 1000);
  if (speed !== undefined) domain.transact(() => domain.time.setSpeed(speed));
  if (advanceSeconds !== undefined) domain.transact(() => domain.time.advance(advanceSeconds * 1000));
  runDue(domain);
  // Scheduled texts may have become pending.
  background.schedule();
  return showClock(call);
}

/** `DELETE /_emulator/clock`. */
export function deleteClock(call: ControlCall): ClockBody {
  finishPending(call.context.domain);
  resetClock(call.context.domain);
  return showClock(call);
}

function readChange(domain: Domain, { advanceSeconds, skewSeconds, speed }: Record<string, unknown>): ClockChange {
  if (advanceSeconds === undefined && skewSeconds === undefined && speed === undefined)
    throw new ControlError(400, "advanceSeconds, skewSeconds or speed is required");
  if (advanceSeconds !== undefined && !(isNumber(advanceSeconds) && advanceSeconds >= 0))
    throw new ControlError(400, `advanceSeconds must be a number of at least 0, but is ${JSON.stringify(advanceSeconds)}`);
  if (skewSeconds !== undefined && !isBetween(skewSeconds, -MAX_SKEW_S, MAX_SKEW_S)) {
    const received = JSON.stringify(skewSeconds);
    throw new ControlError(400, `skewSeconds must be a number between -${MAX_SKEW_S} and ${MAX_SKEW_S}, but is ${received}`);
  }
  if (speed !== undefined && !isBetween(speed, 1, MAX_SPEED))
    throw new ControlError(400, `speed must be a number between 1 and ${MAX_SPEED}, but is ${JSON.stringify(speed)}`);
  if (domain.now() + Number(advanceSeconds ?? 0) * 1000 > LATEST) throw new ControlError(400, "the clock cannot go beyond the year 9998");
  return { advanceSeconds, skewSeconds, speed } as ClockChange;
}

const isNumber = (value: unknown): value is number => typeof value === "number";
const isBetween = (value: unknown, min: number, max: number) => isNumber(value) && value >= min && value <= max;
