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

interface Index<T> {
  // Method syntax on purpose: it keeps Table<Message> usable where a Table<Row> is wanted.
  keyOf(row: T): string | undefined;
  rows: Map<string, Map<string, T>>;
}

/** Rows in order of creation, found by SID or by an index. */
export class Table<T extends Row> {
  readonly name: string;
  private readonly rows = new Map<string, T>();
  private readonly indexes: Index<T>[] = [];
  private readonly graves = new Map<string, T>();
  private readonly log: (change: Change) => void;

  constructor(name: string, log: (change: Change) => void) {
    this.name = name;
    this.log = log;
  }

  /** Adds an index and returns its look-up; rows whose key is undefined are not in it. */
  index(keyOf: (row: T) => string | undefined): (key: string) => T[] {
    const index: Index<T> = { keyOf, rows: new Map() };
    this.indexes.push(index);
    for (const row of this.rows.values()) this.addTo(index, row);
    return (key) => [...(index.rows.get(key)?.values() ?? [])];
  }

  get(sid: string): T | undefined {
    return this.rows.get(sid);
  }

  all(): T[] {
    return [...this.rows.values()];
  }

  put(row: T): T {
    this.set(row.sid, row);
    return row;
  }

  delete(sid: string): void {
    if (this.rows.has(sid)) this.set(sid, undefined);
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

  /** Changes rows and indexes without telling the log: undo and loading use it directly. */
  apply(key: string, after: T | undefined): void {
    const before = this.rows.get(key);
    for (const index of this.indexes) {
      if (before) this.removeFrom(index, before, after);
      if (after) this.addTo(index, after);
    }
    if (after) {
      this.rows.set(key, after);
    } else {
      this.rows.delete(key);
      if (before) this.bury(before);
    }
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
    bucket?.delete(row.sid);
    if (bucket?.size === 0) index.rows.delete(key);
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
    this.tables.get(table)?.apply(key, row ?? undefined);
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
