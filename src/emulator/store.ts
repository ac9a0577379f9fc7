/**
 * The store: tables of plain JSON rows that change in transactions. Rows are immutable: a change replaces the row, so
 * that a transaction can be rolled back and every change reaches the journal.
 */

export interface Row {
  sid: string;
}

/** One row before and after a change. Undefined means that it does not exist. */
export interface Change {
  table: string;
  key: string;
  before: Row | undefined;
  after: Row | undefined;
}

/** A deleted row leaves undefined in its position until the transaction ends, because a rollback must restore the order. */
type Rows<T> = Map<string, T | undefined>;

interface Index<T> {
  // Method syntax is bivariant: a Table<MessageRecord> stays usable as a Table<Row>.
  keyOf(row: T): string | undefined;
  rows: Map<string, Rows<T>>;
}

/** Rows in order of creation, with look-ups by SID and by index. */
export class Table<T extends Row> {
  readonly name: string;
  private readonly rows: Rows<T> = new Map();
  private readonly indexes: Index<T>[] = [];
  private readonly tombstones = new Map<string, T>();
  private readonly log: (change: Change) => void;
  /** Removes the positions of deleted rows when the transaction ends. */
  private cleanups: (() => void)[] = [];

  constructor(name: string, log: (change: Change) => void) {
    this.name = name;
    this.log = log;
  }

  /** Adds an index and returns its look-up function. Rows whose key is undefined are not in the index. */
  index(keyOf: (row: T) => string | undefined): (key: string) => T[] {
    const index: Index<T> = { keyOf, rows: new Map() };
    this.indexes.push(index);
    for (const row of this.all()) this.addTo(index, row);
    return (key) => this.existing(index.rows.get(key));
  }

  get(sid: string): T | undefined {
    return this.rows.get(sid);
  }

  all(): T[] {
    return this.existing(this.rows);
  }

  private existing(rows: Rows<T> | undefined): T[] {
    const all = [...(rows?.values() ?? [])];
    return this.cleanups.length === 0 ? (all as T[]) : all.filter((row) => row !== undefined);
  }

  put(row: T): T {
    this.set(row.sid, row);
    return row;
  }

  delete(sid: string): void {
    if (this.get(sid)) this.set(sid, undefined);
  }

  /** The row, even if it is deleted: a page token may name a deleted row. */
  lastKnown(sid: string): T | undefined {
    return this.rows.get(sid) ?? this.tombstones.get(sid);
  }

  private set(key: string, after: T | undefined): void {
    const before = this.rows.get(key);
    this.log({ table: this.name, key, before, after });
    this.apply(key, after);
  }

  /** Changes rows and indexes without logging the change. Rollback and loading call it, then `cleanUp`. */
  apply(key: string, after: T | undefined): void {
    const before = this.rows.get(key);
    for (const index of this.indexes) {
      if (before) this.removeFrom(index, before, after);
      if (after) this.addTo(index, after);
    }
    if (after) {
      this.rows.set(key, after);
    } else if (before) {
      this.clear(this.rows, key);
      this.addTombstone(before);
    }
  }

  /** Removes the positions of deleted rows. Rows with the same key that are added later come last. */
  cleanUp(): void {
    for (const cleanup of this.cleanups) cleanup();
    this.cleanups = [];
  }

  /** Replaces all rows without logging the change. */
  load(rows: readonly T[]): void {
    this.cleanups = [];
    this.rows.clear();
    for (const index of this.indexes) index.rows.clear();
    for (const row of rows) {
      this.rows.set(row.sid, row);
      for (const index of this.indexes) this.addTo(index, row);
    }
  }

  private clear(rows: Rows<T>, key: string, onEmpty?: () => void): void {
    rows.set(key, undefined);
    this.cleanups.push(() => {
      if (rows.get(key) === undefined) rows.delete(key);
      if (rows.size === 0) onEmpty?.();
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
    // A row that keeps its key keeps its position in the bucket.
    if (key === undefined || (successor && index.keyOf(successor) === key)) return;
    const bucket = index.rows.get(key);
    if (bucket) this.clear(bucket, row.sid, () => index.rows.delete(key));
  }

  private addTombstone(row: T): void {
    const MAX_TOMBSTONES = 5000;
    this.tombstones.set(row.sid, row);
    if (this.tombstones.size <= MAX_TOMBSTONES) return;
    const oldest = this.tombstones.keys().next().value;
    if (oldest !== undefined) this.tombstones.delete(oldest);
  }
}

/** Persists changes. Called inside the transaction, so that a failed write rolls it back. */
export interface Journal {
  append(changes: readonly Change[]): void;
  /** Persists all rows in place of those before. */
  rewrite(): void;
}

export class Store {
  private readonly tables = new Map<string, Table<Row>>();
  private changes: Change[] = [];
  private depth = 0;
  /** Set after the stored state is loaded. */
  journal: Journal | undefined;

  table<T extends Row>(name: string): Table<T> {
    const table = new Table<T>(name, (change) => this.record(change));
    this.tables.set(name, table);
    return table;
  }

  /** Runs the work completely or not at all. The journal contains its changes when this returns. */
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
      for (const name of new Set(this.changes.map(({ table }) => table))) this.tables.get(name)?.cleanUp();
      this.changes = [];
      this.depth--;
    }
  }

  /** Replaces all rows, completely or not at all. `adjust` changes the new rows before they are persisted. */
  replace(rows: Readonly<Record<string, readonly Row[]>>, adjust: () => void): void {
    if (this.depth > 0) throw new Error("all rows were replaced inside a transaction");
    const before = this.dump();
    this.depth++;
    try {
      this.load(rows);
      adjust();
      this.journal?.rewrite();
    } catch (error) {
      this.load(before);
      throw error;
    } finally {
      for (const table of this.tables.values()) table.cleanUp();
      this.changes = [];
      this.depth--;
    }
  }

  /** Rows of tables that no longer exist are dropped. */
  private load(rows: Readonly<Record<string, readonly Row[]>>): void {
    for (const [name, table] of this.tables) table.load(rows[name] ?? []);
  }

  private record(change: Change): void {
    if (this.depth === 0) throw new Error(`${change.table} was changed outside a transaction`);
    this.changes.push(change);
  }

  /** Applies one stored row. Rows of tables that no longer exist are dropped. */
  restore(table: string, key: string, row: Row | null): void {
    const restored = this.tables.get(table);
    restored?.apply(key, row ?? undefined);
    restored?.cleanUp();
  }

  /** A row of any table, even if it is deleted. */
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

  /** All rows, by table. */
  dump(): Record<string, Row[]> {
    return Object.fromEntries([...this.tables].map(([name, table]) => [name, table.all()]));
  }
}
