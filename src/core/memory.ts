import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Small notes that outlive a process and are no part of Pulumi's state: which number a preview has shown, which create is under way. A note
 * that is lost costs a look-up or a question, never an object; so they are kept for a week and then forgotten.
 */
export interface Memory {
  recall<T>(key: string): T | undefined;
  /** Whether it could be written down: the disk may be full. Never throws, since what it is about may have happened already. */
  remember(key: string, value: unknown): boolean;
  forget(key: string): void;
  /** Everything that is remembered. */
  all(): unknown[];
}

/** The memory of one account at one place: what is noted there concerns no other. */
export type Memories = (scope: string) => Memory;

const keepForMs = 7 * 24 * 3_600_000;

/** Notes as small files in one folder, written whole (temporary file, rename) so that a killed process leaves none half written. */
function openMemory(folder: string): Memory {
  let present: Set<string> | undefined;
  const name = (key: string) => `${digest(key)}.json`;
  const names = () => {
    present ??= new Set(readNames(folder));
    return present;
  };
  return {
    recall(key) {
      return names().has(name(key)) ? (readNote(join(folder, name(key))) as never) : undefined;
    },
    remember(key, value) {
      const file = join(folder, name(key));
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(`${file}.${process.pid}`, JSON.stringify(value), { mode: 0o600 });
        renameSync(`${file}.${process.pid}`, file);
      } catch {
        remove(`${file}.${process.pid}`);
        return false;
      }
      names().add(name(key));
      return true;
    },
    forget(key) {
      if (names().delete(name(key))) remove(join(folder, name(key)));
    },
    all: () => [...names()].flatMap((entry) => readNote(join(folder, entry)) ?? []),
  };
}

/** The memories below one folder, each in one of its own; those that nobody has written into for too long are removed. */
export function openMemories(folder = defaultFolder()): Memories {
  return (scope) => {
    const own = digest(scope);
    for (const other of entriesOf(folder)) {
      if (other !== own && ageOf(join(folder, other)) > keepForMs) remove(join(folder, other));
    }
    return openMemory(join(folder, own));
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

/** The notes in a folder; those past their time are removed on the way. */
function readNames(folder: string): string[] {
  return entriesOf(folder).filter((entry) => {
    const file = join(folder, entry);
    if (ageOf(file) < keepForMs) return true;
    remove(file);
    return false;
  });
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const ageOf = (file: string): number => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
