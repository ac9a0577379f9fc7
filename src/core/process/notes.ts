import { hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { writeAtomically } from "../../process/atomic-write";
import { makeFolders } from "../../process/make-folders";

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
}

/** Opens the notes of one account on one server; accounts share no notes. */
export type OpenNoteStore = (scope: string) => NoteStore;

const keepForMs = 7 * 24 * 3_600_000;

/** Notes as files in one folder, written atomically, so that a killed process leaves no incomplete file. */
function noteStoreIn(folder: string): NoteStore {
  const fileOf = (key: string) => join(folder, `${digest(key)}.json`);
  return {
    read: (key) => readNote(fileOf(key)) as never,
    write(key, value) {
      try {
        makeFolders(folder, 0o700);
        writeAtomically(fileOf(key), JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    remove: (key) => remove(fileOf(key)),
    all: () => entriesOf(folder).flatMap((entry) => (entry.endsWith(".json") ? (readNote(join(folder, entry)) ?? []) : [])),
  };
}

/** The note stores below one folder, each in its own folder; expired ones are removed. */
export function noteStores(folder = defaultFolder()): OpenNoteStore {
  return (scope) => {
    const own = digest(scope);
    tidy(folder, own);
    tidy(join(folder, own));
    return noteStoreIn(join(folder, own));
  };
}

const digest = (text: string) => hash("sha256", text).slice(0, 32);

function defaultFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-twilio-conversations", "notes");
}

/** A note that cannot be removed expires. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true });
  } catch {}
}

function readNote(file: string): unknown {
  // Most resources have no note, and an error for each would take ten times as long as this.
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Removes entries that have not been written to for a week. */
function tidy(folder: string, except?: string): void {
  for (const entry of entriesOf(folder)) {
    if (entry !== except && ageOf(join(folder, entry)) > keepForMs) remove(join(folder, entry));
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const ageOf = (file: string): number => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
