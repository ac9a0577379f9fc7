/**
 * State on disk: a snapshot, and a journal of the transactions since. Each transaction appends one line before the
 * response is sent, so killing the process loses no acknowledged change, and the cost of a change does not depend on the
 * size of the state. A new snapshot (write, then rename) names the journal that continues it, so a crash at any point
 * leaves a matching pair.
 */
import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { PRIVATE, writeAtomically } from "../process/atomic-write";
import { createFolder } from "../process/private-folder";
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

/** The credentials of a folder. The first seed is permanent, so the account of a folder never changes. */
export function folderCredentials(folder: string, seed: string | undefined): Credentials {
  createFolder(folder);
  const path = join(folder, "credentials.json");
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as Credentials;
  const credentials = credentialsOf(seed ?? DEFAULT_SEED);
  writeAtomically(path, `${JSON.stringify(credentials, null, 2)}\n`);
  return credentials;
}

/** Persists a store in a folder. The caller must hold the folder's lock. */
export class FolderPersistence implements Journal {
  private readonly folder: string;
  private readonly store: Store;
  private generation = 0;
  private journal: number | undefined;
  /** The size of the complete lines in the journal, in bytes. The next line starts there. */
  private size = 0;
  private compactAt = COMPACT_AT_BYTES;
  private isFailing = false;

  constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
  }

  /** Loads the state of the folder, and continues its journal. A new snapshot would double the time of a start. */
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
    if (!this.replay()) this.compact();
  }

  append(changes: readonly Change[]): void {
    if (this.journal === undefined) throw new StateNotWritten("the emulator is closed");
    // Only the last state of a row counts: a row that changes ten times is written once.
    const last = new Map(changes.map((change) => [`${change.table}/${change.key}`, change]));
    const line: JournalLine = [...last.values()].map((change) => [change.table, change.key, change.after ?? null]);
    try {
      this.size += writeLine(this.journal, `${JSON.stringify(line)}\n`, this.size);
    } catch (error) {
      throw this.failure(error as Error);
    }
    this.isFailing = false;
    if (this.size > this.compactAt) this.compactIfPossible();
  }

  rewrite(): void {
    if (this.journal === undefined) throw new StateNotWritten("the emulator is closed");
    try {
      this.compact();
    } catch (error) {
      throw this.failure(error as Error);
    }
  }

  /** Logs the first of consecutive failures only, because clients retry. */
  private failure({ message }: Error): StateNotWritten {
    const failure = new StateNotWritten(`cannot write to the folder ${this.folder}: ${message}`);
    if (!this.isFailing) console.error(`emulator: ${failure.message}`);
    this.isFailing = true;
    return failure;
  }

  /** The journal is complete without a new snapshot, so a failure to compact it must not fail the request. */
  private compactIfPossible(): void {
    try {
      this.compact();
    } catch (error) {
      this.compactAt = this.size + COMPACT_AT_BYTES;
      console.error("emulator: cannot compact the journal:", error);
    }
  }

  /** Writes a snapshot and starts an empty journal. */
  private compact(): void {
    const generation = this.generation + 1;
    const snapshot: Snapshot = { version: 1, generation, tables: this.store.dump() };
    // What is there is of a killed process, or a link of somebody else.
    rmSync(this.journalPath(generation), { force: true });
    const journal = openSync(this.journalPath(generation), "wx", PRIVATE);
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

  /** Applies the changes in the journal, and opens it for further ones. Returns whether there is one. */
  private replay(): boolean {
    const path = this.journalPath();
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return false;
    // A repository may contain a link that leads to the user's files.
    if (!found.isFile()) throw new Error(`${path} must be a file, and not a link. Remove it: what it names is not the emulator's.`);
    const journal = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      const bytes = readFileSync(journal);
      // Text after the last newline is an incomplete write that was never acknowledged.
      const size = bytes.lastIndexOf("\n") + 1;
      for (const line of bytes.toString("utf8", 0, size).split("\n").slice(0, -1)) {
        for (const [table, key, row] of JSON.parse(line) as JournalLine) this.store.restore(table, key, row);
      }
      ftruncateSync(journal, size);
      Object.assign(this, { journal, size });
    } catch (error) {
      closeSync(journal);
      throw error;
    }
    this.removeLeftovers();
    return true;
  }

  /** Removes earlier journals, and incomplete files of a process that was killed. */
  private removeLeftovers(): void {
    const current = `journal-${this.generation}.ndjson`;
    for (const name of readdirSync(this.folder)) {
      const isLeftover = /^(journal-\d+\.ndjson|state\.json\.\d+\.tmp)$/.test(name) && name !== current;
      if (isLeftover) rmSync(join(this.folder, name), { force: true });
    }
  }
}

/**
 * Writes the text at a position and returns its length in bytes. If that fails, truncates the file again, because an
 * incomplete line would hide all later ones. If truncating fails too, the next line overwrites it.
 */
function writeLine(file: number, text: string, position: number): number {
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
