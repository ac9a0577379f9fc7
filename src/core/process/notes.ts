import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { writeAtomically } from "../../process/atomic-write";

/**
 * Small notes that outlive a process and are no part of Pulumi's state: which number a preview has shown, which create is under way. They are
 * kept for a week and then forgotten: what a run began is done or undone by then.
 */
export interface NoteStore {
  read<T>(key: string): T | undefined;
  /** Whether it could be written down: the disk may be full. Never throws, since what it is about may have happened already. */
  write(key: string, value: unknown): boolean;
  remove(key: string): void;
  /** Everything that is remembered. */
  all(): unknown[];
}

/** The memory of one account at one place: what is noted there concerns no other. */
export type OpenNoteStore = (scope: string) => NoteStore;

const keepForMs = 7 * 24 * 3_600_000;

/** Notes as small files in one folder, written atomically, so that a killed process leaves none half written. */
function noteStoreIn(folder: string): NoteStore {
  const fileOf = (key: string) => join(folder, `${digest(key)}.json`);
  return {
    read: (key) => readNote(fileOf(key)) as never,
    write(key, value) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
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

/** The memories below one folder, each in one of its own; those that nobody has written into for too long are removed. */
export function noteStores(folder = defaultFolder()): OpenNoteStore {
  return (scope) => {
    const own = digest(scope);
    tidy(folder, own);
    tidy(join(folder, own));
    return noteStoreIn(join(folder, own));
  };
}

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

function defaultFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-twilio-conversations", "notes");
}

/** What cannot be removed is old news: it grows stale by itself. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true, recursive: true });
  } catch {}
}

function readNote(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Removes what nobody has written for too long. */
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
