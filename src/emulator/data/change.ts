/** What callers see of a data file: what a change of it did, and the SIDs of its objects. */
import type { Problem } from "./problems";

/** The SIDs of the objects: by section, then by name. */
export type DataSids = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The paths of what changed. */
export interface Changes {
  readonly created: string[];
  readonly updated: string[];
  readonly deleted: string[];
}

/** The result of a change of the data file. */
export interface DataChange extends Changes {
  /** Why the file was refused. Then the emulator keeps what it has. */
  readonly problems: readonly Problem[];
}
