import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMemory } from "../../src/core/memory";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "notes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const onlyFile = () => join(folder, readdirSync(folder)[0] as string);

describe("the memory", () => {
  it("tells all that it holds, and says when it could not hold a thing", () => {
    const memory = openMemory(folder);
    expect([memory.remember("a", { at: 1 }), memory.remember("b", { at: 2 })]).toEqual([true, true]);
    expect(memory.all()).toEqual(expect.arrayContaining([{ at: 1 }, { at: 2 }]));
    memory.forget("a");
    expect(memory.all()).toEqual([{ at: 2 }]);
    const nowhere = openMemory("/dev/null/notes");
    expect(nowhere.remember("a", {})).toBe(false);
    expect(nowhere.recall("a")).toBeUndefined();
  });

  it("outlives the process that wrote into it", () => {
    openMemory(folder).remember("a key / with anything", { number: "+1", at: "now" });
    expect(openMemory(folder).recall("a key / with anything")).toEqual({ number: "+1", at: "now" });
  });

  it("makes its folder, for the user alone", () => {
    const deep = join(folder, "a", "b");
    openMemory(deep).remember("key", 1);
    expect(openMemory(deep).recall("key")).toBe(1);
    expect(statSync(deep).mode & 0o077).toBe(0);
  });

  it("knows nothing of what it was not told, in a folder that is not there too", () => {
    expect(openMemory(folder).recall("key")).toBeUndefined();
    expect(openMemory(join(folder, "none")).recall("key")).toBeUndefined();
  });

  it("forgets what it is told to, and only that", () => {
    const memory = openMemory(folder);
    memory.remember("a", 1);
    memory.remember("b", 2);
    memory.forget("a");
    memory.forget("never known");
    expect([memory.recall("a"), memory.recall("b")]).toEqual([undefined, 2]);
    expect(openMemory(folder).recall("a")).toBeUndefined();
  });

  it("forgets by itself after a week, and not before", () => {
    const aged = (days: number) => {
      openMemory(folder).remember("key", days);
      const then = Date.now() / 1000 - days * 86_400;
      utimesSync(onlyFile(), then, then);
      return openMemory(folder).recall("key");
    };
    expect(aged(6)).toBe(6);
    expect(aged(8)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes a note that was spoilt for none", () => {
    openMemory(folder).remember("key", 1);
    writeFileSync(onlyFile(), '{"half');
    expect(openMemory(folder).recall("key")).toBeUndefined();
  });

  it("leaves nothing half written, and no name of a key in the folder", () => {
    openMemory(folder).remember("urn:pulumi:dev::secret-project", 1);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.json$/)]);
    expect(readFileSync(onlyFile(), "utf8")).toBe("1");
  });
});
