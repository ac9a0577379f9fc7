/** The error replies to socket messages. */
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
