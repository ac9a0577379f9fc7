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
  remember(key: string, value: unknown): void;
  forget(key: string): void;
}

const keepForMs = 7 * 24 * 3_600_000;

/** Notes as small files in one folder, written whole (temporary file, rename) so that a killed process leaves none half written. */
export function openMemory(folder = defaultFolder()): Memory {
  let present: Set<string> | undefined;
  const name = (key: string) => `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.json`;
  const names = () => {
    present ??= new Set(readNames(folder));
    return present;
  };
  return {
    recall(key) {
      if (!names().has(name(key))) return undefined;
      try {
        return JSON.parse(readFileSync(join(folder, name(key)), "utf8"));
      } catch {
        return undefined;
      }
    },
    remember(key, value) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, name(key));
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(value), { mode: 0o600 });
      renameSync(`${file}.${process.pid}`, file);
      names().add(name(key));
    },
    forget(key) {
      if (names().delete(name(key))) rmSync(join(folder, name(key)), { force: true });
    },
  };
}

function defaultFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-twilio-conversations", "notes");
}

/** The notes in a folder; those past their time are removed on the way. */
function readNames(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return [];
  }
  return entries.filter((entry) => {
    const file = join(folder, entry);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age < keepForMs) return true;
    rmSync(file, { force: true });
    return false;
  });
}
