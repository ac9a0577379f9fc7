import { describe, expect, it } from "vitest";
import { type Base, Domain, defineTable, type Scope, type TableDefinition } from "../../src/emulator/domain";
import { fail } from "../../src/emulator/errors";
import type { DomainEvent } from "../../src/emulator/events";
import { crudRoutes, nestedPrefix, v1Root } from "../../src/emulator/http/crud";
import { Params } from "../../src/emulator/http/params";
import { type Call, Router } from "../../src/emulator/http/router";

interface LibraryRecord extends Base {
  name: string;
}

interface BookRecord extends Base {
  librarySid: string;
  title: string;
  readerSid: string | null;
}

const libraryTable = defineTable<LibraryRecord>()({ name: "libraries", sidPrefix: "LB" });
const readerTable = defineTable<Base>()({ name: "readers", sidPrefix: "RD" });
const bookTable = defineTable<BookRecord>()({
  name: "books",
  sidPrefix: "BK",
  indexes: { library: (book) => book.librarySid, reader: (book) => book.readerSid ?? undefined },
  references: {
    libraries: { by: "library", onCreate: addCatalog, onDelete: "cascade" },
    readers: { by: "reader", onDelete: (scope, book) => bookTable.update(scope, book, { readerSid: null }) },
  },
});

function addCatalog(scope: Scope, { sid }: Base): void {
  bookTable.insert(scope, { librarySid: sid, title: "Catalog", readerSid: null });
}

function makeDomain(more: TableDefinition[] = []): Scope {
  const domain = new Domain({ tables: [libraryTable, readerTable, bookTable, ...more], initialize() {}, onEvent() {} });
  return domain.scope("AC1");
}

const titles = (scope: Scope) =>
  bookTable
    .in(scope.domain)
    .all()
    .map(({ title }) => title);

describe("a table", () => {
  it("gives a new record its SID prefix, account and dates, and fetches it for its account only", () => {
    const scope = makeDomain();
    const library = scope.domain.transact(() => libraryTable.insert(scope, { name: "x" }));
    expect(library).toMatchObject({ sid: expect.stringMatching(/^LB[0-9a-f]{32}$/), accountSid: "AC1", name: "x" });
    expect(library.dateUpdated).toBe(library.dateCreated);
    expect(libraryTable.fetch(scope, library.sid)).toBe(library);
    expect(() => libraryTable.fetch(scope.domain.scope("AC2"), library.sid)).toThrow();
  });

  it("adds, deletes and changes its rows with the rows that they refer to", () => {
    const scope = makeDomain();
    const { domain } = scope;
    const [library, reader] = domain.transact(() => {
      const library = libraryTable.insert(scope, { name: "x" });
      const reader = readerTable.insert(scope, {});
      bookTable.insert(scope, { librarySid: library.sid, title: "Emma", readerSid: reader.sid });
      return [library, reader] as const;
    });
    expect(titles(scope)).toEqual(["Catalog", "Emma"]);
    domain.transact(() => readerTable.remove(scope, reader));
    expect(bookTable.in(domain).all()).toMatchObject([{ readerSid: null }, { readerSid: null }]);
    const removed = domain.transact(() => libraryTable.remove(scope, library));
    expect(removed).toMatchObject({ books: [{ title: "Catalog" }, { title: "Emma" }] });
    expect(titles(scope)).toEqual([]);
  });

  it("can refuse the deletion of a row that it refers to, which then has no effect", () => {
    const contractTable = defineTable<Base & { librarySid: string }>()({
      name: "contracts",
      indexes: { library: (contract) => contract.librarySid },
      references: {
        libraries: {
          by: "library",
          onDelete: () => {
            throw fail(20001, { what: "The library has a contract" });
          },
        },
      },
    });
    const scope = makeDomain([contractTable]);
    const library = scope.domain.transact(() => {
      const { sid } = libraryTable.insert(scope, { name: "x" });
      contractTable.insert(scope, { librarySid: sid });
      return libraryTable.fetch(scope, sid);
    });
    expect(() => scope.domain.transact(() => libraryTable.remove(scope, library))).toThrow("The library has a contract");
    expect(libraryTable.in(scope.domain).all()).toEqual([library]);
    expect(titles(scope)).toEqual(["Catalog"]);
  });

  it("must be in the catalog", () => {
    const unlisted = defineTable<Base>()({ name: "unlisted" });
    expect(() => unlisted.in(makeDomain().domain)).toThrow("the table unlisted is missing from the catalog");
    const lost = defineTable<Base>()({ name: "lost", references: { shelves: {} } });
    expect(() => makeDomain([lost])).toThrow("the table lost refers to the table shelves, which is missing from the catalog");
  });
});

describe("a transaction with a condition", () => {
  it("has no effect and publishes nothing if the condition is false", () => {
    const scope = makeDomain();
    const { domain } = scope;
    const published: DomainEvent[] = [];
    domain.events.subscribe((event) => published.push(event));
    const work = () => {
      domain.announce(scope, "reset", {});
      return libraryTable.insert(scope, { name: "x" });
    };
    expect(domain.transactIf(work, (events) => events.length === 0)).toBeUndefined();
    expect([published, libraryTable.in(domain).all()]).toEqual([[], []]);
    expect(domain.transactIf(work, () => true)).toMatchObject({ result: { name: "x" } });
    expect(published).toHaveLength(1);
  });
});

describe("the routes of a resource", () => {
  const root = v1Root("https://example.twilio.com");
  const inLibrary = nestedPrefix(root, "/Libraries/{LibrarySid}", (call): Call & { library: LibraryRecord } => ({
    ...call,
    library: libraryTable.fetch(call.scope, call.part("LibrarySid")),
  }));
  const router = new Router([
    ...crudRoutes(inLibrary, {
      path: "/Books",
      id: "BookSid",
      key: "books",
      list: ({ scope, library }) => bookTable.in(scope.domain).by.library(library.sid),
      body: ({ sid, title }) => ({ sid, title }),
      create: ({ scope, library, params }) =>
        bookTable.insert(scope, { librarySid: library.sid, title: params.text("Title") ?? "", readerSid: null }),
      fetch: ({ scope }, sid) => bookTable.fetch(scope, sid),
      update: (book, { scope, params }) => bookTable.update(scope, book, { title: params.text("Title") ?? book.title }),
      remove: (book, { scope }) => bookTable.remove(scope, book),
    }),
    ...inLibrary.route("GET", "/Books/Latest", () => ({ status: 200, body: "literal" })),
  ]);

  function send(scope: Scope, method: string, path: string, form = "") {
    const { found } = router.match(method, path);
    if (!found) throw new Error(`there is no route ${method} ${path}`);
    const part = (name: string) => found.parts[name] ?? "";
    const call: Call = { scope, actorSid: scope.accountSid, params: new Params(form), path, query: form, part, signedInBy: "auth token" };
    return scope.domain.transact(() => found.route.handle(call));
  }

  it("list, create, fetch, update and delete it, and prefer literal paths", () => {
    const scope = makeDomain();
    const { sid } = scope.domain.transact(() => libraryTable.insert(scope, { name: "x" }));
    const books = `/v1/Libraries/${sid}/Books`;
    const created = send(scope, "POST", books, "Title=Emma");
    const book = created.body as { sid: string };
    expect(created).toMatchObject({ status: 201, body: { title: "Emma" } });
    expect(send(scope, "GET", books, "PageSize=1")).toMatchObject({
      status: 200,
      body: { books: [{ title: "Catalog" }], meta: { key: "books" } },
    });
    expect(send(scope, "GET", `${books}/Latest`).body).toBe("literal");
    expect(send(scope, "POST", `${books}/${book.sid}`, "Title=Persuasion")).toMatchObject({ status: 200, body: { title: "Persuasion" } });
    expect(send(scope, "DELETE", `${books}/${book.sid}`)).toEqual({ status: 204 });
    expect(() => send(scope, "GET", `${books}/${book.sid}`)).toThrow();
    expect(router.match("DELETE", books)).toEqual({ template: "/v1/Libraries/{LibrarySid}/Books" });
  });
});
