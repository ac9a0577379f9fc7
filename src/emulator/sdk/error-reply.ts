/** The error replies to socket messages. */
import { STATUS_CODES } from "node:http";
import { envelope, toTwilioError } from "../errors";

/** An error as the reply to a socket message. */
export interface ErrorReply {
  status: number;
  body: ReturnType<typeof envelope>;
}

/** The reply for anything that a handler throws. */
export function errorOf(thrown: unknown, path = ""): ErrorReply {
  const error = toTwilioError(thrown, { path, request: "an SDK request" });
  return { status: error.status, body: envelope(error) };
}

/** The name of an HTTP status, as Twilio sends it with a result: `Forbidden`. The SDK uses it as the message of its error. */
export const reasonOf = (status: number): string => STATUS_CODES[status] ?? "Unknown";

/** The name of the status of a socket message: `UNAUTHORIZED`. */
export const socketReasonOf = (status: number): string => reasonOf(status).toUpperCase().replace(/\W+/g, "_");
