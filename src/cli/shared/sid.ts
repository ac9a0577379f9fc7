import { TwilioError } from "../../core/twilio/errors";
import { isSidOf } from "../../core/twilio/sid";

/** A SID of a response. It becomes a part of a file name or of a path, so it must have the form of one. */
export function sidIn(value: unknown, prefix: string, attempt: string): string {
  if (typeof value === "string" && isSidOf(prefix, value)) return value;
  const message = `what the response names must be a SID (${prefix} and 32 hex digits); received ${JSON.stringify(value) ?? "none"}`;
  throw new TwilioError(attempt, { status: 0, message, isRead: true, isInvalid: true });
}
