import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { noteStores } from "../../src/core/process/notes";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notes-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Another process: each store has a journal of its own. */
const open = (scope = "here") => noteStores(folder)(scope);
const account = () => join(folder, readdirSync(folder)[0] as string);
const journals = () => readdirSync(account()).map((name) => join(account(), name));
const onlyJournal = () => {
  expect(journals()).toHaveLength(1);
  return journals()[0] as string;
};
const linesIn = (file: string) => readFileSync(file, "utf8").split("\n").filter(Boolean).length;
const setAge = (file: string, hours: number) => {
  const seconds = Date.now() / 1000 - hours * 3600;
  utimesSync(file, seconds, seconds);
};
const laterBy = (days: number) => vi.useFakeTimers({ now: Date.now() + days * 86_400_000, toFake: ["Date"] });

describe("the note store", () => {
  it("lists its notes, and reports a note that it could not write", () => {
    const notes = open();
    expect([notes.write("a", { at: 1 }), notes.write("b", { at: 2 })]).toEqual([true, true]);
    expect(notes.all()).toEqual(expect.arrayContaining([{ at: 1 }, { at: 2 }]));
    notes.remove("a");
    expect(notes.all()).toEqual([{ at: 2 }]);
    const nowhere = noteStores("/dev/null/notes")("here");
    expect(nowhere.write("a", {})).toBe(false);
    expect([nowhere.read("a"), nowhere.all()]).toEqual([undefined, []]);
  });

  it("keeps notes after the process that wrote them has ended", () => {
    open().write("a key / with anything", { number: "+1", at: "now" });
    expect(open().read("a key / with anything")).toEqual({ number: "+1", at: "now" });
  });

  it("returns what another process would read, not the object that was written", () => {
    const notes = open();
    const note = { at: "now", gone: undefined };
    notes.write("key", note);
    note.at = "later";
    expect(notes.read("key")).toStrictEqual({ at: "now" });
  });

  it("creates its folder, accessible to the user only", () => {
    const nested = join(folder, "a", "b");
    noteStores(nested)("here").write("key", 1);
    expect(noteStores(nested)("here").read("key")).toBe(1);
    expect(statSync(nested).mode & 0o077).toBe(0);
    const inside = join(nested, readdirSync(nested)[0] as string);
    expect(statSync(join(inside, readdirSync(inside)[0] as string)).mode & 0o077).toBe(0);
  });

  it("returns undefined for an unknown key, even if the folder is missing", () => {
    expect(open().read("key")).toBeUndefined();
    expect(noteStores(join(folder, "none"))("here").read("key")).toBeUndefined();
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  it("removes the given key only, for all processes, and writes nothing for a key that has no note", () => {
    const other = open();
    other.write("a", 1);
    const notes = open();
    notes.write("b", 2);
    notes.remove("a");
    const before = journals().map(linesIn);
    notes.remove("never known");
    notes.remove("a");
    expect(journals().map(linesIn)).toEqual(before);
    for (const store of [notes, other, open()]) expect([store.read("a"), store.read("b"), store.all()]).toEqual([undefined, 2, [2]]);
  });

  it("has the last note of a key, whichever process wrote it and whatever its clock says", () => {
    const [one, two] = [open(), open()];
    one.write("key", 1);
    laterBy(-1);
    two.write("key", 2);
    for (const store of [one, two, open()]) expect([store.read("key"), store.all()]).toEqual([2, [2]]);
    one.remove("key");
    laterBy(1);
    two.write("key", 3);
    for (const store of [one, two, open()]) expect(store.read("key")).toBe(3);
  });

  it("sees journals that other processes begin later, also where the folder has been the same for a while", () => {
    const notes = open();
    notes.write("key", 1);
    const long = Date.now() / 1000 - 60;
    utimesSync(account(), long, long);
    expect(notes.read("other")).toBeUndefined();
    open().write("other", 2);
    expect(notes.read("other")).toBe(2);
    utimesSync(account(), long, long);
    expect(notes.all()).toEqual([1, 2]);
    rmSync(account(), { recursive: true });
    expect(notes.write("key", 3)).toBe(true);
    expect([notes.read("key"), open().all()]).toEqual([3, [3]]);
  });

  it("expires a note after a week, and not before", () => {
    const notes = open();
    notes.write("key", 1);
    laterBy(6);
    expect([open().read("key"), notes.all()]).toEqual([1, [1]]);
    laterBy(2);
    expect([notes.read("key"), notes.all()]).toEqual([undefined, []]);
    expect(open().read("key")).toBeUndefined();
  });

  it("keeps accounts separate, and removes the notes of an account after a week without use", () => {
    const stores = noteStores(folder);
    stores("AC1").write("key", 1);
    expect(stores("AC2").read("key")).toBeUndefined();
    stores("AC2").write("key", 2);
    expect([stores("AC1").read("key"), stores("AC2").all()]).toEqual([1, [2]]);
    for (const name of readdirSync(folder)) setAge(join(folder, name), 8 * 24);
    noteStores(folder)("AC3").write("key", 3);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("removes a journal that nobody has written to for a week", () => {
    open().write("key", 1);
    setAge(onlyJournal(), 8 * 24);
    open();
    expect(journals()).toEqual([]);
  });

  it.each([
    ["a line that was cut", '\n{"k":"0123","n":7,"at":1,"v":{"ha'],
    ["text", "\nhello"],
    ["lines of another form", '\n[]\nnull\n{"k":1,"n":2}\n{"k":"x","n":0.5,"at":0,"v":1}'],
  ])("ignores %s, and what follows is whole", (_what, text) => {
    const notes = open();
    notes.write("before", 1);
    appendFileSync(onlyJournal(), text);
    notes.write("after", 2);
    expect(open().all().sort()).toEqual([1, 2]);
  });

  it("does not show the key in its files", () => {
    open().write("urn:pulumi:dev::secret-project", 1);
    expect(onlyJournal() + readFileSync(onlyJournal(), "utf8")).not.toContain("secret-project");
  });
});

describe("the journals on the disk", () => {
  it("have nothing left after a run whose notes are removed", () => {
    const notes = open();
    for (let count = 0; count < 100; count += 1) notes.write(`key ${count}`, count);
    for (let count = 0; count < 100; count += 1) notes.remove(`key ${count}`);
    expect(linesIn(onlyJournal())).toBe(200);
    notes.tidy?.();
    expect(journals()).toEqual([]);
    notes.write("key", 1);
    expect(open().read("key")).toBe(1);
  });

  it("have one line for each note that is left, and for each removal of a note in another journal", () => {
    const other = open();
    other.write("theirs", 1);
    other.write("kept", 2);
    const notes = open();
    for (const value of [3, 4, 5]) notes.write("mine", value);
    notes.write("done", 6);
    notes.remove("done");
    notes.remove("theirs");
    notes.tidy?.();
    expect(journals().map(linesIn)).toEqual([2, 2]);
    expect(open().all().sort()).toEqual([2, 5]);
  });

  it("are merged where many processes have left one, except those that may still be used", () => {
    const recent = open();
    for (let count = 0; count < 12; count += 1) open().write(`key ${count}`, count);
    open().remove("key 3");
    for (const file of journals()) setAge(file, 2);
    recent.write("recent", "r");
    const merging = open();
    expect(journals()).toHaveLength(2);
    // Of the note that was removed, nothing is left.
    expect(journals().map(linesIn).sort()).toEqual([1, 11]);
    const expected = [0, 1, 10, 11, 2, 4, 5, 6, 7, 8, 9, "r"];
    for (const store of [merging, recent, open()]) expect(store.all().sort()).toEqual(expected);
    recent.write("key 5", "new");
    expect([merging.read("key 5"), open().read("key 5")]).toEqual(["new", "new"]);
  });

  it("keep a removal where another journal still has the note", () => {
    const recent = open();
    recent.write("key", 1);
    const remover = open();
    remover.remove("key");
    for (let count = 0; count < 9; count += 1) open().write(`key ${count}`, count);
    for (const file of journals()) if (!readFileSync(file, "utf8").includes('"v":1}')) setAge(file, 2);
    const merging = open();
    expect(merging.read("key")).toBeUndefined();
    expect(open().read("key")).toBeUndefined();
  });

  it("are not merged while they are few", () => {
    for (let count = 0; count < 8; count += 1) open().write(`key ${count}`, count);
    for (const file of journals()) setAge(file, 2);
    open();
    expect(journals()).toHaveLength(8);
  });

  it("keep the notes of a process that has paused so long that its journal was merged", () => {
    const paused = open();
    paused.write("mine", 1);
    for (let count = 0; count < 9; count += 1) open().write(`key ${count}`, count);
    for (const file of journals()) setAge(file, 2);
    open();
    paused.write("next", 2);
    for (const store of [paused, open()]) expect([store.read("mine"), store.read("next"), store.read("key 4")]).toEqual([1, 2, 4]);
    paused.tidy?.();
    expect(open().all()).toHaveLength(11);
  });

  it("say where a note cannot be written, and keep what was written before", () => {
    const notes = open();
    notes.write("key", 1);
    const own = account();
    rmSync(own, { recursive: true });
    writeFileSync(own, "");
    expect(notes.write("other", 2)).toBe(false);
    expect([notes.read("other"), notes.read("key")]).toEqual([undefined, 1]);
    notes.remove("key");
    notes.tidy?.();
    expect(readFileSync(own, "utf8")).toBe("");
  });
});
