import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { isAbandoned, isAlive, type LockHolder, newHolder, removeAbandoned, tryLock } from "../../src/process/pid-lock";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twilio-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Makes a file this old. */
function age(path: string, ms: number): void {
  const date = new Date(Date.now() - ms);
  utimesSync(path, date, date);
}

describe("whether a lock is abandoned", () => {
  /** A process that has ended. */
  const { pid: ended } = spawnSync(process.execPath, ["-e", ""]);

  /** Asks about the lock of a holder, whose file is this old. */
  function isGone(holder: Omit<LockHolder, "instance">, ageMs = 0, maxAgeMs?: number): boolean {
    const path = join(folder, "lock.json");
    const held = { instance: "it", ...holder };
    tryLock(path, held);
    age(path, ageMs);
    return isAbandoned(path, held, maxAgeMs);
  }

  it.each<[string, boolean, Omit<LockHolder, "instance">]>([
    ["of a live process of this host", false, { host: hostname(), pid: process.pid }],
    ["of an ended process of this host", true, { host: hostname(), pid: ended }],
    ["of another host, where the process cannot be checked: two containers may share a folder", false, { host: "another", pid: ended }],
  ])("%s: %s", (_, expected, holder) => expect(isGone(holder)).toBe(expected));

  it("of another host only if the file is older than the limit", () => {
    expect(isGone({ host: "another", pid: ended }, 50_000, 60_000)).toBe(false);
    expect(isGone({ host: "another", pid: ended }, 70_000, 60_000)).toBe(true);
  });

  it("that names no holder only after two seconds: its process may be writing it", () => {
    const path = join(folder, "lock.json");
    writeFileSync(path, "");
    age(path, 1_000);
    expect(isAbandoned(path, undefined)).toBe(false);
    age(path, 3_000);
    expect(isAbandoned(path, undefined)).toBe(true);
  });
});

describe("the lock of a holder that is gone", () => {
  const gone = newHolder();
  const paths = () => [join(folder, "lock.json"), join(folder, "lock.json.takeover")] as const;

  it("is removed, and no other file stays", () => {
    const [lock] = paths();
    tryLock(lock, gone);
    removeAbandoned(lock, gone);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not removed where a faster process has taken it over", () => {
    const [lock] = paths();
    const faster = newHolder();
    tryLock(lock, faster);
    removeAbandoned(lock, gone);
    expect(JSON.parse(readFileSync(lock, "utf8")).instance).toBe(faster.instance);
    expect(readdirSync(folder)).toEqual(["lock.json"]);
  });

  it("is left to the process that is removing it, unless that was killed meanwhile", () => {
    const [lock, guard] = paths();
    tryLock(lock, gone);
    writeFileSync(guard, "");
    removeAbandoned(lock, gone);
    expect(readdirSync(folder).sort()).toEqual(["lock.json", "lock.json.takeover"]);
    age(guard, 3_000);
    for (let times = 0; times < 2; times++) removeAbandoned(lock, gone);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a process", () => {
  it("is alive until it ends", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
    expect(isAlive(child.pid as number)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(child.pid as number)).toBe(false);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("is not alive after its end, although its parent has not noticed", async () => {
    // The shell becomes `sleep`, which waits for no children; the child ends after that.
    const parent = spawn("sh", ["-c", "cat <&3 & echo $!; exec sleep 60 3<&-"], { stdio: ["ignore", "pipe", "ignore", "pipe"] });
    onTestFinished(() => void parent.kill("SIGKILL"));
    const stdout = parent.stdout as Readable;
    const [line] = await once(stdout, "data");
    const pid = Number(String(line));
    const name = () => readFileSync(`/proc/${parent.pid}/comm`, "utf8");
    await vi.waitFor(() => expect(name()).toBe("sleep\n"), { timeout: 10_000, interval: 20 });
    expect(isAlive(pid)).toBe(true);
    (parent.stdio[3] as Writable).end();
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^State:\s+Z/m), { timeout: 10_000, interval: 20 });
    expect(isAlive(pid)).toBe(false);
  });
});
