import { describe, expect, it } from "vitest";
import { type Change, type Row, Store } from "../../src/emulator/store";

interface Thing extends Row {
  color?: string;
}

function createStore() {
  const store = new Store();
  const things = store.table<Thing>("things");
  const byColor = things.index(({ color }) => color);
  const sids = (color: string) => byColor(color).map(({ sid }) => sid);
  store.transaction(() => {
    things.put({ sid: "a", color: "red" });
    things.put({ sid: "b", color: "red" });
    things.put({ sid: "c" });
  });
  return { store, things, sids };
}

describe("the store", () => {
  it("updates indexes on every change", () => {
    const { store, things, sids } = createStore();
    expect(sids("red")).toEqual(["a", "b"]);
    store.transaction(() => {
      things.put({ sid: "a", color: "blue" });
      things.put({ sid: "c", color: "red" });
      things.delete("b");
      things.delete("nothing");
    });
    expect([sids("red"), sids("blue")]).toEqual([["c"], ["a"]]);
    expect(things.lastKnown("b")).toEqual({ sid: "b", color: "red" });
  });

  it("rolls back a failed transaction, including one whose journal write fails", () => {
    const { store, things, sids } = createStore();
    const change = () => {
      things.put({ sid: "a", color: "blue" });
      things.delete("b");
      things.put({ sid: "d", color: "red" });
      things.put({ sid: "d", color: "blue" });
    };
    const expectUnchanged = () => {
      expect(sids("red").sort()).toEqual(["a", "b"]);
      expect(sids("blue")).toEqual([]);
      expect(things.get("d")).toBeUndefined();
    };
    const changeAndThrow = () => {
      change();
      throw new Error("no");
    };
    expect(() => store.transaction(changeAndThrow)).toThrow("no");
    expectUnchanged();
    store.journal = {
      append() {
        throw new Error("disk full");
      },
      rewrite() {},
    };
    expect(() => store.transaction(change)).toThrow("disk full");
    expectUnchanged();
  });

  it("keeps the order of rows if a transaction fails", () => {
    const { store, things, sids } = createStore();
    const order = () => things.all().map(({ sid }) => sid);
    const fail = (change: () => void) => {
      const changeAndThrow = () => {
        change();
        throw new Error("no");
      };
      expect(() => store.transaction(changeAndThrow)).toThrow("no");
      expect([order(), sids("red")]).toEqual([
        ["a", "b", "c"],
        ["a", "b"],
      ]);
    };
    fail(() => things.delete("a"));
    fail(() => things.put({ sid: "a", color: "blue" }));
    fail(() => {
      things.delete("a");
      expect([order(), sids("red"), things.get("a")]).toEqual([["b", "c"], ["b"], undefined]);
      things.put({ sid: "a", color: "red" });
      things.delete("b");
    });
    store.transaction(() => things.delete("a"));
    store.transaction(() => things.put({ sid: "a", color: "red" }));
    expect([order(), sids("red")]).toEqual([
      ["b", "c", "a"],
      ["b", "a"],
    ]);
  });

  it("replaces all rows in the given order, completely or not at all", () => {
    const { store, things, sids } = createStore();
    const rows = { things: [{ sid: "c", color: "red" }, { sid: "a", color: "blue" }, { sid: "e" }], gone: [{ sid: "x" }] };
    const replace = () => store.replace(rows, () => things.put({ sid: "f", color: "red" }));
    const shown = () => [things.all().map(({ sid }) => sid), sids("red"), sids("blue")];
    store.journal = {
      append() {},
      rewrite() {
        throw new Error("disk full");
      },
    };
    expect(replace).toThrow("disk full");
    expect(() => store.replace(rows, () => expect.fail("no"))).toThrow("no");
    expect(shown()).toEqual([["a", "b", "c"], ["a", "b"], []]);
    const written: unknown[] = [];
    store.journal = { append: () => expect.unreachable(), rewrite: () => written.push(store.dump().things) };
    replace();
    expect(shown()).toEqual([["c", "a", "e", "f"], ["c", "f"], ["a"]]);
    expect(written).toEqual([things.all()]);
    expect(() => things.put({ sid: "g" })).toThrow("outside a transaction");
  });

  it("appends each transaction with changes to the journal once", () => {
    const { store, things } = createStore();
    const journal: Change[][] = [];
    store.journal = { append: (changes) => journal.push([...changes]), rewrite() {} };
    store.transaction(() => things.get("a"));
    store.transaction(() => store.transaction(() => things.put({ sid: "a" })));
    expect(journal).toEqual([[{ table: "things", key: "a", before: { sid: "a", color: "red" }, after: { sid: "a" } }]]);
    expect(() => things.put({ sid: "e" })).toThrow("outside a transaction");
  });
});
