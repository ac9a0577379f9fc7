import { homedir } from "node:os";
import { join } from "node:path";
import { ageOf, digest, entriesOf, NoteJournals, remove } from "./note-journal";

/**
 * Small notes that outlive a process and are not part of Pulumi's state: which number a preview has shown, which create is in progress. Notes
 * expire after a week, because a run is resumed earlier or not at all.
 */
export interface NoteStore {
  read<T>(key: string): T | undefined;
  /** Returns whether the note was written; the disk may be full. Never throws, because the object may already exist. */
  write(key: string, value: unknown): boolean;
  remove(key: string): void;
  /** All notes. */
  all(): unknown[];
  /** Makes notes on the disk as small as they can be, at the end of a run. */
  tidy?(): void;
}

/** Opens the notes of one account on one server; accounts share no notes. */
export type OpenNoteStore = (scope: string) => NoteStore;

const keepForMs = 7 * 24 * 3_600_000;

/** The note stores below one folder, each in its own folder; expired ones are removed. */
export function noteStores(folder = defaultFolder()): OpenNoteStore {
  return (scope) => {
    const own = digest(scope);
    tidy(folder, own);
    tidy(join(folder, own));
    return new NoteJournals(join(folder, own), keepForMs);
  };
}

function defaultFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-twilio-conversations", "notes");
}

/** Removes entries that have not been written to for a week. */
function tidy(folder: string, except?: string): void {
  for (const entry of entriesOf(folder)) {
    if (entry !== except && ageOf(join(folder, entry)) > keepForMs) remove(join(folder, entry));
  }
}
