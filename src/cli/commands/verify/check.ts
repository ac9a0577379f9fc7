import { nextStep, TwilioError } from "../../../core/twilio/errors";

/** The result of one check. */
export interface Check {
  /** What was checked: `message`, `token`, `conversations` or `webhooks`. */
  readonly name: string;
  /** Whether the check ran and found no fault. */
  readonly ok: boolean;
  /** It could not be checked, so nothing is known; `detail` says why. */
  readonly skipped?: true;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** What was found, in words. Contains no secret. */
  readonly detail: string;
  /** How to fix a failure, or how to enable a skipped check. */
  readonly fix?: string;
}

/** A check failed. */
export class Fault extends Error {
  constructor(
    detail: string,
    readonly fix: string,
  ) {
    super(detail);
  }
}

/** A check could not run, because something that it needs is missing. */
export class Skipped extends Fault {}

/** Runs one check: the work returns what it found, or throws. */
export async function check(name: string, work: () => Promise<string>): Promise<Check> {
  const began = performance.now();
  const result = await work().then((detail) => ({ ok: true, detail }), explain);
  return { name, ...result, ms: Math.round(performance.now() - began) };
}

function explain(error: unknown): Omit<Check, "name" | "ms"> {
  if (error instanceof Skipped) return { ok: false, skipped: true, detail: error.message, fix: error.fix };
  if (error instanceof Fault) return { ok: false, detail: error.message, fix: error.fix };
  if (!(error instanceof TwilioError)) throw error;
  // Without a code, the general advice is for deployments, and this is not one.
  const fix = error.code === undefined ? undefined : nextStep({ status: error.status, code: error.code, message: error.reason });
  return { ok: false, detail: `${error.summary} ${error.facts}`, fix: fix ?? "see https://status.twilio.com, and run verify again." };
}
