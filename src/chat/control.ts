import { UsageError } from "../core/twilio/errors";

/** Nobody answers where Twilio should be. */
export class Away extends UsageError {}

/** Asks the local Twilio's control plane, at `/_emulator/` and this path. */
export async function control(baseUrl: string, path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(`${baseUrl}/_emulator/${path}`, init);
  } catch {
    throw new Away(`Twilio does not answer at ${baseUrl}. If that is the local one, start it again; this page goes on by itself.`);
  }
}
