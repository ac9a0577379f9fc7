/** What programs see of a running emulator. The published types import nothing else of it, so that its tables and stores stay internal. */

/** An entry of the list of snapshots. */
export interface SnapshotInfo {
  name: string;
  /** By the machine's clock: `2026-01-31T12:00:00.000Z`. */
  savedAt: string;
}

/** Named states. A snapshot contains everything: records, clock, credentials, media, counters and timers. */
export interface EmulatorSnapshots {
  /** Saves the state. Replaces a snapshot with this name. */
  save(name: string): Promise<SnapshotInfo>;
  /** Replaces the state by the saved one. Connected clients of the chat SDK receive the difference. */
  restore(name: string): Promise<SnapshotInfo>;
  list(): Promise<SnapshotInfo[]>;
  delete(name: string): Promise<void>;
}

/** An emulator beside the main one, with an account of its own. Clients reach it with its credentials at the main one's URL, or through its proxy. */
export interface Namespace {
  name: string;
  /** The URL for clients, which all namespaces share. */
  url: string;
  /** Its control plane: `${controlUrl}/clock`. */
  controlUrl: string;
  accountSid: string;
  authToken: string;
  apiKey: string;
  apiSecret: string;
  /** Saves and restores the namespace by name. They end with it. */
  snapshots: EmulatorSnapshots;
  /** Deletes the namespace's state except the credentials. */
  reset(): Promise<void>;
  /** Deletes the namespace. */
  close(): Promise<void>;
}
