/** Checks that several resources share: lengths, JSON attributes, references. */
import { fail, invalidParameter } from "../errors";
import { isSid } from "../sid";

/** The maximum size of attributes: 16 KiB for conversations, 4 KiB for everything else. */
export const CONVERSATION_ATTRIBUTES = 16 * 1024;
export const SMALL_ATTRIBUTES = 4 * 1024;

/** Returns attributes, which are a JSON string, as they were sent. An empty string means none. */
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

/** Returns the text, or fails if it has more than `max` characters. */
export function checkLength(text: string, max: number, error: number): string {
  if ([...text].length > max) throw fail(error);
  return text;
}

/** Returns the identity, or fails if it is missing, too long, or looks like a user's SID. */
export function checkIdentity(identity: string | undefined): string {
  if (!identity) throw fail(50204);
  if (isSid("US", identity)) throw fail(50206);
  return checkLength(identity, 256, 50207);
}

/** Returns the email address, or fails with an error that names the parameter. */
export function checkEmail(address: string, parameter: string): string {
  if (!/^[^\s@]+@[^\s@]+$/.test(address)) throw invalidParameter(parameter, address);
  return address;
}

/** Returns the SID, or fails with an error that names the parameter. */
export function checkSid(prefix: string, sid: string, parameter: string): string {
  if (!isSid(prefix, sid)) throw invalidParameter(parameter, sid);
  return sid;
}
