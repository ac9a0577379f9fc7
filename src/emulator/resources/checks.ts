/** Rules that several resources share: lengths, JSON attributes, references. */
import type { Base } from "../domain";
import { fail, NotFound, type TwilioError } from "../errors";
import { isSid } from "../sid";

/** Longest attributes: conversations hold 16 KiB, everything else 4 KiB. */
export const CONVERSATION_ATTRIBUTES = 16 * 1024;
export const SMALL_ATTRIBUTES = 4 * 1024;

/** Attributes are a JSON text, kept as it was sent; an empty one means none. */
export function checkAttributes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) > maxBytes) throw fail(50303);
  if (text === "") return "{}";
  try {
    JSON.parse(text);
  } catch {
    throw fail(50304);
  }
  return text;
}

/** The text, unless it has more than `max` characters. */
export function checkLength(text: string, max: number, error: number): string {
  if ([...text].length > max) throw fail(error);
  return text;
}

/** An identity: present, not too long, not mistakable for a user's SID. */
export function checkIdentity(identity: string | undefined): string {
  if (!identity) throw fail(50204);
  if (isSid("US", identity)) throw fail(50206);
  return checkLength(identity, 256, 50207);
}

/** A page of one's own things only: what belongs to another account does not exist. */
export function owned<T extends Base>(accountSid: string, record: T | undefined): T {
  if (!record || record.accountSid !== accountSid) throw new NotFound();
  return record;
}

/** The SID, when it has the right form; else an error that names the parameter. */
export function checkSid(prefix: string, sid: string, parameter: string): string {
  if (!isSid(prefix, sid)) throw invalid(parameter, sid);
  return sid;
}

/** The general answer to a parameter whose value cannot be used. */
export function invalid(parameter: string, value: string): TwilioError {
  return fail(20001, { what: `Invalid value for parameter ${parameter}: ${value.slice(0, 200)}` });
}

/** The changed record with a new date_updated; equal seconds are kept apart from nothing, as at Twilio. */
export function changed<T extends Base>(record: T, changes: Partial<T>, now: number): T {
  return { ...record, dateUpdated: now, ...changes };
}
