import { nextStep, TwilioError } from "../../../core/twilio/errors";

/** One thing that was tried. */
export interface Check {
  /** What was tried: `message`, `token`, `conversations` or `webhooks`. */
  readonly name: string;
  readonly ok: boolean;
  /** It could not be tried, which is no failure; `detail` says why. */
  readonly skipped?: true;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  /** What was seen, in words. Holds no secret. */
  readonly detail: string;
  /** What to do about a failure, or to have it tried the next time. */
  readonly cure?: string;
}

/** What a check ends in that has found a fault. */
export class Fault extends Error {
  constructor(
    detail: string,
    readonly cure: string,
  ) {
    super(detail);
  }
}

/** What a check ends in that lacks something to be tried with. */
export class Skipped extends Fault {}

/** Tries one thing: the work returns what it has seen, or throws. */
export async function check(name: string, work: () => Promise<string>): Promise<Check> {
  const began = performance.now();
  const result = await work().then((detail) => ({ ok: true, detail }), explain);
  return { name, ...result, ms: Math.round(performance.now() - began) };
}

function explain(error: unknown): Omit<Check, "name" | "ms"> {
  if (error instanceof Skipped) return { ok: true, skipped: true, detail: error.message, cure: error.cure };
  if (error instanceof Fault) return { ok: false, detail: error.message, cure: error.cure };
  if (!(error instanceof TwilioError)) throw error;
  const [what = "", facts = ""] = error.message.split("\n");
  // Without a code, the general advice is that for a deployment, of which this is none.
  const cure = error.code === undefined ? undefined : nextStep({ status: error.status, code: error.code, message: error.reason });
  return { ok: false, detail: `${what} ${facts.trim()}`, cure: cure ?? "see https://status.twilio.com, and verify again." };
}
