import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type LockFile, problemsOf } from "../../tools/audit/lock-file.mts";

const root = join(import.meta.dirname, "..", "..");
const integrity = `sha512-${"A".repeat(86)}==`;
const good = { version: "1.2.3", integrity, license: "MIT" };
const problems = (entry: object, path = "node_modules/x") =>
  problemsOf({ packages: { "": {}, [path]: { ...good, ...entry } } } as LockFile);

describe("the audit of the lock file", () => {
  it.each<[string, object, string]>([
    ["no integrity", { integrity: undefined }, "SHA-512 integrity"],
    ["a weak integrity", { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }, "SHA-512 integrity"],
    ["another host", { resolved: "https://evil.example/x.tgz" }, "must come from https://registry.npmjs.org/"],
    ["a similar host", { resolved: "https://registry.npmjs.org.evil.example/x.tgz" }, "must come from"],
    ["a repository", { resolved: "git+ssh://git@github.com/x/y.git#1" }, "must come from"],
    ["a folder", { link: true, resolved: "../elsewhere" }, "must not be a link"],
    ["no version", { version: undefined }, "must have a version"],
    ["no license", { license: undefined }, "permissive license, because it is installed with the package; it has none"],
    ["a copyleft license", { license: "GPL-3.0" }, "it has GPL-3.0"],
    ["a tool's license in the package", { license: "MPL-2.0" }, "it has MPL-2.0"],
    ["a copyleft license among others", { license: "(MIT AND GPL-2.0)", dev: true }, "permissive license; it has (MIT AND GPL-2.0)"],
  ])("refuses a package with %s", (_what, entry, problem) => {
    expect(problems(entry)).toEqual([expect.stringContaining(problem)]);
  });

  it("accepts what npm writes", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ resolved: "https://registry.npmjs.org/x/-/x-1.2.3.tgz", license: "(MIT OR CC0-1.0)" })).toEqual([]);
    expect(problems({ license: "MPL-2.0", dev: true })).toEqual([]);
    expect(problemsOf({ packages: { "node_modules/self": { link: true, resolved: "" } } })).toEqual([]);
  });

  it("finds nothing in this repository's lock file, and something in one without an integrity", () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [join(root, "tools/audit/main.mts"), ...args], { encoding: "utf8" });
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { integrity?: string }> };
    delete lock.packages["node_modules/ws"]?.integrity;
    expect(problemsOf(lock)).toEqual([expect.stringMatching(/^node_modules\/ws: must have a SHA-512 integrity/)]);
    expect(run(join(root, "package.json")).status).not.toBe(0);
  });

  it("runs in npm run check", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
    expect(scripts.check).toContain("npm run check:lock");
    expect(scripts["check:lock"]).toBe("node tools/audit/main.mts");
  });
});
