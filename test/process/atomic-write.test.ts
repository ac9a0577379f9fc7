import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeAtomically } from "../../src/process/atomic-write";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twilio-write-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a file that is written in one step", () => {
  it("is for its owner only, and no other file stays", () => {
    const path = join(folder, "file");
    for (const text of ["old", "new"]) writeAtomically(path, text);
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("leaves nothing behind where it cannot be put in its place", () => {
    const path = join(folder, "folder");
    mkdirSync(path);
    writeFileSync(join(path, "file"), "");
    expect(() => writeAtomically(path, "text")).toThrow(/rename/);
    expect(readdirSync(folder)).toEqual(["folder"]);
  });
});

describe.runIf(process.platform === "linux")("on a full disk", () => {
  /** Runs a script in a process whose files cannot grow. */
  function onFullDisk(script: string): string {
    const dist = join(import.meta.dirname, "..", "..", "dist", "process");
    const code = `const load = (name) => require(${JSON.stringify(dist)} + "/" + name); const folder = ${JSON.stringify(folder)}; ${script}`;
    return execFileSync("sh", ["-c", 'ulimit -S -f 0; exec "$@"', "sh", process.execPath, "-e", code], { encoding: "utf8" });
  }

  it.each([
    ["a file", 'load("atomic-write").writeAtomically(folder + "/file", "text")'],
    ["a lock", 'const lock = load("pid-lock"); lock.tryLock(folder + "/lock.json", lock.newHolder())'],
  ])("%s is written as a whole or not at all", (_what, write) => {
    expect(onFullDisk(`try { ${write} } catch (error) { process.stdout.write(error.code) }`)).toMatch(/^(EFBIG|ENOSPC)$/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
