/**
 * State on disk: a snapshot plus a journal of the transactions since. Each transaction is one appended
 * line, written before the answer leaves, so killing the process loses nothing acknowledged and a
 * create costs the same whether the state is small or large. A new snapshot (write, then rename) names
 * the journal that continues it, so a crash at any point finds a matching pair.
 */
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE, writeAtomically } from "../process/atomic-write";
import { type Credentials, credentialsOf, DEFAULT_SEED } from "./credentials";
import { StateNotWritten } from "./errors";
import type { Change, Journal, Row, Store } from "./store";

const COMPACT_AT_BYTES = 32 * 1024 * 1024;

interface Snapshot {
  version: 1;
  generation: number;
  tables: Record<string, Row[]>;
}

type JournalLine = [table: string, key: string, row: Row | null][];

/** The credentials that belong to a folder. The first seed stays: a folder keeps its account for ever. */
export function folderCredentials(folder: string, seed: string | undefined): Credentials {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "credentials.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Credentials;
  const credentials = credentialsOf(seed ?? DEFAULT_SEED);
  writeAtomically(path, `${JSON.stringify(credentials, null, 2)}\n`);
  return credentials;
}

/** Keeps a store in a folder. The caller holds the folder's lock. */
export class FolderPersistence implements Journal {
  private readonly folder: string;
  private readonly store: Store;
  private generation = 0;
  private journal: number | undefined;
  /** Bytes of whole lines in the journal: where the next one goes. */
  private size = 0;
  private compactAt = COMPACT_AT_BYTES;
  private isFailing = false;

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
    if (this.journal === undefined) throw new StateNotWritten("the emulator is closed");
    // Only the last state of a row counts, so that a row changed ten times is written once.
    const last = new Map(changes.map((change) => [`${change.table}/${change.key}`, change]));
    const line: JournalLine = [...last.values()].map((change) => [change.table, change.key, change.after ?? null]);
    try {
      this.size += writeWholly(this.journal, `${JSON.stringify(line)}\n`, this.size);
    } catch (error) {
      throw this.failure(error as Error);
    }
    this.isFailing = false;
    if (this.size > this.compactAt) this.compactIfPossible();
  }

  /** Told once for each time that it begins: clients repeat what failed, the log need not. */
  private failure({ message }: Error): StateNotWritten {
    const failure = new StateNotWritten(`the folder ${this.folder} takes no writes: ${message}`);
    if (!this.isFailing) console.error(`emulator: ${failure.message}`);
    this.isFailing = true;
    return failure;
  }

  /** The journal alone is a complete state, so failing to shorten it is no reason to refuse a request. */
  private compactIfPossible(): void {
    try {
      this.compact();
    } catch (error) {
      this.compactAt = this.size + COMPACT_AT_BYTES;
      console.error("emulator: the journal could not be compacted:", error);
    }
  }

  /** Writes one snapshot and leaves nothing in the journal. */
  private compact(): void {
    const generation = this.generation + 1;
    const snapshot: Snapshot = { version: 1, generation, tables: this.store.dump() };
    const journal = openSync(this.journalPath(generation), "w", PRIVATE);
    try {
      writeAtomically(join(this.folder, "state.json"), JSON.stringify(snapshot));
    } catch (error) {
      closeSync(journal);
      rmSync(this.journalPath(generation), { force: true });
      throw error;
    }
    if (this.journal !== undefined) closeSync(this.journal);
    Object.assign(this, { generation, journal, size: 0, compactAt: COMPACT_AT_BYTES });
    this.removeLeftovers();
  }

  close(): void {
    if (this.journal === undefined) return;
    this.compactIfPossible();
    closeSync(this.journal);
    this.journal = undefined;
  }

  private journalPath(generation = this.generation): string {
    return join(this.folder, `journal-${generation}.ndjson`);
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

  /** Earlier journals, and what a process that was killed had not finished writing. */
  private removeLeftovers(): void {
    const current = `journal-${this.generation}.ndjson`;
    for (const name of readdirSync(this.folder)) {
      const isLeftover = /^(journal-\d+\.ndjson|state\.json\.\d+\.tmp)$/.test(name) && name !== current;
      if (isLeftover) rmSync(join(this.folder, name), { force: true });
    }
  }
}

/**
 * Writes the text at that place and returns its length in bytes. When that fails, nothing is left of it: a torn
 * line would hide every later one. Should even cutting it off fail, the next line is written over it.
 */
function writeWholly(file: number, text: string, position: number): number {
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(file, bytes, written, bytes.length - written, position + written);
    }
  } catch (error) {
    ftruncateSync(file, position);
    throw error;
  }
  return bytes.length;
}
