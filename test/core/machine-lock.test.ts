import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { withMachineLock } from "../../src/core/process/machine-lock";

const pause = async (ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms / 10));
  return true;
};

/** Runs a task per key and returns the order in which they began and ended. */
function tasks(keys: readonly string[], wait = pause) {
  const events: string[] = [];
  const done = Promise.all(
    keys.map((key, index) =>
      withMachineLock(key, wait, async () => {
        events.push(`begin ${index}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push(`end ${index}`);
      }),
    ),
  );
  return done.then(() => events);
}

const lockOf = (key: string) => {
  const folder = join(homedir(), ".cache", "pulumi-twilio-conversations", "locks");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`);
};

describe("withMachineLock", () => {
  it("runs one task per key at a time", async () => {
    const key = randomUUID();
    const events = await tasks([key, key, key]);
    for (let index = 0; index < events.length; index += 2) expect(events[index + 1]).toBe(events[index]?.replace("begin", "end"));
  });

  it("runs tasks with different keys concurrently", async () => {
    const events = await tasks([randomUUID(), randomUUID()]);
    expect(events.slice(0, 2)).toEqual(["begin 0", "begin 1"]);
  });

  it("takes over the lock of a dead process", async () => {
    const key = randomUUID();
    const pid = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
    for (const left of [{ instance: "token" }, {}]) {
      writeFileSync(lockOf(key), JSON.stringify({ ...left, pid, host: hostname() }));
      expect(await tasks([key])).toEqual(["begin 0", "end 0"]);
      expect(existsSync(lockOf(key))).toBe(false);
    }
  });

  it("takes over an old lock whose process ID belongs to another process by now", async () => {
    const key = randomUUID();
    writeFileSync(lockOf(key), JSON.stringify({ instance: "token", pid: process.ppid, host: hostname() }));
    const then = Date.now() / 1000 - 3600;
    utimesSync(lockOf(key), then, then);
    expect(await tasks([key])).toEqual(["begin 0", "end 0"]);
    expect(existsSync(lockOf(key))).toBe(false);
  });

  it("waits for the lock of a live process as long as `wait` allows", async () => {
    const key = randomUUID();
    writeFileSync(lockOf(key), JSON.stringify({ instance: "token", pid: process.ppid, host: hostname() }));
    let looks = 0;
    const events = await tasks([key], async () => {
      looks += 1;
      return looks < 5;
    });
    expect(looks).toBe(5);
    expect(events).toEqual(["begin 0", "end 0"]);
    // The lock still belongs to the other process.
    expect(existsSync(lockOf(key))).toBe(true);
  });

  it("names the lock in the error of a task that had no time to wait for it", async () => {
    const key = randomUUID();
    const failing = () =>
      withMachineLock(
        key,
        async () => false,
        () => Promise.reject(new Error("not sent")),
      );
    await expect(failing()).rejects.toThrow(/^not sent$/);
    writeFileSync(lockOf(key), JSON.stringify({ instance: "token", pid: process.ppid, host: hostname() }));
    await expect(failing()).rejects.toThrow(`not sent\n  Another process of this user holds the lock ${lockOf(key)}.`);
  });

  describe("is not blocked by another user, who", () => {
    /** A machine of its own: its home and its temporary folder. */
    function machine() {
      const root = mkdtempSync(join(tmpdir(), "twilio-machine-"));
      const [home, temporary] = [join(root, "home"), join(root, "tmp")];
      for (const folder of [home, temporary]) mkdirSync(folder);
      vi.stubEnv("HOME", home);
      vi.stubEnv("TMPDIR", temporary);
      onTestFinished(() => {
        vi.unstubAllEnvs();
        rmSync(root, { recursive: true });
      });
      const ours = join(home, ".cache", "pulumi-twilio-conversations", "locks");
      return { root, home, ours, shared: join(temporary, `pulumi-twilio-conversations-${process.getuid?.()}`) };
    }
    /** The files that a task sees beside its lock. */
    async function seen(folder: string) {
      let files: string[] = [];
      const never = () => expect.unreachable("the task waits");
      await withMachineLock("key", never, async () => {
        files = readdirSync(folder);
      });
      return files;
    }
    const planted = JSON.stringify({ instance: "theirs", pid: process.ppid, host: hostname() });
    const name = `${createHash("sha256").update("key").digest("hex").slice(0, 32)}.lock`;

    it("has created a lock in the temporary folder", async () => {
      const { ours, shared } = machine();
      mkdirSync(shared, { mode: 0o777 });
      writeFileSync(join(shared, name), planted);
      expect(await seen(ours)).toEqual([name]);
      expect(existsSync(join(shared, name))).toBe(true);
    });

    it("has left the cache folder unwritable, and then a lock in a folder that anyone can write to, or a link", async () => {
      const { root, ours, home, shared } = machine();
      writeFileSync(join(home, ".cache"), "not a folder");
      expect(await seen(shared)).toEqual([name]);
      rmSync(shared, { recursive: true });
      mkdirSync(shared);
      chmodSync(shared, 0o777);
      writeFileSync(join(shared, name), planted);
      expect(await seen(root)).toEqual(["home", "tmp"]);
      rmSync(shared, { recursive: true });
      symlinkSync(root, shared);
      expect(await seen(root)).toEqual(["home", "tmp"]);
      expect(existsSync(ours)).toBe(false);
    });
  });
});
