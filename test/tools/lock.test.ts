import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withLock } from "../../tools/engine/lock.mts";

describe("withLock", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lock-"));
    path = join(folder, "work.lock");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("runs one task at a time, and reports the holder once to each waiting task", async () => {
    let running = 0;
    let most = 0;
    const onWait = vi.fn();
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(path, work, { onWait })));
    expect(most).toBe(1);
    expect(onWait.mock.calls).toEqual([[process.pid], [process.pid]]);
    expect(await readdir(folder)).toEqual([]);
  });

  it("releases the lock if the task fails", async () => {
    await expect(withLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withLock(path, async () => "next")).toBe("next");
  });

  it("takes over the lock of a process that died", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname() }));
    expect(await withLock(path, async () => "mine")).toBe("mine");
  });

  it("takes over the lock of a process on another machine after its heartbeat stopped", async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, host: "elsewhere" }));
    const minuteAgo = new Date(Date.now() - 60_000);
    await utimes(path, minuteAgo, minuteAgo);
    expect(await withLock(path, async () => "mine")).toBe("mine");
  });

  it("stops waiting when the signal is aborted", async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() }));
    const abort = new AbortController();
    const waiting = withLock(path, async () => "never", { signal: abort.signal, onWait: () => abort.abort() });
    await expect(waiting).rejects.toThrow();
  });
});
