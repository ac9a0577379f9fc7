import { isUnclear, TwilioError } from "../twilio/errors";
import type { Evidence } from "./creation-table";
import type { Definition } from "./definition";

/** The response to a create was about something else: it may have created another object, so it is not sent again. */
export const isInvalid = (error: unknown): boolean => error instanceof TwilioError && error.isInvalid;

/** What a failed create says about the object. */
export function evidenceOf(error: unknown, { purchase, isConflict }: Definition): Evidence {
  if (isUnclear(error)) return error.isLate ? "late response" : "lost response";
  const isRefusedFor = (refusal: TwilioError) => refusal.status === 409 || isConflict?.(refusal) || purchase?.isTaken(refusal);
  return error instanceof TwilioError && isRefusedFor(error) ? "conflict" : "refusal";
}
