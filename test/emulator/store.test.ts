import { describe, expect, it } from "vitest";
import { type Change, type Row, Store } from "../../src/emulator/store";

interface Thing extends Row {
  colour?: string;
}

function makeStore() {
  const store = new Store();
  const things = store.table<Thing>("things");
  const byColour = things.index(({ colour }) => colour);
  const sids = (colour: string) => byColour(colour).map(({ sid }) => sid);
  store.transaction(() => {
    things.put({ sid: "a", colour: "red" });
    things.put({ sid: "b", colour: "red" });
    things.put({ sid: "c" });
  });
  return { store, things, sids };
}

describe("the store", () => {
  it("finds rows by an index that follows every change", () => {
    const { store, things, sids } = makeStore();
    expect(sids("red")).toEqual(["a", "b"]);
    store.transaction(() => {
      things.put({ sid: "a", colour: "blue" });
      things.put({ sid: "c", colour: "red" });
      things.delete("b");
      things.delete("nothing");
    });
    expect([sids("red"), sids("blue")]).toEqual([["c"], ["a"]]);
    expect(things.lastKnown("b")).toEqual({ sid: "b", colour: "red" });
  });

  it("undoes a transaction that fails, also when only keeping it fails", () => {
    const { store, things, sids } = makeStore();
    const change = () => {
      things.put({ sid: "a", colour: "blue" });
      things.delete("b");
      things.put({ sid: "d", colour: "red" });
      things.put({ sid: "d", colour: "blue" });
    };
    const isUnchanged = () => {
      expect(sids("red").sort()).toEqual(["a", "b"]);
      expect(sids("blue")).toEqual([]);
      expect(things.get("d")).toBeUndefined();
    };
    const refuse = () => {
      change();
      throw new Error("no");
    };
    expect(() => store.transaction(refuse)).toThrow("no");
    isUnchanged();
    store.journal = {
      append() {
        throw new Error("disk full");
      },
    };
    expect(() => store.transaction(change)).toThrow("disk full");
    isUnchanged();
  });

  it("leaves every row in its place when a transaction fails", () => {
    const { store, things, sids } = makeStore();
    const order = () => things.all().map(({ sid }) => sid);
    const fail = (change: () => void) => {
      const refuse = () => {
        change();
        throw new Error("no");
      };
      expect(() => store.transaction(refuse)).toThrow("no");
      expect([order(), sids("red")]).toEqual([
        ["a", "b", "c"],
        ["a", "b"],
      ]);
    };
    fail(() => things.delete("a"));
    fail(() => things.put({ sid: "a", colour: "blue" }));
    fail(() => {
      things.delete("a");
      expect([order(), sids("red"), things.get("a")]).toEqual([["b", "c"], ["b"], undefined]);
      things.put({ sid: "a", colour: "red" });
      things.delete("b");
    });
    store.transaction(() => things.delete("a"));
    store.transaction(() => things.put({ sid: "a", colour: "red" }));
    expect([order(), sids("red")]).toEqual([
      ["b", "c", "a"],
      ["b", "a"],
    ]);
  });

  it("tells the journal of each transaction once, and of none that changed nothing", () => {
    const { store, things } = makeStore();
    const kept: Change[][] = [];
    store.journal = { append: (changes) => kept.push([...changes]) };
    store.transaction(() => things.get("a"));
    store.transaction(() => store.transaction(() => things.put({ sid: "a" })));
    expect(kept).toEqual([[{ table: "things", key: "a", before: { sid: "a", colour: "red" }, after: { sid: "a" } }]]);
    expect(() => things.put({ sid: "e" })).toThrow("outside a transaction");
  });
});
