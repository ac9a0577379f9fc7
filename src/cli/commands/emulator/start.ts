import type { DataChange, Emulator, EmulatorOptions as StartOptions } from "../../../emulator";
import { isPortInUse } from "../../shared/common";
import { note } from "../../shared/output";

/** The options of `twilio-conversations emulator`. */
export interface EmulatorOptions {
  port: number;
  host?: string;
  allowHost?: readonly string[];
  state?: string;
  seed?: string;
  latency: number;
  writeLimit?: number;
  proxy?: true;
  data?: string;
  watch?: true;
  record?: string;
  json?: true;
}

/** What `emulator` and `emulator run` start, apart from the port. */
export function startOptions({ host, allowHost, state, seed, latency, writeLimit, data, watch, record }: EmulatorOptions): StartOptions {
  if (watch && data === undefined) throw new Error("--watch needs the file that it watches: add --data FILE");
  return {
    host,
    // Other machines are only served with checks of their requests.
    allowedHosts: host === undefined ? allowHost : (allowHost ?? []),
    stateDir: state,
    seed,
    latencyMs: latency,
    writeLimit,
    data,
    record,
    onDataChange: watch && ((change) => note(describeChange(String(data), change))),
  };
}

function describeChange(file: string, { created, updated, deleted, problems }: DataChange): string {
  if (problems.length > 0) {
    const lines = problems.map(({ line, path, message }) => `\n  ${[line && `line ${line}`, path, message].filter(Boolean).join(": ")}`);
    return `warning: ${file} was not applied, and nothing has changed:${lines.join("")}`;
  }
  const parts = Object.entries({ created, updated, deleted }).flatMap(([what, paths]) =>
    paths.length > 0 ? [`${what} ${paths.join(", ")}`] : [],
  );
  return `note: applied ${file}: ${parts.join("; ") || "nothing differs"}`;
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
