/** Twilio's errors. A rule says `throw fail(50416, { sid })`; error-texts.ts has status and text. */
import { ERROR_TEXTS } from "./error-texts";

/** An error that Twilio would return. The APIs turn it into `{code, message, more_info, status}`. */
export class TwilioError extends Error {
  readonly code: number;
  readonly status: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.name = "TwilioError";
    this.status = status;
    this.code = code;
  }
}

/** The resource in the path does not exist for this account. The API adds the path to the message. */
export class NotFound extends Error {}

/** The change could not be written to the state folder, for example because the disk is full. Nothing has changed. */
export class StateNotWritten extends Error {}

/** Creates the error with this code. `values` replace the placeholders `{name}` in its text. */
export function fail(code: number, values: Record<string, string | number> = {}): TwilioError {
  const entry = ERROR_TEXTS[code];
  if (!entry) throw new Error(`error ${code} is not defined`);
  const message = entry[1].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  return new TwilioError(entry[0], code, message);
}

/** The error for a parameter with an invalid value. */
export function invalidParameter(parameter: string, value: string): TwilioError {
  return fail(20001, { what: `Invalid value for parameter ${parameter}: ${value.slice(0, 200)}` });
}

/** The JSON body of an error response. */
export function envelope(error: { code: number; message: string; status: number }) {
  return {
    code: error.code,
    message: error.message,
    more_info: `https://www.twilio.com/docs/errors/${error.code}`,
    status: error.status,
  };
}

/** The error response for anything that a handler throws. Logs what is not an expected error. */
export function toTwilioError(error: unknown, { path, request }: { path: string; request: string }): TwilioError {
  if (error instanceof TwilioError) return error;
  if (error instanceof NotFound) return fail(20404, { path });
  if (error instanceof StateNotWritten) return fail(20503, { reason: error.message });
  console.error(`emulator: internal error while handling ${request}:`, error);
  return fail(20500);
}
