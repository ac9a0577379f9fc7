import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAbandoned, type LockHolder, tryLock } from "../../src/process/pid-lock";

describe("whether a lock is abandoned", () => {
  /** A process that has ended. */
  const { pid: ended } = spawnSync(process.execPath, ["-e", ""]);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "twilio-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Asks about the lock of a holder, whose file is this old. */
  function isGone(holder: Omit<LockHolder, "instance">, ageMs = 0, maxAgeMs?: number): boolean {
    const path = join(folder, "lock.json");
    const held = { instance: "it", ...holder };
    tryLock(path, held);
    const date = new Date(Date.now() - ageMs);
    utimesSync(path, date, date);
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
});
