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

const only = (of: string) => join(of, readdirSync(of)[0] as string);
const onlyFile = () => only(only(folder));

describe("the note store", () => {
  it("lists its notes, and reports a note that it could not write", () => {
    const memory = noteStores(folder)("here");
    expect([memory.write("a", { at: 1 }), memory.write("b", { at: 2 })]).toEqual([true, true]);
    expect(memory.all()).toEqual(expect.arrayContaining([{ at: 1 }, { at: 2 }]));
    memory.remove("a");
    expect(memory.all()).toEqual([{ at: 2 }]);
    const nowhere = noteStores("/dev/null/notes")("here");
    expect(nowhere.write("a", {})).toBe(false);
    expect(nowhere.read("a")).toBeUndefined();
  });

  it("keeps notes after the process that wrote them has ended", () => {
    noteStores(folder)("here").write("a key / with anything", { number: "+1", at: "now" });
    expect(noteStores(folder)("here").read("a key / with anything")).toEqual({ number: "+1", at: "now" });
  });

  it("creates its folder, accessible to the user only", () => {
    const deep = join(folder, "a", "b");
    noteStores(deep)("here").write("key", 1);
    expect(noteStores(deep)("here").read("key")).toBe(1);
    expect(statSync(deep).mode & 0o077).toBe(0);
  });

  it("returns undefined for an unknown key, even if the folder is missing", () => {
    expect(noteStores(folder)("here").read("key")).toBeUndefined();
    expect(noteStores(join(folder, "none"))("here").read("key")).toBeUndefined();
  });

  it("removes the given key only", () => {
    const memory = noteStores(folder)("here");
    memory.write("a", 1);
    memory.write("b", 2);
    memory.remove("a");
    memory.remove("never known");
    expect([memory.read("a"), memory.read("b")]).toEqual([undefined, 2]);
    expect(noteStores(folder)("here").read("a")).toBeUndefined();
  });

  it("expires a note after a week, and not before", () => {
    const aged = (days: number) => {
      noteStores(folder)("here").write("key", days);
      const then = Date.now() / 1000 - days * 86_400;
      utimesSync(onlyFile(), then, then);
      return noteStores(folder)("here").read("key");
    };
    expect(aged(6)).toBe(6);
    expect(aged(8)).toBeUndefined();
    expect(readdirSync(only(folder))).toEqual([]);
  });

  it("keeps accounts separate, and removes the notes of an account after a week without use", () => {
    const memories = noteStores(folder);
    memories("AC1").write("key", 1);
    expect(memories("AC2").read("key")).toBeUndefined();
    memories("AC2").write("key", 2);
    expect([memories("AC1").read("key"), memories("AC2").all()]).toEqual([1, [2]]);
    const then = Date.now() / 1000 - 8 * 86_400;
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), then, then);
    noteStores(folder)("AC3").write("key", 3);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("ignores a corrupt note", () => {
    noteStores(folder)("here").write("key", 1);
    writeFileSync(onlyFile(), '{"half');
    expect(noteStores(folder)("here").read("key")).toBeUndefined();
  });

  it("writes complete files, whose names do not reveal the key", () => {
    noteStores(folder)("here").write("urn:pulumi:dev::secret-project", 1);
    expect(readdirSync(only(folder))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
    expect(readFileSync(onlyFile(), "utf8")).toBe("1");
  });
});
