/**
 * The one store: tables of plain JSON rows, changed in transactions. Rows are never changed in place
 * (put a new one), so that a transaction can be undone and every change reaches the journal.
 */

/** What every row has. */
export interface Row {
  sid: string;
}

/** One row before and after; undefined means absent. */
export interface Change {
  table: string;
  key: string;
  before: Row | undefined;
  after: Row | undefined;
}

/** A row's place holds undefined once it is deleted, until it is certain that the transaction is not undone. */
type Rows<T> = Map<string, T | undefined>;

interface Index<T> {
  // Method syntax on purpose: it keeps Table<Message> usable where a Table<Row> is wanted.
  keyOf(row: T): string | undefined;
  rows: Map<string, Rows<T>>;
}

/** Rows in order of creation, found by SID or by an index. */
export class Table<T extends Row> {
  readonly name: string;
  private readonly rows: Rows<T> = new Map();
  private readonly indexes: Index<T>[] = [];
  private readonly graves = new Map<string, T>();
  private readonly log: (change: Change) => void;
  /** What is still to be done about places that have become free. */
  private freed: (() => void)[] = [];

  constructor(name: string, log: (change: Change) => void) {
    this.name = name;
    this.log = log;
  }

  /** Adds an index and returns its look-up; rows whose key is undefined are not in it. */
  index(keyOf: (row: T) => string | undefined): (key: string) => T[] {
    const index: Index<T> = { keyOf, rows: new Map() };
    this.indexes.push(index);
    for (const row of this.all()) this.addTo(index, row);
    return (key) => this.present(index.rows.get(key));
  }

  get(sid: string): T | undefined {
    return this.rows.get(sid);
  }

  all(): T[] {
    return this.present(this.rows);
  }

  private present(rows: Rows<T> | undefined): T[] {
    const all = [...(rows?.values() ?? [])];
    return this.freed.length === 0 ? (all as T[]) : all.filter((row) => row !== undefined);
  }

  put(row: T): T {
    this.set(row.sid, row);
    return row;
  }

  delete(sid: string): void {
    if (this.get(sid)) this.set(sid, undefined);
  }

  /** The row as it last was: a page cursor may point at a row that is gone by now. */
  lastKnown(sid: string): T | undefined {
    return this.rows.get(sid) ?? this.graves.get(sid);
  }

  private set(key: string, after: T | undefined): void {
    const before = this.rows.get(key);
    this.log({ table: this.name, key, before, after });
    this.apply(key, after);
  }

  /** Changes rows and indexes without telling the log: undo and loading use it directly, and settle the table then. */
  apply(key: string, after: T | undefined): void {
    const before = this.rows.get(key);
    for (const index of this.indexes) {
      if (before) this.removeFrom(index, before, after);
      if (after) this.addTo(index, after);
    }
    if (after) {
      this.rows.set(key, after);
    } else if (before) {
      this.free(this.rows, key);
      this.bury(before);
    }
  }

  /** Gives up the places of deleted rows: what is put there from now on stands last. */
  settle(): void {
    for (const done of this.freed) done();
    this.freed = [];
  }

  private free(rows: Rows<T>, key: string, emptied?: () => void): void {
    rows.set(key, undefined);
    this.freed.push(() => {
      if (rows.get(key) === undefined) rows.delete(key);
      if (rows.size === 0) emptied?.();
    });
  }

  private addTo(index: Index<T>, row: T): void {
    const key = index.keyOf(row);
    if (key === undefined) return;
    const bucket = index.rows.get(key);
    if (bucket) bucket.set(row.sid, row);
    else index.rows.set(key, new Map([[row.sid, row]]));
  }

  private removeFrom(index: Index<T>, row: T, successor: T | undefined): void {
    const key = index.keyOf(row);
    // A row that keeps its key keeps its place in the bucket.
    if (key === undefined || (successor && index.keyOf(successor) === key)) return;
    const bucket = index.rows.get(key);
    if (bucket) this.free(bucket, row.sid, () => index.rows.delete(key));
  }

  private bury(row: T): void {
    const MOST_GRAVES = 5000;
    this.graves.set(row.sid, row);
    if (this.graves.size <= MOST_GRAVES) return;
    const oldest = this.graves.keys().next().value;
    if (oldest !== undefined) this.graves.delete(oldest);
  }
}

/** What keeps committed changes: called inside the transaction, so a failure to write undoes it. */
export interface Journal {
  append(changes: readonly Change[]): void;
}

export class Store {
  private readonly tables = new Map<string, Table<Row>>();
  private changes: Change[] = [];
  private depth = 0;
  /** Set once the stored state is loaded. */
  journal: Journal | undefined;

  table<T extends Row>(name: string): Table<T> {
    const table = new Table<T>(name, (change) => this.record(change));
    this.tables.set(name, table);
    return table;
  }

  /** Runs the work wholly or not at all; what it changed is in the journal when this returns. */
  transaction<R>(work: () => R): R {
    if (this.depth > 0) return work();
    this.depth++;
    try {
      const result = work();
      if (this.changes.length > 0) this.journal?.append(this.changes);
      return result;
    } catch (error) {
      for (const change of this.changes.reverse()) this.tables.get(change.table)?.apply(change.key, change.before);
      throw error;
    } finally {
      for (const name of new Set(this.changes.map(({ table }) => table))) this.tables.get(name)?.settle();
      this.changes = [];
      this.depth--;
    }
  }

  private record(change: Change): void {
    if (this.depth === 0) throw new Error(`${change.table} changed outside a transaction`);
    this.changes.push(change);
  }

  /** Applies one stored row; rows of tables that no longer exist are dropped. */
  restore(table: string, key: string, row: Row | null): void {
    const restored = this.tables.get(table);
    restored?.apply(key, row ?? undefined);
    restored?.settle();
  }

  /** A row of any table as it is, or last was. */
  lastKnown(sid: string): Row | undefined {
    for (const table of this.tables.values()) {
      const row = table.lastKnown(sid);
      if (row) return row;
    }
    return undefined;
  }

  remove(table: string, key: string): void {
    this.tables.get(table)?.delete(key);
  }

  /** Every row, by table. */
  dump(): Record<string, Row[]> {
    return Object.fromEntries([...this.tables].map(([name, table]) => [name, table.all()]));
  }
}
