import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMemories } from "../../src/core/memory";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const only = (of: string) => join(of, readdirSync(of)[0] as string);
const onlyFile = () => only(only(folder));

describe("the memory", () => {
  it("tells all that it holds, and says when it could not hold a thing", () => {
    const memory = openMemories(folder)("here");
    expect([memory.remember("a", { at: 1 }), memory.remember("b", { at: 2 })]).toEqual([true, true]);
    expect(memory.all()).toEqual(expect.arrayContaining([{ at: 1 }, { at: 2 }]));
    memory.forget("a");
    expect(memory.all()).toEqual([{ at: 2 }]);
    const nowhere = openMemories("/dev/null/notes")("here");
    expect(nowhere.remember("a", {})).toBe(false);
    expect(nowhere.recall("a")).toBeUndefined();
  });

  it("outlives the process that wrote into it", () => {
    openMemories(folder)("here").remember("a key / with anything", { number: "+1", at: "now" });
    expect(openMemories(folder)("here").recall("a key / with anything")).toEqual({ number: "+1", at: "now" });
  });

  it("makes its folder, for the user alone", () => {
    const deep = join(folder, "a", "b");
    openMemories(deep)("here").remember("key", 1);
    expect(openMemories(deep)("here").recall("key")).toBe(1);
    expect(statSync(deep).mode & 0o077).toBe(0);
  });

  it("knows nothing of what it was not told, in a folder that is not there too", () => {
    expect(openMemories(folder)("here").recall("key")).toBeUndefined();
    expect(openMemories(join(folder, "none"))("here").recall("key")).toBeUndefined();
  });

  it("forgets what it is told to, and only that", () => {
    const memory = openMemories(folder)("here");
    memory.remember("a", 1);
    memory.remember("b", 2);
    memory.forget("a");
    memory.forget("never known");
    expect([memory.recall("a"), memory.recall("b")]).toEqual([undefined, 2]);
    expect(openMemories(folder)("here").recall("a")).toBeUndefined();
  });

  it("forgets by itself after a week, and not before", () => {
    const aged = (days: number) => {
      openMemories(folder)("here").remember("key", days);
      const then = Date.now() / 1000 - days * 86_400;
      utimesSync(onlyFile(), then, then);
      return openMemories(folder)("here").recall("key");
    };
    expect(aged(6)).toBe(6);
    expect(aged(8)).toBeUndefined();
    expect(readdirSync(only(folder))).toEqual([]);
  });

  it("of one account knows nothing of another's, and is removed when nobody has used it for a week", () => {
    const memories = openMemories(folder);
    memories("AC1").remember("key", 1);
    expect(memories("AC2").recall("key")).toBeUndefined();
    memories("AC2").remember("key", 2);
    expect([memories("AC1").recall("key"), memories("AC2").all()]).toEqual([1, [2]]);
    const then = Date.now() / 1000 - 8 * 86_400;
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), then, then);
    openMemories(folder)("AC3").remember("key", 3);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it("takes a note that was spoilt for none", () => {
    openMemories(folder)("here").remember("key", 1);
    writeFileSync(onlyFile(), '{"half');
    expect(openMemories(folder)("here").recall("key")).toBeUndefined();
  });

  it("leaves nothing half written, and no name of a key in the folder", () => {
    openMemories(folder)("here").remember("urn:pulumi:dev::secret-project", 1);
    expect(readdirSync(only(folder))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
    expect(readFileSync(onlyFile(), "utf8")).toBe("1");
  });
});
