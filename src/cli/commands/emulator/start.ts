import type { Emulator, EmulatorOptions as StartOptions } from "../../../emulator";
import { isPortInUse } from "../../shared/common";

/** The options of `twilio-conversations emulator`. */
export interface EmulatorOptions {
  port: number;
  state?: string;
  seed?: string;
  latency: number;
  proxy?: true;
  json?: true;
}

/** Starts an emulator. An error says which option helps. */
export async function startOrExplain(options: StartOptions): Promise<Emulator> {
  // Loaded here, so that --help and usage errors are fast.
  const { startEmulator } = await import("../../../emulator");
  return startEmulator(options).catch((error: unknown) => {
    if (!isPortInUse(error)) throw error;
    throw new Error(`port ${options.port} is in use; choose another port with --port, or any free port with --port 0`);
  });
}
