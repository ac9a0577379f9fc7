/**
 * State on disk: a snapshot plus a journal of the transactions since. Each transaction is one appended
 * line, written before the answer leaves, so killing the process loses nothing acknowledged and a
 * create costs the same whether the state is small or large. A new snapshot (write, then rename) names
 * the journal that continues it, so a crash at any point finds a matching pair.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Credentials, credentialsOf, DEFAULT_SEED } from "./credentials";
import type { Change, Journal, Row, Store } from "./store";

const PRIVATE = 0o600;
const COMPACT_AT_BYTES = 32 * 1024 * 1024;

interface Snapshot {
  version: 1;
  generation: number;
  tables: Record<string, Row[]>;
}

type JournalLine = [table: string, key: string, row: Row | null][];

/** Replaces a file in one step: a reader sees the old text or the new, never half. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: PRIVATE });
  renameSync(temporary, path);
}

/** The credentials that belong to a folder. The first seed stays: a folder keeps its account for ever. */
export function folderCredentials(folder: string, seed: string | undefined): Credentials {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "credentials.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Credentials;
  const credentials = credentialsOf(seed ?? DEFAULT_SEED);
  writeWhole(path, `${JSON.stringify(credentials, null, 2)}\n`);
  return credentials;
}

/** Keeps a store in a folder. The caller holds the folder's lock. */
export class FolderPersistence implements Journal {
  private readonly folder: string;
  private readonly store: Store;
  private generation = 0;
  private journal: number | undefined;

  constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
  }

  /** Loads what the folder holds, then starts a fresh snapshot and journal. */
  open(): void {
    const path = join(this.folder, "state.json");
    if (existsSync(path)) {
      const snapshot = JSON.parse(readFileSync(path, "utf8")) as Snapshot;
      if (snapshot.version !== 1) throw new Error(`${path} was written by another version of the emulator (format ${snapshot.version})`);
      this.generation = snapshot.generation;
      for (const [table, rows] of Object.entries(snapshot.tables)) {
        for (const row of rows) this.store.restore(table, row.sid, row);
      }
    }
    this.replay();
    this.compact();
  }

  append(changes: readonly Change[]): void {
    if (this.journal === undefined) throw new Error("the emulator is closed");
    // Only the last state of a row counts, so that a row changed ten times is written once.
    const last = new Map(changes.map((change) => [`${change.table}/${change.key}`, change]));
    const line: JournalLine = [...last.values()].map((change) => [change.table, change.key, change.after ?? null]);
    const size = fstatSync(this.journal).size;
    try {
      writeWholly(this.journal, `${JSON.stringify(line)}\n`);
    } catch (error) {
      // A torn line (disk full) would hide every later one.
      ftruncateSync(this.journal, size);
      throw error;
    }
    if (size > COMPACT_AT_BYTES) this.compactIfPossible();
  }

  /** The journal alone is a complete state, so failing to shorten it is no reason to refuse a request. */
  private compactIfPossible(): void {
    try {
      this.compact();
    } catch (error) {
      console.error("emulator: the journal could not be compacted:", error);
    }
  }

  /** Writes one snapshot and leaves nothing in the journal. */
  compact(): void {
    this.generation++;
    const snapshot: Snapshot = { version: 1, generation: this.generation, tables: this.store.dump() };
    const journal = openSync(this.journalPath(), "w", PRIVATE);
    writeWhole(join(this.folder, "state.json"), JSON.stringify(snapshot));
    if (this.journal !== undefined) closeSync(this.journal);
    this.journal = journal;
    this.removeOldJournals();
  }

  close(): void {
    if (this.journal === undefined) return;
    this.compact();
    closeSync(this.journal);
    this.journal = undefined;
  }

  private journalPath(): string {
    return join(this.folder, `journal-${this.generation}.ndjson`);
  }

  private replay(): void {
    if (!existsSync(this.journalPath())) return;
    const lines = readFileSync(this.journalPath(), "utf8").split("\n");
    // What follows the last newline was cut off while being written, hence never acknowledged.
    lines.pop();
    for (const line of lines) {
      for (const [table, key, row] of JSON.parse(line) as JournalLine) this.store.restore(table, key, row);
    }
  }

  private removeOldJournals(): void {
    const current = `journal-${this.generation}.ndjson`;
    for (const name of readdirSync(this.folder)) {
      if (/^journal-\d+\.ndjson$/.test(name) && name !== current) rmSync(join(this.folder, name), { force: true });
    }
  }
}

function writeWholly(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}
