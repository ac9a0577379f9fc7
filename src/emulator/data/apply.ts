/** Applies a data file: creates, updates and deletes what differs from what was applied before, in one transaction. */
import type { Background } from "../background";
import type { Domain } from "../domain";
import { NotFound, TwilioError, toTwilioError } from "../errors";
import type { Changes } from "./change";
import type { Declared } from "./document";
import { changesOf, formOf, restoring, split, updatable, Waiting } from "./form";
import { KINDS } from "./kinds";
import { DataRefused, type Problem } from "./problems";
import { type Form, Rest } from "./rest";
import { type DataRow, dataTable } from "./row";

/** The emulator whose state a data file changes. */
export interface Place {
  readonly domain: Domain;
  readonly background: Pick<Background, "schedule">;
}

/** Applies the objects of a valid file. If Twilio's rules refuse one of them, throws `DataRefused` and changes nothing. */
export function applyData({ domain, background }: Place, declared: readonly Declared[]): Changes {
  try {
    return domain.transact(() => {
      const application = new Application(domain, declared);
      application.run();
      if (application.problems.length > 0) throw new DataRefused(application.problems);
      return application.changes;
    });
  } finally {
    background.schedule();
  }
}

class Application {
  readonly problems: Problem[] = [];
  readonly changes: Changes = { created: [], updated: [], deleted: [] };
  private readonly domain: Domain;
  private readonly rest: Rest;
  private readonly declared: readonly Declared[];
  /** The updates that are sent when all objects exist. */
  private readonly last: (() => void)[] = [];

  constructor(domain: Domain, declared: readonly Declared[]) {
    this.domain = domain;
    this.rest = new Rest(domain);
    this.declared = declared;
  }

  run(): void {
    const sections = Object.keys(KINDS);
    const rows = dataTable.in(this.domain).all();
    // What refers to others goes first.
    const latest = [...rows].reverse().sort((a, b) => sections.indexOf(b.section) - sections.indexOf(a.section));
    for (const row of latest) this.attempt(row.sid, () => this.removeUnlessDeclared(row));
    for (const object of this.declared) this.attempt(object.path, () => this.put(object));
    for (const send of this.last) send();
  }

  /** An error belongs to one object; those of the others are found, too. */
  private attempt(path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof Waiting) return;
      if (!(error instanceof TwilioError || error instanceof NotFound)) throw error;
      const { code, message } = toTwilioError(error, { path: "", request: path });
      this.problems.push({ path, message: `Twilio refuses this (${code}): ${message}` });
    }
  }

  private removeUnlessDeclared(row: DataRow): void {
    const object = this.declared.find(({ path }) => path === row.sid);
    // A singleton that changes may name what is deleted.
    const isKept = object !== undefined && !(object.kind.isSingleton && row.declared !== JSON.stringify(object.values));
    if (isKept) return;
    if (object === undefined) this.changes.deleted.push(row.sid);
    this.remove(row);
  }

  private remove({ sid, section, product, item, restore }: DataRow): void {
    if (!KINDS[section]?.isSingleton) this.rest.remove(product, item);
    else if (Object.keys(restore).length > 0 && this.rest.find(product, item)) this.rest.post(product, item, restore);
    dataTable.in(this.domain).delete(sid);
  }

  private put(object: Declared): void {
    const { kind, path } = object;
    const collection = this.collectionOf(object);
    const form = formOf(object, (section, name) => this.find(section, name));
    const row = dataTable.in(this.domain).get(path);
    const exists = row?.collection === collection && this.rest.find(kind.product, row.item) !== undefined;
    const changes = row && exists ? changesOf(kind, row.form, form) : undefined;
    if (!row || changes === undefined) {
      if (row && exists) this.remove(row);
      this.create(object, collection, form);
      return;
    }
    if (Object.keys(changes).length === 0) return;
    const { now, last } = split(kind, changes);
    this.change(row, now);
    this.afterwards(row, last);
    this.changes.updated.push(path);
    dataTable.in(this.domain).put({ ...row, declared: JSON.stringify(object.values), form });
  }

  private create(object: Declared, collection: string, form: Form): void {
    const { section, name, kind, path, values } = object;
    const { product } = kind;
    const { now, last } = split(kind, form);
    const before = kind.isSingleton ? this.rest.get(product, collection) : {};
    const identifier = kind.foundBy === undefined ? undefined : encodeURIComponent(String(values[kind.foundBy]));
    const found = identifier === undefined ? undefined : this.rest.find(product, `${collection}/${identifier}`);
    const body = found ?? this.rest.post(product, collection, now);
    const objectSid = typeof body.sid === "string" ? body.sid : null;
    const row: DataRow = {
      sid: path,
      section,
      name,
      objectSid,
      product,
      collection,
      item: kind.isSingleton ? collection : `${collection}/${objectSid}`,
      declared: JSON.stringify(values),
      form,
      restore: kind.isSingleton ? restoring(form, before) : {},
      phoneNumber: typeof body.phone_number === "string" ? body.phone_number : null,
    };
    if (found) this.change(row, updatable(kind, now));
    this.afterwards(row, last);
    this.changes.created.push(path);
    dataTable.in(this.domain).put(row);
  }

  private change({ product, item }: DataRow, form: Form): void {
    if (Object.keys(form).length > 0) this.rest.post(product, item, form);
  }

  private afterwards(row: DataRow, form: Form): void {
    this.last.push(() => this.attempt(row.sid, () => this.change(row, form)));
  }

  private collectionOf({ kind, values }: Declared): string {
    const parent = kind.parent === undefined ? undefined : values[kind.parent];
    const to = kind.properties[kind.parent ?? ""]?.to;
    const root = typeof parent === "string" && to ? this.find(to, parent).item : this.rest.rootOf(kind.product);
    return root + (typeof kind.path === "string" ? kind.path : kind.path(values));
  }

  private find(section: string, name: string): DataRow {
    const row = dataTable.in(this.domain).get(`${section}.${name}`);
    if (!row || this.problems.some(({ path }) => path === row.sid)) throw new Waiting();
    return row;
  }
}
