/** What programs do with a running emulator: in its own process directly, in another process through its control plane. */
import type { Snapshots } from "./snapshots/snapshots";
import type { SnapshotInfo } from "./snapshots/storage";

/** Named states. A snapshot contains everything: records, clock, credentials, media, counters and timers. */
export interface EmulatorSnapshots {
  /** Saves the state. Replaces a snapshot with this name. */
  save(name: string): Promise<SnapshotInfo>;
  /** Replaces the state by the saved one. Connected clients of the chat SDK receive the difference. */
  restore(name: string): Promise<SnapshotInfo>;
  list(): Promise<SnapshotInfo[]>;
  delete(name: string): Promise<void>;
}

/** The snapshots of an emulator in this process. */
export const localSnapshots = (snapshots: Snapshots): EmulatorSnapshots => ({
  save: async (name) => snapshots.save(name),
  restore: async (name) => snapshots.restore(name),
  list: async () => snapshots.list(),
  delete: async (name) => snapshots.delete(name),
});

/** The snapshots of an emulator in another process. */
export const remoteSnapshots = (url: string): EmulatorSnapshots => ({
  save: (name) => control(url, "POST", "snapshots", { name }),
  restore: (name) => control(url, "POST", `snapshots/${encodeURIComponent(name)}/restore`),
  list: async () => (await control<{ snapshots: SnapshotInfo[] }>(url, "GET", "snapshots")).snapshots,
  delete: async (name) => void (await control(url, "DELETE", `snapshots/${encodeURIComponent(name)}`)),
});

/** Sends a request to the control plane of an emulator. */
export async function control<T>(url: string, method: "GET" | "POST" | "DELETE", path: string, input?: object): Promise<T> {
  const response = await fetch(`${url}/_emulator/${path}`, { method, ...(input && { body: JSON.stringify(input) }) });
  const answer = (await response.json()) as { message?: string };
  if (!response.ok) throw new Error(`The emulator at ${url} refuses ${method} ${path}: ${answer.message ?? `HTTP ${response.status}`}`);
  return answer as T;
}
