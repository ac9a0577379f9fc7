import { UsageError } from "../core/twilio/errors";

/** Twilio does not respond. It may come back without any action of the user. */
export class Unreachable extends UsageError {}

/** Sends a request to the emulator's control plane, below `/_emulator/`. */
export async function controlPlane(baseUrl: string, path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(`${baseUrl}/_emulator/${path}`, init);
  } catch {
    throw new Unreachable(`Twilio does not respond at ${baseUrl}. If it is the emulator, start it again. This page reconnects by itself.`);
  }
}
