/**
 * The domain: tables, time, SIDs, transactions and events. The rules live with their resource in `resources/`.
 * Each API reaches them through a {@link Scope}.
 */
import { type Clock, systemClock } from "./clock";
import { type Credentials, credentialsOf } from "./credentials";
import { NotFound } from "./errors";
import { type Amendments, type DomainEvent, type DomainEventName, type DomainEvents, EventBus, type Origin } from "./events";
import { NumberInventory } from "./numbers/inventory";
import { Presence } from "./sdk/presence";
import { makeSid } from "./sid";
import { type Row, Store, type Table } from "./store";
import { EmulatorTime, type SettingRow } from "./time";

/** The fields of every resource's record. Dates are in milliseconds. */
export interface Base extends Row {
  /** Order of creation, over all resources. */
  seq: number;
  accountSid: string;
  dateCreated: number;
  dateUpdated: number;
}

/** What a caller may reach: whose data, and on whose behalf. */
export interface Scope {
  domain: Domain;
  accountSid: string;
  origin: Origin;
  /** What pre-webhooks changed in the current request. */
  amendments?: Amendments;
}

// A method's parameters are bivariant: a TableDefinition<RoleRecord> stays usable as a TableDefinition<Row>.
type Method<Parameters extends unknown[], Result> = { method(...parameters: Parameters): Result }["method"];

/** What happens to the rows of a table when a row of another table is created or deleted. */
interface Reference<T extends Row, IndexName extends string> {
  /** The index that finds the referring rows. */
  by?: IndexName;
  /** The keys of a row of the other table in that index. Default: its SID. */
  keys?: Method<[referenced: Row], string[]>;
  onCreate?: Method<[scope: Scope, created: Row], void>;
  /** `cascade` deletes the referring rows. A function handles each of them, or throws to refuse the deletion. */
  onDelete?: "cascade" | Method<[scope: Scope, row: T], void>;
}

interface TableOptions<T extends Row, IndexName extends string> {
  /** Part of the state on disk: never rename it. */
  name: string;
  /** The prefix of new SIDs. */
  sidPrefix?: string;
  /** Look-ups by something other than the SID. Rows whose key is undefined are not in the index. */
  indexes?: Record<IndexName, Method<[row: T], string | undefined>>;
  /** By the name of the other table. */
  references?: Record<string, Reference<T, NoInfer<IndexName>>>;
}

/** A table whose indexes have names: `table.by.service(sid)`. */
export type IndexedTable<T extends Row, IndexName extends string> = Table<T> & { by: Record<IndexName, (key: string) => T[]> };

/** A resource's declaration of its table. */
export class TableDefinition<T extends Row = Row, IndexName extends string = string> {
  readonly options: TableOptions<T, IndexName>;

  constructor(options: TableOptions<T, IndexName>) {
    this.options = options;
  }

  /** The table in a domain. */
  in(domain: Domain): IndexedTable<T, IndexName> {
    return domain.table(this);
  }

  /** Stores a new record in the caller's account, then runs the `onCreate` of the tables that refer to this one. */
  insert(scope: Scope, values: Omit<T, keyof Base> & Partial<Base>): T {
    const base = values.seq === undefined ? scope.domain.base(scope.accountSid, this.options.sidPrefix ?? "") : {};
    const row = { ...base, ...values } as unknown as T;
    this.in(scope.domain).put(row);
    scope.domain.created(scope, this, row);
    return row;
  }

  /** The record, if it belongs to the caller's account. For other callers it does not exist. */
  fetch(scope: Scope, sid: string): T {
    const row = this.in(scope.domain).get(sid);
    if (!row || (row as unknown as Base).accountSid !== scope.accountSid) throw new NotFound();
    return row;
  }

  /** Stores the changed record with a new `dateUpdated`. */
  update(scope: Scope, row: T, changes: Partial<T>): T {
    return this.in(scope.domain).put({ ...row, dateUpdated: scope.domain.now(), ...changes });
  }

  /** Deletes a row and handles the rows that refer to it. Returns the rows that the cascade deleted, by table. */
  remove(scope: Scope, row: Row): Record<string, Row[]> {
    this.in(scope.domain).delete(row.sid);
    return scope.domain.removeReferences(scope, this, row);
  }
}

/** Declares a table: `defineTable<RoleRecord>()({ name: "roles", … })`. The second call infers the names of the indexes. */
export function defineTable<T extends Row>() {
  return <IndexName extends string = never>(options: TableOptions<T, IndexName>) => new TableDefinition<T, IndexName>(options);
}

interface DomainOptions {
  credentials?: Credentials;
  clock?: Clock;
  /** The tables of all resources. */
  tables: readonly TableDefinition[];
  /** Stores what must exist from the start. Runs at the first start and after each reset. */
  initialize(domain: Domain): void;
  /** Runs inside the transaction of each event, so that it can store something with the change. */
  onEvent(domain: Domain, event: DomainEvent): void;
}

const settingTable = defineTable<SettingRow>()({ name: "settings" });

/** A table with a reference to another one. */
interface Dependent {
  table: TableDefinition;
  reference: Reference<Row, string>;
}

/** The references to each table, by its name. */
function dependentsOf(tables: readonly TableDefinition[]): Map<string, Dependent[]> {
  const dependents = new Map(tables.map(({ options: { name } }): [string, Dependent[]] => [name, []]));
  // In alphabetical order: conversations before users, so that the event about a conversation still finds its users.
  for (const table of [...tables].sort((a, b) => (a.options.name < b.options.name ? -1 : 1))) {
    for (const [name, reference] of Object.entries(table.options.references ?? {})) {
      const list = dependents.get(name);
      if (!list) throw new Error(`the table ${table.options.name} refers to the table ${name}, which is missing from the catalog`);
      list.push({ table, reference });
    }
  }
  return dependents;
}

/** Rolls back a transaction that succeeded. */
class Rollback extends Error {}

export class Domain {
  readonly store = new Store();
  readonly events = new EventBus();
  readonly credentials: Credentials;
  readonly inventory: NumberInventory;
  readonly presence = new Presence();
  private readonly options: DomainOptions;
  readonly time: EmulatorTime;
  private readonly tables = new Map<TableDefinition, IndexedTable<Row, string>>();
  private readonly dependents: ReadonlyMap<string, Dependent[]>;
  private announced: DomainEvent[] = [];

  constructor(options: DomainOptions) {
    this.options = options;
    this.credentials = options.credentials ?? credentialsOf("test");
    this.time = new EmulatorTime(options.clock ?? systemClock, () => settingTable.in(this));
    this.inventory = new NumberInventory(this.credentials.seed);
    for (const definition of [settingTable, ...options.tables]) this.tables.set(definition, this.makeTable(definition));
    this.dependents = dependentsOf(options.tables);
  }

  private makeTable({ options: { name, indexes = {} } }: TableDefinition): IndexedTable<Row, string> {
    const table = this.store.table(name);
    const by = Object.fromEntries(Object.entries(indexes).map(([index, keyOf]) => [index, table.index(keyOf)]));
    return Object.assign(table, { by });
  }

  table<T extends Row, IndexName extends string>(definition: TableDefinition<T, IndexName>): IndexedTable<T, IndexName> {
    const table = this.tables.get(definition as unknown as TableDefinition);
    if (!table) throw new Error(`the table ${definition.options.name} is missing from the catalog`);
    return table as unknown as IndexedTable<T, IndexName>;
  }

  /** Stores what must exist from the start, unless it is there. */
  initialize(): void {
    this.transact(() => this.options.initialize(this));
  }

  scope(accountSid: string, origin: Origin = { source: "API", webhooksEnabled: false }): Scope {
    return { domain: this, accountSid, origin };
  }

  now(): number {
    return this.time.now();
  }

  /** A stored number; 0 until it is set. */
  setting(name: string): number {
    return settingTable.in(this).get(name)?.value ?? 0;
  }

  /** Stores a number. Call it in a transaction. */
  set(name: string, value: number): void {
    settingTable.in(this).put({ sid: name, value });
  }

  /** The common fields of a new record. */
  base(accountSid: string, sidPrefix: string): Base {
    const seq = this.setting("serial") + 1;
    this.set("serial", seq);
    const now = this.now();
    return { sid: makeSid(this.credentials.seed, sidPrefix, seq), seq, accountSid, dateCreated: now, dateUpdated: now };
  }

  /** Runs the `onCreate` of all tables that refer to this one. */
  created(scope: Scope, definition: TableDefinition, row: Row): void {
    for (const { reference } of this.referencesTo(definition)) reference.onCreate?.(scope, row);
  }

  /** Handles the rows that refer to a row which is deleted, or which moves to another account. */
  removeReferences(scope: Scope, definition: TableDefinition, row: Row): Record<string, Row[]> {
    const deleted: Record<string, Row[]> = {};
    for (const { table, reference } of this.referencesTo(definition)) {
      const { by = "", keys = ({ sid }) => [sid], onDelete } = reference;
      if (onDelete === undefined) continue;
      for (const referring of keys(row).flatMap((key) => table.in(this).by[by]?.(key) ?? [])) {
        if (onDelete !== "cascade") {
          onDelete(scope, referring);
          continue;
        }
        const { name } = table.options;
        deleted[name] = [...(deleted[name] ?? []), referring];
        table.remove(scope, referring);
      }
    }
    return deleted;
  }

  private referencesTo({ options: { name } }: TableDefinition): readonly Dependent[] {
    return this.dependents.get(name) ?? [];
  }

  /** Runs the work completely or not at all, commits it, then publishes its events. Must not be nested. */
  transact<R>(work: () => R): R {
    this.announced = [];
    const result = this.store.transaction(work);
    const events = this.announced;
    this.announced = [];
    for (const event of events) this.events.publish(event);
    return result;
  }

  /**
   * Like {@link transact}, but rolls the work back and returns undefined if `mayCommit` returns false.
   * `mayCommit` sees the state that the work produced.
   */
  transactIf<R>(work: () => R, mayCommit: (events: readonly DomainEvent[]) => boolean): { result: R } | undefined {
    try {
      const result = this.transact(() => {
        const outcome = work();
        if (!mayCommit(this.announced)) throw new Rollback();
        return outcome;
      });
      return { result };
    } catch (error) {
      if (error instanceof Rollback) return undefined;
      throw error;
    }
  }

  /** Records an event. It is published when the transaction is committed. */
  announce<Name extends DomainEventName>(scope: Scope, name: Name, data: DomainEvents[Name]): void {
    const event = { name, accountSid: scope.accountSid, at: this.now(), origin: scope.origin, data } as DomainEvent;
    this.announced.push(event);
    this.options.onEvent(this, event);
  }

  /** Replaces all rows by those of a snapshot, completely or not at all. `adjust` fits them to the present, and returns what is announced. */
  restore(rows: Readonly<Record<string, readonly Row[]>>, adjust: () => DomainEvents["restored"]): void {
    this.announced = [];
    this.store.replace(rows, () => {
      this.announce(this.scope(this.credentials.accountSid), "restored", adjust());
    });
    const events = this.announced;
    this.announced = [];
    for (const event of events) this.events.publish(event);
  }

  /** Deletes everything but the main account's credentials. SIDs are never reused, as at Twilio. */
  reset(): void {
    const serial = this.setting("serial");
    this.transact(() => {
      for (const [name, rows] of Object.entries(this.store.dump())) {
        for (const row of rows) this.store.remove(name, row.sid);
      }
      if (serial > 0) this.set("serial", serial);
      this.announce(this.scope(this.credentials.accountSid), "reset", {});
      // In the same transaction: without the main account, nobody could use the emulator again.
      this.options.initialize(this);
    });
  }
}
