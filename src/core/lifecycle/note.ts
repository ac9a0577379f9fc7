import { createHash } from "node:crypto";
import { UsageError } from "../twilio/errors";

/** What was recorded of a create before its request was sent. */
export interface Note {
  /** Which create the note is about. */
  readonly key?: string;
  /** When the create began by this machine's clock, ISO 8601. */
  readonly at: string;
  /** When its last request was sent by Twilio's clock, ISO 8601, where that was later: Twilio may have made it wait. */
  readonly sentAt?: string;
  /** How far Twilio's clock was ahead then, in milliseconds; absent where no response had told it. The machine's clock may be set later. */
  readonly skewMs?: number;
  /** The SID in Twilio's response, once there was one. */
  readonly sid?: string;
  /** There was no response, and a search until the end of the window did not find the object. */
  readonly searched?: true;
  /** The response was lost: a broken connection, or an error of Twilio itself. */
  readonly connectionLost?: true;
}

/** Without its note, what an interrupted run did could be lost, so nothing is sent. */
export const noteNotWritten = (attempt: string, note: string): UsageError =>
  new UsageError(
    `${attempt}: ${note} cannot be written; nothing was sent. ` +
      "Make room in the cache folder (XDG_CACHE_HOME, else ~/.cache) and make it writable.",
  );

/** A digest in place of a value: it may be secret, and notes hold no secret. */
export const noteDigest = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 22);
