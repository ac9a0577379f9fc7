import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noteStores } from "../../src/core/process/notes";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const onlyEntry = (parent: string) => join(parent, readdirSync(parent)[0] as string);
const onlyNote = () => onlyEntry(onlyEntry(folder));

describe("the note store", () => {
  it("lists its notes, and reports a note that it could not write", () => {
    const notes = noteStores(folder)("here");
    expect([notes.write("a", { at: 1 }), notes.write("b", { at: 2 })]).toEqual([true, true]);
    expect(notes.all()).toEqual(expect.arrayContaining([{ at: 1 }, { at: 2 }]));
    notes.remove("a");
    expect(notes.all()).toEqual([{ at: 2 }]);
    const nowhere = noteStores("/dev/null/notes")("here");
    expect(nowhere.write("a", {})).toBe(false);
    expect(nowhere.read("a")).toBeUndefined();
  });

  it("keeps notes after the process that wrote them has ended", () => {
    noteStores(folder)("here").write("a key / with anything", { number: "+1", at: "now" });
    expect(noteStores(folder)("here").read("a key / with anything")).toEqual({ number: "+1", at: "now" });
  });

  it("creates its folder, accessible to the user only", () => {
    const nested = join(folder, "a", "b");
    noteStores(nested)("here").write("key", 1);
    expect(noteStores(nested)("here").read("key")).toBe(1);
    expect(statSync(nested).mode & 0o077).toBe(0);
  });

  it("returns undefined for an unknown key, even if the folder is missing", () => {
    expect(noteStores(folder)("here").read("key")).toBeUndefined();
    expect(noteStores(join(folder, "none"))("here").read("key")).toBeUndefined();
  });

  it("removes the given key only", () => {
    const notes = noteStores(folder)("here");
    notes.write("a", 1);
    notes.write("b", 2);
    notes.remove("a");
    notes.remove("never known");
    expect([notes.read("a"), notes.read("b")]).toEqual([undefined, 2]);
    expect(noteStores(folder)("here").read("a")).toBeUndefined();
  });

  it("expires a note after a week, and not before", () => {
    const readAfter = (days: number) => {
      noteStores(folder)("here").write("key", days);
      const lastWrite = Date.now() / 1000 - days * 86_400;
      utimesSync(onlyNote(), lastWrite, lastWrite);
      return noteStores(folder)("here").read("key");
    };
    expect(readAfter(6)).toBe(6);
    expect(readAfter(8)).toBeUndefined();
    expect(readdirSync(onlyEntry(folder))).toEqual([]);
  });

  it("keeps accounts separate, and removes the notes of an account after a week without use", () => {
    const stores = noteStores(folder);
    stores("AC1").write("key", 1);
    expect(stores("AC2").read("key")).toBeUndefined();
    stores("AC2").write("key", 2);
    expect([stores("AC1").read("key"), stores("AC2").all()]).toEqual([1, [2]]);
    const lastWrite = Date.now() / 1000 - 8 * 86_400;
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), lastWrite, lastWrite);
    noteStores(folder)("AC3").write("key", 3);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("ignores a corrupt note", () => {
    noteStores(folder)("here").write("key", 1);
    writeFileSync(onlyNote(), '{"half');
    expect(noteStores(folder)("here").read("key")).toBeUndefined();
  });

  it("writes complete files, whose names do not reveal the key", () => {
    noteStores(folder)("here").write("urn:pulumi:dev::secret-project", 1);
    expect(readdirSync(onlyEntry(folder))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
    expect(readFileSync(onlyNote(), "utf8")).toBe("1");
  });
});
