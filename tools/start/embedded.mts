import type { Emulator } from "pulumi-twilio-conversations/emulator";
import { control } from "./twilio.mts";

/** The Twilio of a state folder: served by this process, or by another one that was there before. */
export interface LocalTwilio extends Pick<Emulator, "url" | "accountSid" | "authToken"> {
  /** Whether it ends with this process. */
  own: boolean;
  close(): Promise<void>;
}

/** Uses the Twilio that serves the folder, or serves it. The engine's provider processes find it by the folder's lock file. */
export async function openTwilio(stateDir: string): Promise<LocalTwilio> {
  // Loaded late: the package may have been built a moment ago.
  const { attachEmulator } = await import("pulumi-twilio-conversations/emulator");
  const emulator = await attachEmulator(stateDir);
  const { pid } = await control<{ pid: number }>(emulator, "health");
  return { ...emulator, own: pid === process.pid };
}
