import type { Emulator } from "pulumi-twilio-conversations/emulator";
import { control } from "./api.mts";

/** The emulator of a state folder. Either this process runs it or another one that started before. */
export interface StackEmulator extends Pick<Emulator, "url" | "accountSid" | "authToken"> {
  /** Whether this process runs the emulator. */
  isOwn: boolean;
  close(): Promise<void>;
}

/** Uses the running emulator of the folder, or starts one. The engine's provider processes find it through the folder's lock file. */
export async function openEmulator(stateDir: string): Promise<StackEmulator> {
  // Loaded late: this run may have just built the package.
  const { attachEmulator } = await import("pulumi-twilio-conversations/emulator");
  const emulator = await attachEmulator(stateDir);
  const { pid } = await control<{ pid: number }>(emulator, "health");
  return { ...emulator, isOwn: pid === process.pid };
}
